/** Messages about the passkeys of an account in English. */
export const passkey_texts_en = {
  passkeys_section: "Passkeys",
  passkeys_hint:
    "Sign in with your face, finger or device PIN. Nobody can guess them, or trick you into typing them.",
  passkeys_none: "You have no passkey yet.",
  passkeys_change: "Add or change",
  passkey_add: "Add a passkey",
  passkey_add_heading: "Add a passkey",
  passkey_add_lead:
    "Your device asks for your face, finger or PIN, and keeps the key. We never see any of these.",
  passkey_name: "Name",
  passkey_name_hint: "Only you see it: “Work laptop”, “Phone”.",
  passkey_create: "Create the passkey",
  passkey_synced: "Synced",
  passkey_this_device: "Only on its device",
  passkey_added_on: "Added {time}",
  passkey_used: "Used {time}",
  passkey_never_used: "Not used yet",
  passkey_other_address: "It works at another address of this service, and not here",
  passkey_rename: "Rename",
  passkey_rename_label: "Rename {name}",
  passkey_remove: "Remove",
  passkey_remove_label: "Remove {name}",
  passkey_no_address:
    "Passkeys need a name such as {host}, and this page is open at an IP address.",
  passkey_problem_known: "This passkey belongs to an account here already.",
  passkey_problem_too_many:
    "You have {most} passkeys, and more do not fit. Remove one that you no longer use.",
  passkey_last_way: "This passkey is your only way to sign in. Add another way first.",
  passkey_changed: "Your passkeys were changed meanwhile. Here is how they are now.",
  done_passkey_added: "The passkey is added. From now on it signs you in.",
  done_passkey_removed: "The passkey is removed. You can delete it from your device, too.",
  done_passkey_renamed: "The passkey has its new name.",
} as const;
