/** Messages of a sign-up with a proven address in German: the pages, and the mails. */
export const sign_up_texts_de = {
  code_heading_sign_up: "Konto anlegen",
  code_lead_sign_up:
    "Wir schicken zuerst eine Mail an Ihre Adresse, um zu sehen, dass sie Ihnen gehört.",
  code_sent_sign_up:
    "Wir haben gerade eine Mail an {address} geschickt: mit einem sechsstelligen Code, oder mit dem Weg hinein, wenn Sie hier schon ein Konto haben. Ein Code gilt {time} lang.",
  code_button_sign_up: "Weiter",
  proven_address: "Ihre Adresse ist {address}. Sie können sich immer mit ihr anmelden.",
  address_taken_heading: "Sie haben schon ein Konto",
  address_taken:
    "Inzwischen gibt es ein Konto mit {address}. Vielleicht haben Sie es in einem anderen Fenster angelegt.",
  address_taken_reset: "Ein neues Passwort setzen",

  mail_code_sign_up: "Tippen Sie diesen Code dort ein, wo Sie Ihr Konto anlegen wollten:",
  mail_account_subject: "Ihr Konto bei {product}",
  mail_account_exists:
    "Jemand, vielleicht Sie selbst, wollte bei {product} mit dieser Adresse ein Konto anlegen. Sie haben schon eines. Ihr Benutzername ist {username}.",
  mail_account_sign_in: "Anmelden",
  mail_account_reset: "Passwort vergessen? Ein neues setzen",
  mail_account_ignore:
    "Waren Sie das nicht? Dann ist nichts zu tun: Niemand ist hineingekommen, und nichts wurde geändert.",
};
