/**
 * Every message in English; its keys are the keys of all languages. Plain, short, in the second person; the same word
 * for the same thing everywhere: app, access, allow.
 */
import { account_texts_en } from "./texts_account_en.ts";
import { device_texts_en } from "./texts_device_en.ts";

export const texts_en = {
  ...device_texts_en,
  // Everywhere
  unnamed_app: "An app without a name",
  no_public_address: "no public address",
  recently: "less than a day ago",
  show: "Show",
  hide: "Hide",
  show_password: "Show password",
  hide_password: "Hide password",
  copy: "Copy",
  copied: "Copied",
  optional: "optional",
  busy: "A lot is going on here right now. Please try again in a moment.",
  form_expired: "This page had been open for too long, so nothing was done. Please try again.",
  throttled: "Too many tries. You can try again in {time}.",
  skip: "Skip to content",

  // Sign in
  sign_in_title: "Sign in",
  sign_in_heading: "Sign in",
  sign_in_to_app: "Sign in to continue to {app}",
  sign_in_again: "Sign in again to continue to {app}",
  sign_in_again_account: "Enter your password again",
  login_label: "Username or email",
  username_label: "Username",
  password_label: "Password",
  sign_in_button: "Sign in",
  sign_in_wrong: "We can't sign you in with this username and password. Please check both.",
  sign_in_missing: "Enter your username and your password.",
  sign_in_help_link: "Get help with signing in",
  new_here: "New here?",
  create_account_link: "Create an account",
  test_account: "A test account to try it with",

  // Create account, set up
  create_account_title: "Create an account",
  create_account_heading: "Create an account",
  create_account_for_app: "Create an account to continue to {app}",
  create_account_button: "Create account",
  have_account: "Already have an account?",
  username_hint: "Letters, digits, dots and dashes. You sign in with it.",
  email_label: "Email",
  name_label: "Name",
  name_hint: "How apps may call you, if you let them.",
  new_password_label: "New password",
  password_hint: "At least 10 characters. Three or four unrelated words are good.",
  setup_title: "Set up",
  setup_heading: "Welcome to {product}",
  setup_lead:
    "Create the first account. It may register apps for everyone, so give it a good password.",
  setup_button: "Create administrator",
  error_username_missing: "Choose a username.",
  error_username_invalid: "Use only letters, digits, dots, dashes and underscores, at most 60.",
  error_username_taken: "This username is taken. Please choose another one.",
  error_email_invalid: "This is not an email address. It should look like ada@example.org.",
  error_email_taken: "This email address already belongs to an account.",
  error_name_long: "This name is too long.",
  error_password_missing: "Choose a password.",
  error_password_short: "This password is too short. Use at least 10 characters.",
  error_password_long: "This password is too long. Choose a shorter one.",
  error_password_common:
    "Many people use this password, so it is quickly guessed. Choose another one.",

  // Consent
  consent_title: "Allow access",
  consent_heading: "Allow access for {app}?",
  consent_not_verified:
    "Not verified. It was registered by a user of {product}, and not by an operator.",
  consent_itself:
    "Not verified. This app registered itself; {product} has not checked who made it.",
  consent_sent_to: "Your answer will be sent to {host}, and not to {site}.",
  consent_sent_to_only: "Your answer will be sent to {host}.",
  consent_this_computer:
    "This is an app on this device. Go on only if you just started it yourself.",
  signed_in_as: "Signed in as",
  account_added:
    "Another account was signed in here meanwhile, so nothing was done. Check that the account below is yours, and answer again.",
  use_another_account: "Use another account",
  consent_may: "{app} will be able to",
  consent_may_also: "New: {app} will also be able to",
  consent_before: "Already allowed ({count})",
  consent_all_before: "You have allowed all of this before",
  consent_untick: "Untick what you would rather not allow.",
  consent_none: "know that you have an account here, and nothing else",
  your_account: "Your account",
  reads: "read",
  changes: "change",
  consent_documents: "From {app}:",
  consent_policy: "Privacy policy",
  consent_terms: "Terms of service",
  consent_lasts: "This lasts until you remove it under {link}.",
  consent_lasts_until:
    "This lasts until {time} at the longest. You can remove it before, under {link}.",
  consent_lasts_session:
    "{app} has this access while you are signed in here. When you sign in to it again, it gets the access back without asking, until you remove it under {link}.",
  consent_lasts_asked:
    "This ends when you are signed out here, or when you remove it under {link}. {app} has to ask each time.",
  allow: "Allow",
  deny: "Don't allow",
  permission_api: "Use {api} as you",
  scope_openid: "Recognise you when you come back",
  scope_profile: "See your name and profile",
  scope_email: "See your email address",
  scope_address: "See your postal address",
  scope_phone: "See your phone number",
  scope_offline_access: "Use this access while you are away",

  // Choose an account
  select_account_title: "Choose an account",
  select_account_heading: "Choose an account",
  select_account_for_app: "Which account for {app}?",
  choose_account: "Choose an account",
  switch_account: "Switch account",
  use_another_account_replaces:
    "A browser holds {count} accounts at most. Signing in with another one signs out {person}.",

  // Sign out
  sign_out_title: "Sign out",
  sign_out_heading: "Sign out?",
  sign_out_for_app: "{app} asks to sign you out here.",
  sign_out_lead: "You will be signed out of {product} in this browser.",
  sign_out_button: "Sign out",
  sign_out_several: "In this browser, {count} accounts are signed in.",
  sign_out_one: "Sign out {person}",
  sign_out_all: "Sign out all accounts",
  stay_signed_in: "Stay signed in",
  signed_out_title: "Signed out",
  signed_out_heading: "You are signed out",
  signed_out_lead:
    "You are signed out here, in this browser. Apps that you used may keep you signed in by themselves: sign out there too.",
  signed_out_one_heading: "That account is signed out",
  signed_out_one_lead:
    "Apps that you used with it may keep you signed in by themselves: sign out there too.",
  still_signed_in: "Still signed in here:",
  signed_out_apps: "You are also signed out of",
  back_to_app: "Back to {app}",
  sign_in_again_link: "Sign in again",

  // Done, form post, wrong address
  done_title: "Already answered",
  done_heading: "This has been answered already",
  done_lead: "The answer was sent to {app}. You can close this page.",
  done_narrowed: "{app} loses what you have just taken away, and keeps the rest.",
  done_again: "If something went wrong, go back to the app and start again there.",
  see_connected_apps: "See your connected apps",
  form_post_title: "Back to the app",
  form_post_heading: "One moment",
  form_post_lead: "You are on your way back to {app}. If nothing happens, press the button.",
  form_post_button: "Continue to {host}",
  wrong_address_title: "Other address",
  wrong_address_heading: "This page has another address",
  wrong_address_lead: "The pages of {product} are at its own address only.",
  wrong_address_button: "Go to {host}",
  wrong_address_proxy: "For the operator of this server",
  wrong_address_proxy_lead:
    "If you came through a proxy, it does not say which address was asked for, or it is not trusted. It must send these headers, and its own address must be listed in trust_proxy.",
  wrong_address_received: "Received",
  wrong_address_expected: "Needed",

  // Errors
  error_id: "Event",
  error_id_hint: "Give this to the developer or to the operator of {product}.",
  error_details: "For developers",
  try_again: "Try again",
  go_to_account: "Go to your account",
  error_unknown_app_heading: "We don't know this app",
  error_unknown_app:
    "The link that brought you here names no app that {product} knows. You did nothing wrong.",
  error_unknown_app_todo: "Go back to the app and tell its makers.",
  error_redirect_heading: "This app is not set up correctly",
  error_redirect:
    "It gave no address for its answer, or one that is not registered for it. To protect you, we stopped here. You did nothing wrong.",
  error_redirect_todo: "Go back to the app and tell its makers.",
  error_request_heading: "We don't understand this app",
  error_request: "It asked for access in a way that does not work here. You did nothing wrong.",
  error_request_todo: "Go back and try again. If it happens again, tell the makers of the app.",
  error_unreadable_heading: "This could not be read",
  error_unreadable:
    "Something in it is too long, stands there twice, or is not what this page expects. Nothing was done.",
  error_unreadable_todo: "Go back and try again.",
  error_expired_heading: "This request is over",
  error_expired:
    "For your safety, a request of an app can be answered only once, and only for a while. This one can't be answered any more.",
  error_expired_todo: "Go back to the app and start again there.",
  error_browser_heading: "This page belongs to another visit",
  error_browser:
    "It was begun in another browser, or your browser has not kept the cookies of this site. Nothing was done.",
  error_browser_todo: "Go back to where you came from and start again, with cookies allowed.",
  error_form_heading: "Nothing was done",
  error_form:
    "This form is outdated, or did not come from a page that we showed you in this browser. So we did not act on it.",
  error_form_todo: "Open the page again and repeat what you wanted to do.",
  error_cookies_heading: "Your browser sent no cookie",
  error_cookies:
    "{product} recognizes its own forms by a cookie. Nothing was done. Allow cookies for this site.",
  error_cookies_todo: "Then open the page again and repeat what you wanted to do.",
  error_back_todo: "Go back to {app} and start again there.",
  error_setup_link_heading: "This link no longer works",
  error_setup_link: "A set-up link works once, for a day, and only while there is no account.",
  error_setup_link_todo:
    "If there is still no account, start the server again: it prints a new link.",
  error_not_found_heading: "There is nothing here",
  error_not_found: "The address may be mistyped, or what was here is gone.",
  error_not_found_todo: "Check the address, or go to your account.",
  error_not_allowed_heading: "This is not for you",
  error_not_allowed: "Your account is not allowed to do this.",
  error_not_allowed_todo: "If you need it, ask the operator of {product}.",
  error_disabled_heading: "This account can't be used",
  error_disabled: "It can't be used to sign in to {product}.",
  error_disabled_todo: "If you think this is a mistake, ask the operator of {product}.",
  error_app_disabled_heading: "This app is switched off",
  error_app_disabled: "Someone who runs {product} switched it off. You did nothing wrong.",
  error_app_disabled_todo: "You can close this page.",
  error_too_many_heading: "That was a lot at once",
  error_too_many: "Many changes were made in a short time, so this one was not.",
  error_too_many_todo: "Wait {time}, then try again.",
  error_busy_heading: "A lot is going on here",
  error_busy: "{product} cannot answer right now. This is our fault, and it should be over soon.",
  error_busy_todo: "Wait a moment, then try again.",
  error_server_heading: "Something went wrong here",
  error_server: "This is our fault, not yours.",
  error_server_todo: "Try again in a moment. If it happens again, tell the operator of {product}.",

  ...account_texts_en,
} as const;

export type TextKey = keyof typeof texts_en;
/** Every message of the pages. `{names}` in braces are filled in by the page. */
export type Texts = Readonly<Record<TextKey, string>>;
