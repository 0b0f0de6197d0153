/** Messages of a new password by mail, of notices and their undo, in English. */
export const recovery_texts_en = {
  forgot_password: "Forgot your password?",
  code_heading_reset: "Set a new password",
  code_sent_reset:
    "If {address} has an account here, we have just sent a six-digit code to it. It works for {time}.",
  code_button_reset: "Go on",
  mail_code_reset: "Type this code where you began to set a new password:",
  new_password_heading: "Choose a new password",
  new_password_lead:
    "For {username}. All devices and apps are signed out then, in case somebody else knew the old one.",
  new_password_button: "Set the password",

  mail_subject_password_changed: "Your password at {product} was changed",
  mail_notice_password_changed: "The password of your account {username} at {product} was changed.",
  mail_subject_password_reset: "Your password at {product} was changed",
  mail_notice_password_reset:
    "The password of your account {username} at {product} was changed with a code by mail. All devices and apps were signed out.",
  mail_subject_new_browser: "A new sign-in to {product}",
  mail_notice_new_browser:
    "Your account {username} at {product} was signed in to from a browser that is new to us.",
  mail_subject_passkey_added: "A passkey was added at {product}",
  mail_notice_passkey_added:
    "The passkey “{name}” was added to your account {username} at {product}.",
  mail_subject_passkey_removed: "A passkey was removed at {product}",
  mail_notice_passkey_removed:
    "The passkey “{name}” was removed from your account {username} at {product}.",
  mail_subject_app_code_added: "An app for codes was added at {product}",
  mail_notice_app_code_added:
    "“{name}”, an app for sign-in codes, was added to your account {username} at {product}.",
  mail_subject_app_code_removed: "An app for codes was removed at {product}",
  mail_notice_app_code_removed:
    "“{name}”, an app for sign-in codes, was removed from your account {username} at {product}.",
  mail_subject_recovery_codes_renewed: "New recovery codes at {product}",
  mail_notice_recovery_codes_renewed:
    "Your account {username} at {product} got new recovery codes. The old ones no longer work.",
  mail_notice_when: "When: {when}.",
  mail_notice_when_where: "When and from where: {when}, {from}.",
  mail_notice_you: "Was it you? Then there is nothing to do.",
  mail_notice_undo: "That wasn’t me",
  mail_notice_link: "The link works for seven days. It asks before anything happens.",

  undo_heading_asks: "That wasn’t you?",
  undo_heading_done: "Everything is signed out",
  undo_heading_expired: "This link has ended",
  undo_asks:
    "Then we sign out all devices and apps of your account. After that, set a new password, so that nobody gets in with one that they know.",
  undo_asks_added:
    "Then we remove what was added, and sign out all devices and apps of your account. After that, set a new password, so that nobody gets in with one that they know.",
  undo_button: "That wasn’t me",
  undo_was_you: "Was it you after all? Just close this page.",
  undo_done: "All devices and apps of your account are signed out, and what was added is gone.",
  undo_next:
    "Now set a new password, and look at your mailbox: whoever can read it can get in here.",
  undo_expired:
    "It was used already, or is older than seven days. If you don’t trust your account, set a new password: that signs out everything.",
  undo_reset: "Set a new password",
  code_heading_email: "Your new email address",
  code_sent_email:
    "If nobody else uses {address} here, we have just sent a six-digit code to it. It works for {time}.",
  code_button_email: "Use this address",
  mail_code_email: "Type this code where you began to change your address:",
  mail_subject_email_changed: "Your address at {product} was changed",
  mail_notice_email_changed:
    "The account {username} at {product} now has the address {name} in place of this one.",
  email_section: "Email address",
  email_none: "None yet. With one, a forgotten password is no problem.",
  email_unverified: "{address}, not confirmed",
  email_change: "Change",
  email_add: "Add one",
  done_email_changed: "Your new address counts from now on. We have told the old one.",
} as const;
