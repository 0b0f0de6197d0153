/** Was sich an einer App geändert hat, seit ihr jemand etwas erlaubt hat. */
export const change_texts_de = {
  consent_by_document: "Sicher ist nur die Adresse oben. Nur weiter, wenn Sie sie kennen.",
  consent_any_program: "Jedes Programm auf diesem Gerät könnte sich für sie ausgeben.",
  consent_elsewhere: "Ihre Antwort geht an {host}, eine andere Adresse.",
  consent_changed:
    "Sie hat sich geändert, seit Sie es erlaubt haben. Nur weiter, wenn Sie das erwartet haben.",
  consent_changed_name: "Sie hieß {name}.",
  consent_changed_name_none: "Sie hatte keinen Namen.",
  consent_changed_logo: "Sie hat ein anderes Bild.",
  consent_changed_redirect: "Sie nennt eine andere Adresse für Ihre Antwort: {hosts}",
  consent_changed_redirect_fewer: "Sie hat eine Adresse für Ihre Antwort aufgegeben.",
  consent_changed_method: "Sie weist sich anders aus.",
  consent_changed_keys: "Sie hat andere Schlüssel, um sich auszuweisen.",
  app_changed:
    "Die App hat sich geändert, während Sie gelesen haben. Noch ist nichts geschehen: Bitte sehen Sie noch einmal nach.",
};
