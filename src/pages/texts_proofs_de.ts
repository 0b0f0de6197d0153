/** Messages about further proofs in German. */
export const proof_texts_de = {
  use_passkey: "Passkey verwenden",
  last_used_here: "zuletzt hier benutzt",
  or: "oder",
  passkey_script: "Ein Passkey braucht JavaScript. Es ist in diesem Browser ausgeschaltet.",
  passkey_browser:
    "Dieser Browser kennt keine Passkeys. Nehmen Sie einen anderen, oder einen anderen Weg.",
  passkey_failed:
    "Das ging in diesem Browser nicht. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.",
  passkey_on_device: "Dieses Gerät hat schon einen Passkey für dieses Konto.",
  passkey_problem_unknown:
    "Dieser Passkey ist hier nicht bekannt. Vielleicht wurde er entfernt, oder er gehört zu einer anderen Seite.",
  passkey_problem_expired: "Diese Seite war zu lange offen. Versuchen Sie es noch einmal.",
  passkey_problem_refused:
    "Dieser Passkey ließ sich nicht prüfen. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.",
  passkey_problem_unverified:
    "Ihr Sicherheitsschlüssel hat nicht geprüft, dass Sie es sind. Geben Sie ihm in den Einstellungen Ihres Geräts eine PIN, und versuchen Sie es dann noch einmal.",
  passkey_problem_someone_else:
    "Dieser Passkey gehört zu einem anderen Konto. Wählen Sie einen von {person}.",
  second_title: "Noch ein Schritt",
  second_heading: "Geben Sie den Code aus Ihrer App ein",
  second_heading_passkey: "Verwenden Sie Ihren Passkey",
  second_heading_recovery: "Geben Sie einen Ersatzcode ein",
  second_heading_none: "Nichts davon zur Hand?",
  second_on_the_way: "{person}, unterwegs zu {app}",
  second_code: "Sechs Ziffern aus Ihrer Authenticator-App",
  second_recovery: "Einer Ihrer Ersatzcodes",
  second_recovery_hint: "16 Buchstaben und Ziffern. Jeder Code gilt einmal.",
  second_continue: "Weiter",
  second_use_recovery: "Ersatzcode verwenden",
  second_use_code: "Code aus Ihrer App verwenden",
  second_none: "Ich habe nichts davon",
  second_decline: "Ohne das weiter",
  second_none_lead:
    "Ohne eines davon können wir Sie nicht von jemandem unterscheiden, der Ihr Passwort kennt.",
  second_none_look:
    "Suchen Sie Ihre Ersatzcodes: ein Blatt Papier, oder eine Notiz in Ihrem Passwortmanager, mit zehn Codes für {product}.",
  second_none_other:
    "Vielleicht hat ein anderes Ihrer Geräte noch einen Passkey oder Ihre Authenticator-App.",
  second_none_help:
    "Wenn Sie alles verloren haben, kann ein Administrator Ihnen helfen, wieder hineinzukommen.",
  second_back: "Zurück",
  second_use_password: "Mit dem Passwort beginnen",
  second_missing: "Füllen Sie das zuerst aus.",
  second_wrong: "Dieser Code stimmt nicht. Prüfen Sie ihn und die Uhr Ihres Geräts.",
  second_used:
    "Dieser Code wurde schon benutzt. Warten Sie auf den nächsten: Ihre App zeigt ihn innerhalb von 30 Sekunden.",
  second_recovery_wrong: "Dieser Code stimmt nicht, oder er wurde schon benutzt.",
  second_throttled:
    "Für dieses Konto wurden zu viele Codes versucht. Warten Sie {time}, und versuchen Sie es dann noch einmal.",
  confirm_title: "Bestätigen Sie, dass Sie es sind",
  confirm_heading: "Bestätigen Sie, dass Sie es sind",
  confirm_lead: "Sie sind dabei zu ändern, wie Sie sich anmelden.",
  confirm_button: "Bestätigen",
  confirm_wrong: "Das ist nicht Ihr Passwort.",
  enrol_title: "Zweiten Schritt einrichten",
  enrol_heading: "{app} verlangt eine stärkere Anmeldung",
  enrol_heading_own: "Eine stärkere Anmeldung ist nötig",
  enrol_lead: "Wählen Sie eines. Es dauert eine Minute, dann geht es weiter.",
  enrol_passkey: "Passkey hinzufügen",
  enrol_app: "Authenticator-App einrichten",
  enrol_decline: "Jetzt nicht",
  review_heading: "Gehört das alles Ihnen?",
  review_lead:
    "Sie sind wieder drin. Vielleicht war vor Ihnen jemand anderes hier. Nehmen Sie den Haken weg bei allem, was Sie nicht kennen oder nicht mehr haben.",
  review_nothing: "Sie sind wieder drin, und es gibt nichts durchzusehen.",
  review_passkey: "Passkeys",
  review_totp: "Authenticator-Apps",
  review_session: "Wo Sie angemeldet sind",
  review_app: "Apps mit Zugriff",
  review_since: "Seit {time}",
  review_used: "Benutzt {time}",
  review_keep: "Behalten, was einen Haken hat, und weiter",
  review_go_on: "Weiter",
  review_last_way:
    "Damit bliebe Ihnen kein Weg hinein. Behalten Sie einen, oder setzen Sie zuerst ein Passwort.",
  review_changed: "Inzwischen hat sich etwas geändert. So ist es jetzt.",
  link_title: "Ihr Weg hinein",
  link_heading: "Ihr Weg hinein zu {product}",
  link_lead_password:
    "Jemand, der sich um diesen Dienst kümmert, hat diesen Link für Sie gemacht. Er gilt einmal. Gehen Sie weiter und wählen Sie ein Passwort.",
  link_lead_passkey:
    "Jemand, der sich um diesen Dienst kümmert, hat diesen Link für Sie gemacht. Er gilt einmal. Gehen Sie weiter und fügen Sie einen Passkey hinzu.",
  link_button: "Weiter",
  link_expired:
    "Dieser Link gilt nicht, oder nicht mehr. Er gilt einmal, drei Tage lang, bis sich am Konto etwas ändert. Bitten Sie um einen neuen.",
  link_sign_in: "Anmelden",
} as const;
