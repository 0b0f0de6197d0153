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
    "Dieser Code gilt nicht, oder nicht mehr. Prüfen Sie ihn, oder holen Sie auf dem Gerät einen neuen: Ein Code gilt einmal und {time} lang.",
  device_too_many:
    "Von hier aus wurden zu viele Codes versucht. Warten Sie {time} und geben Sie dann den Code ein, den das Gerät zeigt.",
  device_is_yours: "Erlauben Sie es nur, wenn das Gerät vor Ihnen {code} zeigt.",
  device_asked: "Gefragt vor {time}",
  device_asked_from: "Gefragt vor {time}, {network}",
  device_asked_here: "aus demselben Netz",
  device_asked_elsewhere: "aus anderem Netz",
  device_connected: "Ihr Gerät ist verbunden",
  device_connected_lead:
    "Machen Sie dort weiter: Es dauert vielleicht ein paar Sekunden. Sie können diese Seite schließen.",
  device_refused: "Ihr Gerät ist nicht verbunden",
  device_refused_lead:
    "{app} bekommt durch diesen Code keinen Zugriff. Sie können diese Seite schließen.",
} as const;
