/** What has changed about an app since a person allowed it something. */
export const change_texts_en = {
  consent_by_document: "Only the address above is certain. Go on only if you know it.",
  consent_any_program: "Any program on this device could pose as it.",
  consent_elsewhere: "Your answer goes to {host}, another address.",
  consent_changed: "It has changed since you allowed it. Go on only if you expected that.",
  consent_changed_name: "Its name was {name}.",
  consent_changed_name_none: "It had no name.",
  consent_changed_logo: "It has another picture.",
  consent_changed_redirect: "It names another address for your answer: {hosts}",
  consent_changed_redirect_fewer: "It gave up an address for your answer.",
  consent_changed_method: "It proves who it is in another way.",
  consent_changed_keys: "It has other keys to prove who it is.",
  app_changed:
    "The app changed while you were reading. Nothing has happened yet: please look again.",
};
