/** Messages of mailed codes in German: the pages, and the mails. */
export const code_texts_de = {
  way_code: "Code per E-Mail",
  code_heading_sign_in: "Mit einem Code anmelden",
  code_lead: "Wir schicken einen sechsstelligen Code an Ihre E-Mail-Adresse.",
  code_address: "E-Mail",
  code_address_invalid: "Geben Sie eine E-Mail-Adresse ein, etwa ada@example.com.",
  code_send: "Code schicken",
  code_check_mail: "Sehen Sie in Ihre Mails",
  code_sent_sign_in:
    "Wenn {address} hier ein Konto hat, haben wir gerade einen sechsstelligen Code dorthin geschickt. Er gilt {time} lang.",
  code_label: "Code aus der Mail",
  code_button_sign_in: "Anmelden",
  code_wrong:
    "Das ist nicht der Code aus der Mail. Sehen Sie noch einmal nach, oder lassen Sie sich einen neuen schicken.",
  code_used: "Dieser Code wurde schon benutzt. Lassen Sie sich einen neuen schicken.",
  code_too_many: "Zu viele falsche Codes. Lassen Sie sich einen neuen schicken.",
  code_expired:
    "Dieser Code ist abgelaufen, es ist nichts geschehen. Lassen Sie sich einen neuen schicken.",
  code_wait: "Wir haben Ihnen eine Mail geschickt. Eine weitere können Sie in {time} anfordern.",
  code_throttled:
    "Hier wurden viele Mails angefordert. Eine weitere können Sie in {time} anfordern.",
  code_nothing: "Nach einer Minute noch nichts da? Sehen Sie im Spam-Ordner nach, oder:",
  code_again: "Noch einmal schicken",
  code_sent_again:
    "Eine weitere Mail ist unterwegs. In diesem Fenster gilt nur noch der Code aus ihr.",
  code_other_way: "Anders anmelden",
  code_elsewhere_heading: "Ihr Code",
  code_elsewhere: "Tippen Sie ihn dort ein, wo Sie angefangen haben.",
  code_elsewhere_warning:
    "Haben Sie nichts angefangen? Schließen Sie diese Seite, und sagen Sie den Code niemandem.",

  mail_code_subject: "Ihr Code für {product}",
  mail_code_sign_in: "Tippen Sie diesen Code dort ein, wo Sie sich anmelden wollten:",
  mail_code_link: "Code benutzen",
  mail_code_life: "Er gilt einmal, {time} lang.",
  mail_code_ignore:
    "Waren Sie das nicht? Dann ist nichts zu tun: Ohne den Code kommt niemand hinein. Sagen Sie ihn niemandem, wer auch fragt.",
};
