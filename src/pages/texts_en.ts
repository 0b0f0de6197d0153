/**
 * Every message in English; its keys are the keys of all languages. Plain, short, in the second person; the same word
 * for the same thing everywhere: app, access, allow.
 */
import { account_texts_en } from "./texts_account_en.ts";
import { change_texts_en } from "./texts_changes_en.ts";
import { claim_texts_en } from "./texts_claims_en.ts";
import { code_texts_en } from "./texts_codes_en.ts";
import { device_texts_en } from "./texts_device_en.ts";
import { error_texts_en } from "./texts_errors_en.ts";
import { event_texts_en } from "./texts_events_en.ts";
import { factor_texts_en } from "./texts_factors_en.ts";
import { mail_texts_en } from "./texts_mail_en.ts";
import { passkey_texts_en } from "./texts_passkeys_en.ts";
import { proof_texts_en } from "./texts_proofs_en.ts";
import { recovery_texts_en } from "./texts_recovery_en.ts";
import { sign_in_texts_en } from "./texts_sign_in_en.ts";
import { sign_up_texts_en } from "./texts_sign_up_en.ts";

export const texts_en = {
  ...change_texts_en,
  ...device_texts_en,
  ...claim_texts_en,
  ...passkey_texts_en,
  ...proof_texts_en,
  ...sign_in_texts_en,
  ...error_texts_en,
  ...mail_texts_en,
  ...factor_texts_en,
  ...event_texts_en,
  ...code_texts_en,
  ...recovery_texts_en,
  ...sign_up_texts_en,
  // Everywhere
  unnamed_app: "An app without a name",
  no_public_address: "no website",
  recently: "today or yesterday",
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
  link_help: "Help",
  link_privacy: "Privacy",
  link_terms: "Terms",
  link_imprint: "Legal notice",

  // Consent
  consent_title: "Allow access",
  consent_heading: "{app} wants to access your account",
  consent_heading_nothing: "{app} wants to know that you have an account",
  consent_heading_who: "{app} wants to know who you are",
  signed_in_as: "Signed in as",
  account_added: "Another account was signed in here. Nothing was done yet: is this you?",
  use_another_account: "Use another account",
  consent_may: "{app} will be able to",
  consent_may_also: "{app} will also be able to",
  consent_it: "It",
  consent_no_keeps: "If you don’t allow it, what you allowed before stays.",
  consent_all_before: "You allowed all of this before.",
  consent_none: "Know that you have an account here, and nothing else.",
  your_account: "Your account",
  app_picture_not_checked: "The app’s own picture, not checked by {product}.",
  app_documents: "From {app}:",
  app_policy: "Privacy policy",
  app_terms: "Terms of service",
  consent_lasts: "Lasts until you remove it in {link}.",
  consent_lasts_until: "Lasts until {time} at the longest. You can remove it before, in {link}.",
  consent_lasts_session: "Works while you are signed in here. Remove it in {link}.",
  consent_lasts_asked: "Lasts until you are signed out here, or remove it in {link}.",
  consent_heading_more: "{app} asks for more access",
  consent_heading_device: "{app} on another device wants to access your account",
  consent_on_port: "App on this device, port {port}",
  consent_on_device: "App on this device",
  consent_not_checked: "Not checked by {product}.",
  consent_by_person: "Someone here added it. Go on only if you know it.",
  consent_by_itself: "It added itself. Go on only if you know it.",
  consent_can_already: "{app} can already",
  consent_before_one: "You allowed {count} thing before",
  consent_before_other: "You allowed {count} things before",
  consent_started: "Allow only if you just started this app yourself.",
  consent_back_to: "Back to {host}.",
  consent_on_to: "You go on to {host}, another address than the one above.",
  change_account: "Change{account}",
  change_account_what: " account",
  promise_sign_in: "Your password stays here. {app} never sees it.",
  promise_consent: "{app} gets what you allow here, never your password.",
  in_api: "In {api}",
  can_change: "can change",
  legend_see_one: "see {count} thing",
  legend_see_other: "see {count} things",
  legend_change_one: "change {count}",
  legend_change_other: "change {count}",
  sees_one: "sees {count} thing",
  sees_other: "sees {count} things",
  changes_things_one: "changes {count}",
  changes_things_other: "changes {count}",
  to_correct_other: "{count} things to correct",
  allow: "Allow",
  deny: "Don’t allow",
  permission_api: "Use {api} as you",
  scope_openid: "Know who you are",
  scope_openid_detail: "That you are the same person when you come back",
  scope_profile: "See your name and profile",
  scope_email: "See your email address",
  scope_address: "See your postal address",
  scope_phone: "See your phone number",
  scope_offline_access: "Keep this access when you are not there",

  // Choose an account
  select_account_title: "Choose an account",
  select_account_heading: "Choose an account",
  select_account_for_app: "Which account for {app}?",
  choose_account: "Choose an account",
  shared_computer: "On a shared computer?",
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
  signed_out_lead: "Apps that you used may keep you signed in by themselves: sign out there too.",
  signed_out_one_heading: "That account is signed out",
  signed_out_one_lead:
    "Apps that you used with it may keep you signed in by themselves: sign out there too.",
  still_signed_in: "Still signed in here:",
  signed_out_apps: "You are also signed out of",
  back_to_app: "Back to {app}",
  begin_again_at_app: "Start again in {app}",
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

  ...account_texts_en,
} as const;

export type TextKey = keyof typeof texts_en;
/** Every message of the pages. `{names}` in braces are filled in by the page. */
export type Texts = Readonly<Record<TextKey, string>>;
