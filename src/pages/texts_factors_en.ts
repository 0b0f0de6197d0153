/** Messages about authenticator apps and recovery codes in English. */
export const factor_texts_en = {
  factor_added_on: "Added {time}",
  factor_used_on: "Used {time}",
  factor_never_used: "Not used yet",

  app_codes_section: "App codes",
  app_codes_hint: "Six digits from an authenticator app, after your password.",
  app_codes_lead:
    "An authenticator app on your phone or computer shows six digits that change every 30 seconds. We ask for them after your password.",
  app_codes_add: "Add an app",
  app_codes_change: "Add or remove",
  app_codes_yours: "Your apps",
  app_code_add_hint: "Scan this with your authenticator app.",
  app_code_qr: "A code to scan with your authenticator app",
  app_code_by_hand: "You can’t scan it? Type this key into the app:",
  app_code_name: "Name",
  app_code_name_hint: "Only you see it: “Phone”, “Password manager”.",
  app_code_name_usual: "Authenticator app",
  app_code_name_missing: "Give the app a name.",
  app_code_first: "Six digits that the app shows now",
  app_code_first_hint: "So we know that the two of us agree.",
  app_code_missing: "Enter the six digits.",
  app_code_wrong:
    "These digits are not right. Wait for the next ones, and check the clock of your device.",
  app_code_confirm: "Add the app",
  app_code_expired: "This page was open for too long. Here is a new key: scan it once more.",
  app_code_changed: "Your ways to sign in were changed meanwhile. Here is how they are now.",
  app_code_too_many:
    "You have {most} apps, and more do not fit. Remove one that you no longer use.",
  app_code_remove: "Remove",
  app_code_remove_label: "Remove {name}",
  done_app_code_added: "The app is added. From now on we ask for its code.",
  done_app_code_removed: "The app is removed. You can delete the entry from it, too.",

  recovery_section: "Recovery codes",
  recovery_hint: "For the day you have lost all else.",
  recovery_lead:
    "Ten codes for the day when your phone is lost. Each works once, in place of the code from your app.",
  recovery_none: "You have none yet",
  recovery_left: "{count} of {most} left",
  recovery_made_on: "Made {time}.",
  recovery_make: "Make codes",
  recovery_make_new: "Make new codes",
  recovery_replaces: "New codes make the old ones worthless.",
  recovery_not_now: "Not now",
  recovery_changed:
    "This page was used before, or something has changed meanwhile, so no codes were made. Codes are shown only once: if you did not keep yours, make new ones.",
  recovery_new_heading: "Your recovery codes",
  recovery_once:
    "Print this page, or keep the codes in a password manager. We show them this once.",
  recovery_about:
    "Account {person}. Made {time}. Each code works once. New codes make these worthless.",
  recovery_print: "Print",
  recovery_save: "Save as text",
  recovery_kept: "I have kept these codes",
} as const;
