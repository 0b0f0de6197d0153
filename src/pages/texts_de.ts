/** Every message in German. */
import { account_texts_de } from "./texts_account_de.ts";
import { change_texts_de } from "./texts_changes_de.ts";
import { claim_texts_de } from "./texts_claims_de.ts";
import { code_texts_de } from "./texts_codes_de.ts";
import { device_texts_de } from "./texts_device_de.ts";
import type { Texts } from "./texts_en.ts";
import { error_texts_de } from "./texts_errors_de.ts";
import { event_texts_de } from "./texts_events_de.ts";
import { factor_texts_de } from "./texts_factors_de.ts";
import { mail_texts_de } from "./texts_mail_de.ts";
import { passkey_texts_de } from "./texts_passkeys_de.ts";
import { proof_texts_de } from "./texts_proofs_de.ts";
import { recovery_texts_de } from "./texts_recovery_de.ts";
import { sign_in_texts_de } from "./texts_sign_in_de.ts";
import { sign_up_texts_de } from "./texts_sign_up_de.ts";

export const texts_de: Texts = {
  ...change_texts_de,
  ...device_texts_de,
  ...claim_texts_de,
  ...passkey_texts_de,
  ...proof_texts_de,
  ...sign_in_texts_de,
  ...error_texts_de,
  ...mail_texts_de,
  ...factor_texts_de,
  ...event_texts_de,
  ...code_texts_de,
  ...recovery_texts_de,
  ...sign_up_texts_de,
  // Überall
  unnamed_app: "Eine App ohne Namen",
  no_public_address: "ohne Website",
  recently: "heute oder gestern",
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
  link_help: "Hilfe",
  link_privacy: "Datenschutz",
  link_terms: "Nutzungsbedingungen",
  link_imprint: "Impressum",

  // Zugriff erlauben
  consent_title: "Zugriff erlauben",
  consent_heading: "{app} möchte auf Ihr Konto zugreifen",
  consent_heading_nothing: "{app} möchte wissen, dass Sie ein Konto haben",
  consent_heading_who: "{app} möchte wissen, wer Sie sind",
  signed_in_as: "Angemeldet als",
  account_added: "Hier kam ein anderes Konto dazu. Noch ist nichts geschehen: Sind Sie das?",
  use_another_account: "Anderes Konto",
  consent_may: "{app} darf dann",
  consent_may_also: "{app} darf dann auch",
  consent_it: "Die App",
  consent_no_keeps: "Wenn Sie es nicht erlauben, bleibt, was Sie vorher erlaubt haben.",
  consent_all_before: "Das alles haben Sie schon einmal erlaubt.",
  consent_none: "Wissen, dass Sie hier ein Konto haben, und sonst nichts.",
  your_account: "Ihr Konto",
  app_picture_not_checked: "Das eigene Bild der App, nicht geprüft von {product}.",
  app_documents: "Von {app}:",
  app_policy: "Datenschutz",
  app_terms: "Nutzungsbedingungen",
  consent_lasts: "Gilt, bis Sie es unter {link} beenden.",
  consent_lasts_until: "Gilt längstens bis {time}. Vorher können Sie es unter {link} beenden.",
  consent_lasts_session: "Gilt, während Sie hier angemeldet sind. Beenden unter {link}.",
  consent_lasts_asked: "Gilt, bis Sie hier abgemeldet sind oder es unter {link} beenden.",
  consent_heading_more: "{app} möchte mehr Zugriff",
  consent_heading_device: "{app} auf einem anderen Gerät möchte auf Ihr Konto zugreifen",
  consent_on_port: "App auf diesem Gerät, Port {port}",
  consent_on_device: "App auf diesem Gerät",
  consent_not_checked: "Nicht geprüft von {product}.",
  consent_by_person: "Jemand mit Konto hier hat sie registriert. Nur weiter, wenn Sie sie kennen.",
  consent_by_itself: "Sie hat sich selbst registriert. Nur weiter, wenn Sie sie kennen.",
  consent_can_already: "{app} darf schon",
  consent_before_one: "{count} Sache haben Sie schon erlaubt",
  consent_before_other: "{count} Dinge haben Sie schon erlaubt",
  consent_started: "Erlauben Sie es nur, wenn Sie diese App gerade selbst gestartet haben.",
  consent_back_to: "Zurück zu {host}.",
  consent_on_to: "Weiter geht es zu {host}, einer anderen Adresse als oben.",
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
  to_correct_other: "{count} Angaben sind zu ändern",
  allow: "Erlauben",
  deny: "Ablehnen",
  permission_api: "{api} in Ihrem Namen nutzen",
  scope_openid: "Wissen, wer Sie sind",
  scope_openid_detail: "Dass Sie beim nächsten Mal dieselbe Person sind",
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
  shared_computer: "An einem gemeinsam benutzten Computer?",
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
    "Apps, die Sie benutzt haben, können Sie von sich aus angemeldet lassen: Melden Sie sich auch dort ab.",
  signed_out_one_heading: "Dieses Konto ist abgemeldet",
  signed_out_one_lead:
    "Apps, die Sie damit benutzt haben, können Sie von sich aus angemeldet lassen: Melden Sie sich auch dort ab.",
  still_signed_in: "Hier noch angemeldet:",
  signed_out_apps: "Abgemeldet sind Sie auch bei",
  back_to_app: "Zurück zu {app}",
  begin_again_at_app: "In {app} neu beginnen",
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

  // Konto
  ...account_texts_de,
};
