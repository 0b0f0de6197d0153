/** Every message in German. */
import { account_texts_de } from "./texts_account_de.ts";
import { device_texts_de } from "./texts_device_de.ts";
import type { Texts } from "./texts_en.ts";

export const texts_de: Texts = {
  ...device_texts_de,
  // Überall
  unnamed_app: "Eine App ohne Namen",
  no_public_address: "ohne öffentliche Adresse",
  recently: "vor weniger als einem Tag",
  show: "Anzeigen",
  hide: "Verbergen",
  show_password: "Passwort anzeigen",
  hide_password: "Passwort verbergen",
  copy: "Kopieren",
  copied: "Kopiert",
  optional: "freiwillig",
  busy: "Hier ist gerade sehr viel los. Bitte versuchen Sie es gleich noch einmal.",
  form_expired:
    "Diese Seite war zu lange offen, deshalb ist nichts geschehen. Bitte versuchen Sie es noch einmal.",
  throttled: "Zu viele Versuche. In {time} können Sie es wieder versuchen.",
  skip: "Zum Inhalt springen",

  // Anmelden
  sign_in_title: "Anmelden",
  sign_in_heading: "Anmelden",
  sign_in_to_app: "Anmelden und weiter zu {app}",
  sign_in_again: "Noch einmal anmelden und weiter zu {app}",
  sign_in_again_account: "Geben Sie Ihr Passwort noch einmal ein",
  login_label: "Benutzername oder E-Mail",
  username_label: "Benutzername",
  password_label: "Passwort",
  sign_in_button: "Anmelden",
  sign_in_wrong:
    "Mit diesem Benutzernamen und Passwort können wir Sie nicht anmelden. Bitte prüfen Sie beides.",
  sign_in_missing: "Geben Sie Ihren Benutzernamen und Ihr Passwort ein.",
  sign_in_help_link: "Hilfe beim Anmelden",
  new_here: "Neu hier?",
  create_account_link: "Konto anlegen",
  test_account: "Nur zum Ansehen? Ein Testkonto:",
  test_account_button: "Als {username} anmelden",

  // Konto anlegen, einrichten
  create_account_title: "Konto anlegen",
  create_account_heading: "Konto anlegen",
  create_account_for_app: "Konto anlegen und weiter zu {app}",
  create_account_button: "Konto anlegen",
  have_account: "Sie haben schon ein Konto?",
  username_hint: "Damit melden Sie sich an. Buchstaben, Ziffern, Punkte und Striche.",
  email_label: "E-Mail",
  name_label: "Name",
  name_hint: "So dürfen Apps Sie nennen, wenn Sie es ihnen erlauben.",
  new_password_label: "Neues Passwort",
  password_hint: "Mindestens 10 Zeichen. Gut sind drei oder vier Wörter ohne Zusammenhang.",
  password_counted: "{count} von {least} Zeichen",
  password_enough: "Lang genug",
  setup_title: "Einrichten",
  setup_heading: "Willkommen bei {product}",
  setup_lead:
    "Legen Sie das erste Konto an. Es darf Apps für alle anmelden, also geben Sie ihm ein gutes Passwort.",
  setup_button: "Verwalterkonto anlegen",
  error_username_missing: "Wählen Sie einen Benutzernamen.",
  error_username_invalid:
    "Nehmen Sie nur Buchstaben, Ziffern, Punkte, Binde- und Unterstriche, höchstens 60.",
  error_username_taken: "Diesen Benutzernamen gibt es schon. Bitte wählen Sie einen anderen.",
  error_email_invalid: "Das ist keine E-Mail-Adresse. Sie sieht etwa so aus: ada@example.org.",
  error_email_taken: "Zu dieser E-Mail-Adresse gibt es schon ein Konto.",
  error_name_long: "Dieser Name ist zu lang.",
  error_password_missing: "Wählen Sie ein Passwort.",
  error_password_short: "Dieses Passwort ist zu kurz. Nehmen Sie mindestens 10 Zeichen.",
  error_password_long: "Dieses Passwort ist zu lang. Nehmen Sie ein kürzeres.",
  error_password_common: "Dieses Passwort ist schnell erraten. Nehmen Sie ein anderes.",

  // Zugriff erlauben
  consent_title: "Zugriff erlauben",
  consent_heading: "{app} möchte auf Ihr Konto zugreifen",
  signed_in_as: "Angemeldet als",
  account_added:
    "Inzwischen wurde hier ein weiteres Konto angemeldet. Deshalb ist nichts geschehen. Prüfen Sie, ob unten Ihr Konto steht, und antworten Sie noch einmal.",
  use_another_account: "Anderes Konto",
  consent_may: "{app} darf dann",
  consent_may_also: "Neu: {app} darf dann auch",
  consent_all_before: "Das alles haben Sie schon einmal erlaubt",
  consent_none: "Wissen, dass Sie hier ein Konto haben, und sonst nichts.",
  your_account: "Ihr Konto",
  consent_documents: "Von {app}:",
  consent_policy: "Datenschutz",
  consent_terms: "Nutzungsbedingungen",
  consent_lasts: "Gilt, bis Sie es unter {link} beenden.",
  consent_lasts_until: "Gilt längstens bis {time}. Vorher können Sie es unter {link} beenden.",
  consent_lasts_session:
    "Gilt, solange Sie hier angemeldet sind, und nach der nächsten Anmeldung wieder, bis Sie es unter {link} beenden.",
  consent_lasts_asked:
    "Gilt, bis Sie hier abgemeldet sind oder es unter {link} beenden. {app} muss jedes Mal fragen.",
  consent_heading_more: "{app} möchte mehr Zugriff",
  consent_heading_device: "{app} auf einem anderen Gerät möchte auf Ihr Konto zugreifen",
  consent_on_port: "App auf diesem Gerät, Port {port}",
  consent_on_device: "App auf diesem Gerät",
  consent_not_checked: "Nicht geprüft von {product}.",
  consent_by_person:
    "Jemand mit einem Konto hier hat diese App registriert. Machen Sie nur weiter, wenn Sie sie kennen.",
  consent_by_itself:
    "Diese App hat sich selbst registriert. Machen Sie nur weiter, wenn Sie sie kennen.",
  consent_can_already: "{app} darf schon",
  consent_before_one: "{count} Sache haben Sie schon erlaubt",
  consent_before_other: "{count} Dinge haben Sie schon erlaubt",
  consent_started: "Haben Sie {app} gerade selbst gestartet?",
  consent_back_to: "Sie kommen zurück zu {host}.",
  consent_on_to: "Es geht weiter zu {host}, nicht zu {site}.",
  change_account: "{account}Wechseln",
  change_account_what: "Konto: ",
  promise_sign_in: "Ihr Passwort bleibt hier. {app} sieht es nie.",
  promise_consent: "{app} bekommt, was Sie hier erlauben, aber nie Ihr Passwort.",
  in_api: "In {api}",
  can_change: "kann ändern",
  legend_see_one: "{count} Sache sehen",
  legend_see_other: "{count} Dinge sehen",
  legend_change_one: "{count} ändern",
  legend_change_other: "{count} ändern",
  sees_one: "sieht {count} Sache",
  sees_other: "sieht {count} Dinge",
  changes_things_one: "ändert {count}",
  changes_things_other: "ändert {count}",
  to_correct_one: "{count} Angabe ist zu ändern",
  to_correct_other: "{count} Angaben sind zu ändern",
  allow: "Erlauben",
  deny: "Nicht erlauben",
  permission_api: "{api} in Ihrem Namen nutzen",
  scope_openid: "Wissen, wer Sie sind",
  scope_profile: "Ihren Namen und Ihr Profil sehen",
  scope_email: "Ihre E-Mail-Adresse sehen",
  scope_address: "Ihre Postanschrift sehen",
  scope_phone: "Ihre Telefonnummer sehen",
  scope_offline_access: "Den Zugriff behalten, wenn Sie nicht da sind",

  // Konto wählen
  select_account_title: "Konto wählen",
  select_account_heading: "Konto wählen",
  select_account_for_app: "Mit welchem Konto weiter zu {app}?",
  choose_account: "Konto wählen",
  use_another_account_replaces:
    "Ein Browser fasst höchstens {count} Konten. Die Anmeldung mit einem anderen meldet {person} ab.",

  // Abmelden
  sign_out_title: "Abmelden",
  sign_out_heading: "Abmelden?",
  sign_out_for_app: "{app} möchte Sie hier abmelden.",
  sign_out_lead: "Sie werden in diesem Browser von {product} abgemeldet.",
  sign_out_button: "Abmelden",
  sign_out_several: "In diesem Browser sind {count} Konten angemeldet.",
  sign_out_one: "{person} abmelden",
  sign_out_all: "Alle Konten abmelden",
  stay_signed_in: "Angemeldet bleiben",
  signed_out_title: "Abgemeldet",
  signed_out_heading: "Sie sind abgemeldet",
  signed_out_lead:
    "Sie sind hier, in diesem Browser, abgemeldet. Apps, die Sie benutzt haben, können Sie von sich aus angemeldet lassen: Melden Sie sich auch dort ab.",
  signed_out_one_heading: "Dieses Konto ist abgemeldet",
  signed_out_one_lead:
    "Apps, die Sie damit benutzt haben, können Sie von sich aus angemeldet lassen: Melden Sie sich auch dort ab.",
  still_signed_in: "Hier noch angemeldet:",
  signed_out_apps: "Abgemeldet sind Sie auch bei",
  back_to_app: "Zurück zu {app}",
  sign_in_again_link: "Wieder anmelden",

  // Erledigt, zurück zur App, andere Adresse
  done_title: "Schon beantwortet",
  done_heading: "Das ist schon beantwortet",
  done_lead: "Die Antwort ging an {app}. Sie können diese Seite schließen.",
  done_narrowed: "{app} verliert, was Sie gerade weggenommen haben, und behält alles andere.",
  done_again: "Hat etwas nicht geklappt, gehen Sie zurück zur App und beginnen dort von vorn.",
  see_connected_apps: "Verbundene Apps ansehen",
  form_post_title: "Zurück zur App",
  form_post_heading: "Einen Augenblick",
  form_post_lead:
    "Sie sind auf dem Weg zurück zu {app}. Wenn nichts geschieht, drücken Sie den Knopf.",
  form_post_button: "Weiter zu {host}",
  wrong_address_title: "Andere Adresse",
  wrong_address_heading: "Diese Seite hat eine andere Adresse",
  wrong_address_lead: "Die Seiten von {product} gibt es nur unter der eigenen Adresse.",
  wrong_address_button: "Weiter zu {host}",
  wrong_address_proxy: "Für die, die diesen Server betreiben",
  wrong_address_proxy_lead:
    "Falls Sie über einen Proxy kamen: Er sagt nicht, welche Adresse verlangt wurde, oder ihm wird nicht vertraut. Er muss diese Kopfzeilen senden, und seine eigene Adresse muss in trust_proxy stehen.",
  wrong_address_received: "Angekommen",
  wrong_address_expected: "Nötig",

  // Fehler
  error_id: "Ereignis",
  error_id_hint: "Nennen Sie es den Entwicklern oder denen, die {product} betreiben.",
  error_details: "Für die Entwickler der App",
  error_detail: "Was falsch war",
  error_sent: "Sie schickte redirect_uri",
  error_registered: "Eingetragen",
  error_registered_none: "keine Adresse dieses Servers",
  error_difference: "Unterschied",
  error_difference_slash: "ein / am Ende",
  error_difference_scheme: "http und https",
  error_difference_port: "der Port",
  error_difference_www: "www. am Anfang",
  error_difference_letter_case: "Groß- und Kleinschreibung",
  error_difference_fragment: "der Teil nach #",
  error_difference_query: "der Teil nach ?",
  error_difference_path: "der Pfad",
  try_again: "Noch einmal versuchen",
  go_to_account: "Zu Ihrem Konto",
  error_unknown_app_heading: "Wir kennen diese App nicht",
  error_unknown_app:
    "Der Link, der Sie hierher brachte, nennt keine App, die {product} kennt. Sie haben nichts falsch gemacht.",
  error_unknown_app_todo: "Gehen Sie zurück zur App und sagen Sie es denen, die sie gemacht haben.",
  error_redirect_heading: "Diese App ist nicht richtig eingerichtet",
  error_redirect_heading_app: "{app} ist nicht richtig eingerichtet",
  error_redirect:
    "Sie hat keine Adresse für ihre Antwort genannt, oder eine, die nicht für sie eingetragen ist. Zu Ihrem Schutz haben wir hier angehalten. Sie haben nichts falsch gemacht.",
  error_redirect_todo: "Gehen Sie zurück zur App und sagen Sie es denen, die sie gemacht haben.",
  error_request_heading: "Wir verstehen diese App nicht",
  error_request:
    "Sie hat auf eine Weise um Zugriff gebeten, die hier nicht geht. Sie haben nichts falsch gemacht.",
  error_request_todo:
    "Gehen Sie zurück und versuchen Sie es noch einmal. Geschieht es wieder, sagen Sie es denen, die die App gemacht haben.",
  error_unreadable_heading: "Das konnten wir nicht lesen",
  error_unreadable:
    "Etwas darin ist zu lang, steht doppelt da oder ist nicht das, was diese Seite erwartet. Es ist nichts geschehen.",
  error_unreadable_todo: "Gehen Sie zurück und versuchen Sie es noch einmal.",
  error_expired_heading: "Diese Anfrage ist vorbei",
  error_expired:
    "Zu Ihrer Sicherheit kann die Anfrage einer App nur einmal und nur eine Weile lang beantwortet werden. Diese lässt sich nicht mehr beantworten.",
  error_expired_todo: "Gehen Sie zurück zur App und beginnen Sie dort von vorn.",
  error_browser_heading: "Diese Seite gehört zu einem anderen Besuch",
  error_browser:
    "Sie wurde in einem anderen Browser begonnen, oder Ihr Browser hat die Cookies dieser Seite nicht behalten. Es ist nichts geschehen.",
  error_browser_todo:
    "Gehen Sie dahin zurück, woher Sie kamen, und beginnen Sie von vorn, mit erlaubten Cookies.",
  error_form_heading: "Es ist nichts geschehen",
  error_form:
    "Dieses Formular ist veraltet oder kam nicht von einer Seite, die wir Ihnen in diesem Browser gezeigt haben. Deshalb haben wir nichts getan.",
  error_form_todo: "Öffnen Sie die Seite noch einmal und wiederholen Sie, was Sie tun wollten.",
  error_cookies_heading: "Ihr Browser hat kein Cookie gesendet",
  error_cookies:
    "{product} erkennt die eigenen Formulare an einem Cookie. Es ist nichts geschehen. Erlauben Sie Cookies für diese Seite.",
  error_cookies_todo:
    "Öffnen Sie dann die Seite noch einmal und wiederholen Sie, was Sie tun wollten.",
  error_back_todo: "Gehen Sie zurück zu {app} und beginnen Sie dort von vorn.",
  error_setup_link_heading: "Dieser Link gilt nicht mehr",
  error_setup_link:
    "Ein Link zum Einrichten gilt einmal, einen Tag lang und nur, solange es kein Konto gibt.",
  error_setup_link_todo:
    "Gibt es noch kein Konto, starten Sie den Server neu: Er gibt dann einen neuen Link aus.",
  error_not_found_heading: "Hier ist nichts",
  error_not_found: "Vielleicht ist die Adresse vertippt, oder was hier war, gibt es nicht mehr.",
  error_not_found_todo: "Prüfen Sie die Adresse, oder gehen Sie zu Ihrem Konto.",
  error_not_allowed_heading: "Das ist nicht für Sie",
  error_not_allowed: "Ihr Konto darf das nicht.",
  error_not_allowed_todo: "Wenn Sie es brauchen, fragen Sie die, die {product} betreiben.",
  error_disabled_heading: "Dieses Konto lässt sich nicht benutzen",
  error_disabled: "Damit kann man sich bei {product} nicht anmelden.",
  error_disabled_todo:
    "Wenn Sie das für ein Versehen halten, fragen Sie die, die {product} betreiben.",
  error_app_disabled_heading: "Diese App ist abgeschaltet",
  error_app_disabled:
    "Jemand, der {product} betreibt, hat sie abgeschaltet. Sie haben nichts falsch gemacht.",
  error_app_disabled_todo: "Sie können diese Seite schließen.",
  error_too_many_heading: "Das war viel auf einmal",
  error_too_many: "Es wurde in kurzer Zeit vieles geändert, diese Änderung deshalb nicht.",
  error_too_many_todo: "Warten Sie {time} und versuchen Sie es dann noch einmal.",
  error_busy_heading: "Hier ist gerade viel los",
  error_busy:
    "{product} kann gerade nicht antworten. Das liegt an uns und sollte bald vorbei sein.",
  error_busy_todo: "Warten Sie einen Augenblick und versuchen Sie es dann noch einmal.",
  error_server_heading: "Hier ist etwas schiefgegangen",
  error_server: "Das liegt an uns und nicht an Ihnen.",
  error_server_todo:
    "Versuchen Sie es gleich noch einmal. Geschieht es wieder, sagen Sie es denen, die {product} betreiben.",

  // Konto
  ...account_texts_de,
};
