/** Messages of a new password by mail, of notices and their undo, in German. */
export const recovery_texts_de = {
  forgot_password: "Passwort vergessen?",
  code_heading_reset: "Neues Passwort setzen",
  code_sent_reset:
    "Wenn {address} hier ein Konto hat, haben wir gerade einen sechsstelligen Code dorthin geschickt. Er gilt {time} lang.",
  code_button_reset: "Weiter",
  mail_code_reset: "Tippen Sie diesen Code dort ein, wo Sie ein neues Passwort setzen wollten:",
  new_password_heading: "Neues Passwort wählen",
  new_password_lead:
    "Für {username}. Alle Geräte und Apps werden dann abgemeldet, falls jemand das alte kannte.",
  new_password_button: "Passwort setzen",

  mail_subject_password_changed: "Ihr Passwort bei {product} wurde geändert",
  mail_notice_password_changed:
    "Das Passwort Ihres Kontos {username} bei {product} wurde geändert.",
  mail_subject_password_reset: "Ihr Passwort bei {product} wurde geändert",
  mail_notice_password_reset:
    "Das Passwort Ihres Kontos {username} bei {product} wurde mit einem Code per Mail geändert. Alle Geräte und Apps wurden abgemeldet.",
  mail_subject_new_browser: "Eine neue Anmeldung bei {product}",
  mail_notice_new_browser:
    "Ihr Konto {username} bei {product} wurde in einem Browser angemeldet, den wir noch nicht kennen.",
  mail_subject_passkey_added: "Ein Passkey kam hinzu bei {product}",
  mail_notice_passkey_added:
    "Der Passkey „{name}“ kam zu Ihrem Konto {username} bei {product} hinzu.",
  mail_subject_passkey_removed: "Ein Passkey wurde entfernt bei {product}",
  mail_notice_passkey_removed:
    "Der Passkey „{name}“ wurde von Ihrem Konto {username} bei {product} entfernt.",
  mail_subject_app_code_added: "Eine App für Codes kam hinzu bei {product}",
  mail_notice_app_code_added:
    "„{name}“, eine App für Anmelde-Codes, kam zu Ihrem Konto {username} bei {product} hinzu.",
  mail_subject_app_code_removed: "Eine App für Codes wurde entfernt bei {product}",
  mail_notice_app_code_removed:
    "„{name}“, eine App für Anmelde-Codes, wurde von Ihrem Konto {username} bei {product} entfernt.",
  mail_subject_recovery_codes_renewed: "Neue Wiederherstellungs-Codes bei {product}",
  mail_notice_recovery_codes_renewed:
    "Ihr Konto {username} bei {product} hat neue Wiederherstellungs-Codes. Die alten gelten nicht mehr.",
  mail_notice_when: "Wann: {when}.",
  mail_notice_when_where: "Wann und woher: {when}, {from}.",
  mail_notice_you: "Waren Sie das? Dann ist nichts zu tun.",
  mail_notice_undo: "Das war ich nicht",
  mail_notice_link: "Der Link gilt sieben Tage. Er fragt, bevor etwas geschieht.",

  undo_heading_asks: "Das waren Sie nicht?",
  undo_heading_done: "Alles ist abgemeldet",
  undo_heading_expired: "Dieser Link gilt nicht mehr",
  undo_asks:
    "Dann melden wir alle Geräte und Apps Ihres Kontos ab. Setzen Sie danach ein neues Passwort, damit niemand mit einem bekannten hineinkommt.",
  undo_asks_added:
    "Dann entfernen wir, was hinzukam, und melden alle Geräte und Apps Ihres Kontos ab. Setzen Sie danach ein neues Passwort, damit niemand mit einem bekannten hineinkommt.",
  undo_button: "Das war ich nicht",
  undo_was_you: "Waren Sie es doch? Schließen Sie einfach diese Seite.",
  undo_done: "Alle Geräte und Apps Ihres Kontos sind abgemeldet, und was hinzukam, ist entfernt.",
  undo_next:
    "Setzen Sie jetzt ein neues Passwort, und sehen Sie nach Ihrem Postfach: Wer es lesen kann, kommt auch hier hinein.",
  undo_expired:
    "Er wurde schon benutzt oder ist älter als sieben Tage. Wenn Sie Ihrem Konto nicht trauen, setzen Sie ein neues Passwort: Das meldet alles ab.",
  undo_reset: "Neues Passwort setzen",
  code_heading_email: "Ihre neue E-Mail-Adresse",
  code_sent_email:
    "Wenn hier niemand sonst {address} benutzt, haben wir gerade einen sechsstelligen Code dorthin geschickt. Er gilt {time}.",
  code_button_email: "Diese Adresse verwenden",
  mail_code_email: "Geben Sie diesen Code dort ein, wo Sie Ihre Adresse ändern wollten:",
  mail_subject_email_changed: "Ihre Adresse bei {product} wurde geändert",
  mail_notice_email_changed:
    "Das Konto {username} bei {product} hat jetzt die Adresse {name} statt dieser.",
  email_section: "E-Mail-Adresse",
  email_none: "Noch keine. Mit einer ist ein vergessenes Passwort kein Problem.",
  email_unverified: "{address}, nicht bestätigt",
  email_change: "Ändern",
  email_add: "Hinzufügen",
  done_email_changed: "Ihre neue Adresse gilt ab jetzt. Der alten haben wir es mitgeteilt.",
};
