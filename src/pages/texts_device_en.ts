/** Messages of the device pages in English. */
export const device_texts_en = {
  device_title: "Connect a device",
  device_heading: "Connect a device",
  device_lead: "Enter the code that your television, speaker or terminal shows.",
  device_code: "Code on the device",
  device_continue: "Continue",
  device_warning:
    "Did this code reach you in a message or a call? Then stop here: someone may be trying to get into your account.",
  device_wrong:
    "This code does not work, or not any more. Check it, or get a new one on the device: a code works once, for {time}.",
  device_too_many:
    "Too many codes were tried from here. Wait {time}, then enter the code that the device shows.",
  device_is_yours: "Allow only if the device in front of you shows {code}.",
  device_asked: "Asked {time} ago",
  device_asked_from: "Asked {time} ago, {network}",
  device_asked_here: "from the same network",
  device_asked_elsewhere: "from another network",
  device_connected: "Your device is connected",
  device_connected_lead: "Go on there: it may take a few seconds. You can close this page.",
  device_refused: "Your device is not connected",
  device_refused_lead: "{app} gets no access by this code. You can close this page.",
} as const;
