/** Messages about authenticator apps and recovery codes in German. */
export const factor_texts_de = {
  factor_added_on: "Hinzugefügt: {time}",
  factor_used_on: "Benutzt: {time}",
  factor_never_used: "Noch nicht benutzt",

  app_codes_section: "App-Codes",
  app_codes_hint: "Sechs Ziffern aus einer Authenticator-App, nach Ihrem Passwort.",
  app_codes_lead:
    "Eine Authenticator-App auf Ihrem Telefon oder Computer zeigt sechs Ziffern, die alle 30 Sekunden wechseln. Wir fragen nach dem Passwort danach.",
  app_codes_add: "App hinzufügen",
  app_codes_change: "Hinzufügen oder entfernen",
  app_codes_yours: "Ihre Apps",
  app_code_add_hint: "Scannen Sie dies mit Ihrer Authenticator-App.",
  app_code_qr: "Ein Code zum Scannen mit Ihrer Authenticator-App",
  app_code_by_hand: "Scannen geht nicht? Tippen Sie diesen Schlüssel in die App:",
  app_code_name: "Name",
  app_code_name_hint: "Nur Sie sehen ihn: „Telefon“, „Passwort-Manager“.",
  app_code_name_usual: "Authenticator-App",
  app_code_name_missing: "Geben Sie der App einen Namen.",
  app_code_first: "Sechs Ziffern, die die App jetzt zeigt",
  app_code_first_hint: "So wissen wir, dass beide Seiten übereinstimmen.",
  app_code_missing: "Geben Sie die sechs Ziffern ein.",
  app_code_wrong:
    "Diese Ziffern stimmen nicht. Warten Sie auf die nächsten, und prüfen Sie die Uhr Ihres Geräts.",
  app_code_confirm: "App hinzufügen",
  app_code_expired:
    "Diese Seite war zu lange offen. Hier ist ein neuer Schlüssel: Scannen Sie ihn noch einmal.",
  app_code_changed: "Ihre Anmeldewege wurden inzwischen geändert. So sehen sie jetzt aus.",
  app_code_too_many:
    "Sie haben {most} Apps, mehr passen nicht. Entfernen Sie eine, die Sie nicht mehr benutzen.",
  app_code_remove: "Entfernen",
  app_code_remove_label: "{name} entfernen",
  done_app_code_added: "Die App ist hinzugefügt. Ab jetzt fragen wir nach ihrem Code.",
  done_app_code_removed: "Die App ist entfernt. Sie können den Eintrag auch dort löschen.",

  recovery_section: "Ersatzcodes",
  recovery_hint: "Für den Tag, an dem alles andere verloren ist.",
  recovery_lead:
    "Zehn Codes für den Tag, an dem Ihr Telefon verloren ist. Jeder gilt einmal, anstelle des Codes aus Ihrer App.",
  recovery_none: "Sie haben noch keine",
  recovery_left: "Noch {count} von {most}",
  recovery_made_on: "Erstellt: {time}.",
  recovery_make: "Codes erstellen",
  recovery_make_new: "Neue Codes erstellen",
  recovery_replaces: "Neue Codes machen die alten wertlos.",
  recovery_not_now: "Jetzt nicht",
  recovery_changed:
    "Diese Seite wurde schon benutzt, oder etwas hat sich inzwischen geändert. Deshalb wurden keine Codes erstellt. Codes werden nur einmal gezeigt: Wenn Sie Ihre nicht aufbewahrt haben, erstellen Sie neue.",
  recovery_new_heading: "Ihre Ersatzcodes",
  recovery_once:
    "Drucken Sie diese Seite, oder bewahren Sie die Codes in einem Passwort-Manager auf. Wir zeigen sie nur dieses eine Mal.",
  recovery_about:
    "Konto {person}. Erstellt: {time}. Jeder Code gilt einmal. Neue Codes machen diese wertlos.",
  recovery_print: "Drucken",
  recovery_save: "Als Text speichern",
  recovery_kept: "Ich habe die Codes aufbewahrt",
};
