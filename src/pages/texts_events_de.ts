/** Messages about the events of an account in German. */
export const event_texts_de = {
  events_section: "Letzte Ereignisse",
  events_hint:
    "Die letzten 30. Ist etwas dabei, das Sie nicht kennen? Ändern Sie Ihr Passwort, und melden Sie sich überall sonst ab.",
  event_by_operator: "Durch die Administration.",
  event_signed_in: "Angemeldet",
  event_session_ended: "Ein Browser wurde abgemeldet",
  event_password_changed: "Passwort geändert",
  event_passkey_added: "Passkey hinzugefügt",
  event_passkey_removed: "Passkey entfernt",
  event_app_code_added: "Authenticator-App hinzugefügt",
  event_app_code_removed: "Authenticator-App entfernt",
  event_recovery_code_used: "Ersatzcode benutzt",
  event_recovery_codes_renewed: "Neue Ersatzcodes erstellt",
  event_consent_given: "Zugriff erlaubt",
  event_consent_removed: "Zugriff entfernt",
  event_access_ended: "Zugriff beendet",
  event_key_reused:
    "Zugriff beendet: Ein benutzter Schlüssel kam noch einmal, er könnte gestohlen sein",
  event_account_created: "Konto angelegt",
  event_account_changed: "Konto geändert",
  event_account_disabled: "Konto gesperrt",
  event_account_enabled: "Konto freigegeben",
  event_app_registered: "App registriert",
  event_app_changed: "App geändert",
  event_app_secret_changed: "Neues Secret für eine App",
  event_app_removed: "App entfernt",
};
