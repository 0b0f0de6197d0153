/** Messages about the passkeys of an account in German. */
export const passkey_texts_de = {
  passkeys_section: "Passkeys",
  passkeys_hint:
    "Melden Sie sich mit Gesicht, Finger oder Geräte-PIN an. Niemand kann sie erraten oder Sie dazu bringen, sie einzutippen.",
  passkeys_none: "Sie haben noch keinen Passkey.",
  passkeys_change: "Hinzufügen oder ändern",
  passkey_add: "Passkey hinzufügen",
  passkey_add_heading: "Passkey hinzufügen",
  passkey_add_lead:
    "Ihr Gerät fragt nach Gesicht, Finger oder PIN und behält den Schlüssel. Wir sehen nichts davon.",
  passkey_name: "Name",
  passkey_name_hint: "Nur Sie sehen ihn: „Laptop im Büro“, „Telefon“.",
  passkey_create: "Passkey erstellen",
  passkey_synced: "Synchronisiert",
  passkey_this_device: "Nur auf seinem Gerät",
  passkey_added_on: "Hinzugefügt {time}",
  passkey_used: "Benutzt {time}",
  passkey_never_used: "Noch nicht benutzt",
  passkey_other_address: "Er gilt an einer anderen Adresse dieses Dienstes, nicht hier",
  passkey_rename: "Umbenennen",
  passkey_rename_label: "{name} umbenennen",
  passkey_remove: "Entfernen",
  passkey_remove_label: "{name} entfernen",
  passkey_no_address:
    "Passkeys brauchen einen Namen wie {host}; diese Seite ist an einer IP-Adresse offen.",
  passkey_problem_known: "Dieser Passkey gehört schon zu einem Konto hier.",
  passkey_problem_too_many:
    "Sie haben {most} Passkeys, mehr passen nicht. Entfernen Sie einen, den Sie nicht mehr benutzen.",
  passkey_last_way:
    "Dieser Passkey ist Ihr einziger Weg hinein. Fügen Sie zuerst einen anderen hinzu.",
  passkey_changed: "Ihre Passkeys wurden inzwischen geändert. So sind sie jetzt.",
  done_passkey_added: "Der Passkey ist hinzugefügt. Ab jetzt meldet er Sie an.",
  done_passkey_removed: "Der Passkey ist entfernt. Sie können ihn auch auf Ihrem Gerät löschen.",
  done_passkey_renamed: "Der Passkey hat seinen neuen Namen.",
} as const;
