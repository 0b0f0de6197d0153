/** Messages of the device pages in German. */
export const device_texts_de = {
  device_title: "Gerät verbinden",
  device_heading: "Gerät verbinden",
  device_lead: "Geben Sie den Code ein, den Ihr Fernseher, Lautsprecher oder Terminal zeigt.",
  device_code: "Code auf dem Gerät",
  device_continue: "Weiter",
  device_warning:
    "Kam dieser Code in einer Nachricht oder einem Anruf? Dann hören Sie hier auf: Jemand versucht vielleicht, an Ihr Konto zu kommen.",
  device_wrong:
    "Kein Gerät zeigt diesen Code. Prüfen Sie ihn, oder holen Sie auf dem Gerät einen neuen: Ein Code gilt {time}.",
  device_too_many:
    "Hier wurden zu viele Codes versucht. Warten Sie {time} und holen Sie dann auf dem Gerät einen neuen Code.",
  device_is_yours: "Machen Sie nur weiter, wenn das Gerät vor Ihnen steht und diesen Code zeigt.",
  device_must_show: "Das Gerät muss zeigen",
  device_asked_label: "Gefragt hat es",
  device_asked: "vor {time}, aus dem Netz {address}",
  device_asked_here: "vor {time}, aus dem Netz, in dem Sie sind ({address})",
  device_connected: "Ihr Gerät ist verbunden",
  device_connected_lead:
    "Machen Sie dort weiter: {app} braucht vielleicht ein paar Sekunden. Sie können diese Seite schließen.",
  device_refused: "Ihr Gerät ist nicht verbunden",
  device_refused_lead: "{app} bekommt keinen Zugriff. Sie können diese Seite schließen.",
} as const;
