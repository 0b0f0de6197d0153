/** Messages of the account pages in German. */
import type { account_texts_en } from "./texts_account_en.ts";

export const account_texts_de: Readonly<Record<keyof typeof account_texts_en, string>> = {
  nav_label: "Konto",
  connected_apps: "Verbundene Apps",
  your_apps: "Ihre Apps",
  security: "Sicherheit",
  sign_out: "Abmelden",

  connected_lead:
    "Diese Apps dürfen Ihr Konto benutzen. Entfernen Sie, was Sie nicht mehr brauchen.",
  connected_empty: "Noch ist nichts verbunden",
  connected_empty_hint:
    "Wenn Sie einer App erlauben, Ihr Konto zu nutzen, steht sie hier: mit dem, was sie sehen und ändern kann. Sie können sie jederzeit entfernen.",
  connected_since: "Seit {time}",
  connected_last_used: "Zuletzt benutzt: {time}",
  connected_never_used: "Noch nicht benutzt",
  connected_remove: "Zugriff entfernen…",
  connected_can: "{app} kann",
  disconnect_heading: "{app} den Zugriff nehmen?",
  disconnect_lead:
    "Damit endet der Zugriff von {app} auf Ihr Konto. Was die App schon hat, behält sie: Bitten Sie dort darum, es zu löschen. Sie können es wieder erlauben, wenn Sie sich dort anmelden.",
  disconnect_button: "Zugriff entfernen",
  connected_removed: "Sie haben {app} entfernt.",
  connected_removed_hint: "Braucht sie Ihre Erlaubnis wieder, muss sie Sie fragen.",

  your_apps_lead:
    "Registrieren Sie eine App, die Sie bauen, damit sich andere mit ihrem Konto bei ihr anmelden können.",
  your_apps_empty: "Sie haben hier keine Apps",
  your_apps_empty_hint:
    "Es dauert eine Minute: ein Name, die Website und die Adresse, zu der man zurückkommt.",
  your_apps_register: "App registrieren",
  your_apps_created: "Registriert am {time}",
  your_apps_edit: "{app} bearbeiten",
  your_apps_removed:
    "{app} ist weg. Mit einem Konto von hier kann sich niemand mehr bei ihr anmelden.",
  operators_apps: "Von Betreibern hinzugefügt",
  operators_apps_lead:
    "Diese Apps wurden per Befehl oder im Code hinzugefügt und lassen sich hier nicht ändern.",
  operators_apps_added: "Hinzugefügt am {time}",
  operators_apps_disabled: "Deaktiviert",
  more: "Mehr anzeigen",
  kind_web: "Web-App mit eigenem Server",
  kind_web_hint:
    "Next.js, Django, Rails, Express, PHP und ähnliche. Sie kann ein Geheimnis hüten: Sie bekommt Client-ID und Client-Secret.",
  kind_browser: "App im Browser",
  kind_browser_hint:
    "React, Vue, Svelte und ähnliche ohne Server. Jeder könnte ein Geheimnis in ihr lesen: Sie bekommt nur eine Client-ID.",
  kind_native: "App für Terminal, Desktop oder Handy",
  kind_native_hint:
    "Sie ist auf den Geräten ihrer Benutzer und bekommt nur eine Client-ID. Ihre Redirect-URI ist etwa http://127.0.0.1/callback oder com.example.app:/callback",
  kind_device: "TV, Gerät oder Terminal ohne Browser",
  kind_device_hint:
    "Man gibt einen kurzen Code auf einem anderen Bildschirm ein. Sie bekommt nur eine Client-ID. Eine Redirect-URI braucht sie nur, wenn sie auch einen Browser benutzt.",
  kind_label: "Was für eine App ist es?",
  auth_method_label: "Wie sendet sie das Secret?",
  auth_method_hint: "Beides geht. Wenn Sie nicht sicher sind, lassen Sie es, wie es ist.",
  client_secret_basic: "Im Header (Basic)",
  client_secret_basic_hint: "Heißt client_secret_basic. Die meisten Bibliotheken machen es so.",
  client_secret_post: "Im Formular",
  client_secret_post_hint: "Heißt client_secret_post.",
  app_name_label: "Name",
  app_name_hint: "Er steht da, wenn Ihre App um Zugriff bittet.",
  app_site_label: "Website",
  app_site_hint: "Wo Ihre App zu Hause ist, etwa https://printly.example",
  redirect_uris_label: "Redirect-URIs",
  redirect_uris_hint:
    "Wohin man nach der Antwort zurückkommt, eine pro Zeile. Sie muss genau stimmen; nur der Port von 127.0.0.1 darf anders sein.",
  register_button: "App registrieren",
  save_button: "Änderungen speichern",
  cancel: "Abbrechen",
  saved: "Ihre Änderungen sind gespeichert.",
  client_id: "Client-ID",
  client_secret: "Client-Secret",
  registered_heading: "{app} ist registriert",
  new_secret_heading: "Neues Secret für {app}",
  secret_once:
    "Kopieren Sie das Secret jetzt und bewahren Sie es da auf, wo nur Ihr Server es lesen kann. Wir können es nicht noch einmal zeigen.",
  no_secret: "Ihre App braucht diese ID und kein Secret.",
  old_secret_until:
    "Das alte Secret gilt noch bis {time}; so können Sie ohne Unterbrechung wechseln.",
  old_secret_gone: "Das alte Secret gilt nicht mehr.",
  keep_secret: "Bewahren Sie das Secret auf",
  keep_values: "Bewahren Sie diese Werte auf",
  secret_kept: "Ich habe das Secret aufbewahrt: zur App",
  to_the_app: "Zur App",
  copy_all: "Alles als .env kopieren",
  copy_code: "Code kopieren",
  connection_issuer: "Issuer",
  connection_discovery: "Discovery-Adresse",
  connection_scopes: "Scopes, um die sie bitten darf",
  connection_redirect_uri: "Redirect-URI",
  connection_tell_app: "Sagen Sie es Ihrer App",
  connection_tell_app_hint:
    "Ein Beispiel mit {library}: {kind}. Jede Bibliothek für OpenID Connect nimmt dieselben Werte.",
  connection_one_by_one: "Einzeln",
  connection_summary: "Werte und Code für Ihre App",
  sent_again:
    "Dieses Formular wurde schon benutzt, oder die App hat sich inzwischen geändert. Deshalb ist diesmal nichts geschehen.",
  sent_again_secret:
    "Dieses Formular wurde schon benutzt, oder die App hat sich inzwischen geändert. Deshalb ist diesmal nichts geschehen. Ein Secret wird nur einmal gezeigt: Wenn Sie es nicht aufbewahrt haben, erzeugen Sie unten ein neues.",
  secret_section: "Client-Secret",
  secret_section_hint:
    "Wenn es bekannt geworden sein könnte, und auch sonst ab und zu, ersetzen Sie es durch ein neues.",
  secret_keep_old: "Das alte noch {time} gelten lassen",
  new_secret_button: "Neues Secret erzeugen",
  remove_section: "Diese App entfernen",
  remove_section_hint:
    "Dann kann sich niemand mehr mit einem Konto von hier bei ihr anmelden, und aller Zugriff, den sie bekommen hat, endet.",
  remove_app: "App entfernen…",
  remove_heading: "{app} entfernen?",
  remove_lead:
    "Dann kann sich niemand mehr mit einem Konto von hier bei ihr anmelden, und aller Zugriff, den sie bekommen hat, endet. Das lässt sich nicht rückgängig machen.",
  remove_button: "{app} entfernen",
  keep_button: "Behalten",
  error_app_name_missing: "Geben Sie Ihrer App einen Namen.",
  error_app_name_long: "Dieser Name ist zu lang. Nehmen Sie höchstens 60 Zeichen.",
  error_site_invalid: "Geben Sie eine Adresse ein, die mit https:// beginnt.",
  error_redirect_missing: "Geben Sie mindestens eine Redirect-URI ein.",
  error_redirect_invalid: "Das ist keine vollständige Adresse: {uri}",
  error_redirect_https: "Nehmen Sie https, außer bei localhost: {uri}",
  error_redirect_fragment: "Sie darf keinen Teil mit # haben: {uri}",
  error_redirect_not_allowed: "Diese Adresse ist nicht erlaubt: {uri}",
  error_redirect_spelling: "Schreiben Sie {write_as} statt {uri}",
  error_redirect_many: "Das sind zu viele. Nehmen Sie höchstens {count}.",

  password_section: "Passwort",
  password_changed: "Ihr Passwort ist geändert. Alle anderen Browser sind abgemeldet.",
  password_changed_all:
    "Ihr Passwort ist geändert. Alle anderen Browser sind abgemeldet, und der Zugriff aller Apps ist beendet.",
  password_elsewhere: "Ihr Passwort liegt woanders und kann hier nicht geändert werden.",
  current_password_label: "Jetziges Passwort",
  change_password_button: "Passwort ändern",
  change_password_ends: "Ihre anderen Browser werden abgemeldet.",
  disconnect_label: "Auch den Zugriff aller Apps beenden",
  disconnect_hint:
    "Was Sie erlaubt haben, bleibt: Wenn Sie sich bei einer App wieder anmelden, bekommt sie ihren Zugriff vielleicht ohne Frage zurück. Damit sie wieder fragt, entfernen Sie sie aus Ihren verbundenen Apps.",
  error_current_missing: "Geben Sie Ihr jetziges Passwort ein.",
  error_current_wrong: "Wir konnten Ihr jetziges Passwort nicht bestätigen. Bitte prüfen Sie es.",
  sessions_section: "Wo Sie angemeldet sind",
  session_this: "dieser Browser",
  session_browser_on: "{browser} auf {system}",
  session_unknown: "Unbekannter Browser",
  session_network: "Netz {network}",
  session_since: "Seit {time}",
  session_last_seen: "zuletzt gesehen: {time}",
  session_sign_out: "Abmelden",
  session_sign_out_label: "{browser} abmelden",
  sessions_sign_out_others: "Überall sonst abmelden",
  sessions_only_this: "Sie sind nur hier angemeldet.",
  session_ended: "Dieser Browser ist abgemeldet.",
  sessions_ended: "Alle anderen Browser sind abgemeldet.",
};
