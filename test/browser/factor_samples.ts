/** Samples of the pages about authenticator apps and recovery codes, and of the events of an account. */
import { appCodesPage } from "../../src/pages/account/app_codes.ts";
import type { EventKind } from "../../src/pages/account/events_card.ts";
import { newRecoveryCodesPage, recoveryCodesPage } from "../../src/pages/account/recovery_codes.ts";
import { securityPage } from "../../src/pages/account/security.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { day, frame, hostile_name, impostor_person, printly } from "./sample_props.ts";
import { now } from "./sample_views.ts";

const key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const adding = {
  uri: `otpauth://totp/Valetkey:ada?issuer=Valetkey&secret=${key}&algorithm=SHA1&digits=6&period=30`,
  groups: key.match(/.{4}/g) ?? [],
  sealed: "sealed.secret",
  name: null,
};
const phone = {
  ...{ totp_id: "t1", name: "Authenticator on Pixel" },
  ...{ created_at: now - 30 * day, used_at: now - 12 * day },
};
const hostile = { totp_id: "t2", name: hostile_name, created_at: now, used_at: null };
const app_codes = {
  ...{ frame, apps: [], adding, most: 3, carried: {} },
  ...{ errors: {}, problem: null },
};
const most_left = { left: 7, most: 10, created_at: now - 30 * day };
const none = { left: 0, most: 10, created_at: null };
const recovery = {
  ...{ frame, codes: most_left, version: 4, carried: {}, problem: null },
  on_href: "/account/security",
};
const codes = [
  ...["0AJC-5YFE-VP2S-H9G3", "1K7D-9QWX-M4TZ-8RBN", "2H3V-YC6P-0JGE-5SAF"],
  ...["3Z8N-41TM-XKWQ-7DRB", "4E0F-GS2A-HV9C-P6YJ", "5B6X-R8QK-3NZD-T1MW"],
  ...["6YJ5-0ACE-FS7H-2GVP", "7TMW-DZ3N-QK81-XR4B", "8PVG-2H7S-FEC0-A5JY"],
  "9WQX-M1KT-B8R4-NZ6D",
];

const EVENTS: readonly EventKind[] = [
  ...(["signed_in", "session_ended", "password_changed", "passkey_added"] as const),
  ...(["passkey_removed", "app_code_added", "app_code_removed", "recovery_code_used"] as const),
  ...(["recovery_codes_renewed", "consent_given", "consent_removed", "access_ended"] as const),
  ...(["key_reused", "account_created", "account_changed", "account_disabled"] as const),
  ...(["account_enabled", "app_registered", "app_changed", "app_secret_changed"] as const),
  "app_removed",
];
const events = EVENTS.map((kind, i) => ({
  ...{ kind, at: now - i * 3600, network: i % 3 === 2 ? null : "2001:db8:abcd::/48" },
  name: kind.endsWith("_added") ? (i % 2 === 0 ? "Phone" : hostile_name) : null,
  app: kind.startsWith("consent") || kind.startsWith("app_r") ? printly : null,
  by_operator: kind.startsWith("account"),
}));
const session = { id: "s1", user_agent: null, network: null, since: now, last_seen: now };
const security = {
  ...{ frame, can_change_password: true, ...{ email: null, email_href: null }, errors: {}, events },
  ...{ passkeys: [], at_address: false, signals: {} },
  sessions: [{ ...session, this_one: true }],
};

export const factor_samples: Readonly<Record<string, (view: View) => Page>> = {
  security_factors: (view) =>
    securityPage({ ...security, app_codes: [phone, hostile], recovery_codes: most_left }, view),
  security_app_added: (view) =>
    securityPage(
      { ...security, app_codes: [], recovery_codes: none, done: "app_code_added" },
      view,
    ),
  app_codes: (view) => appCodesPage(app_codes, view),
  app_codes_more: (view) =>
    appCodesPage({ ...app_codes, apps: [phone, hostile], done: "app_code_removed" }, view),
  app_codes_wrong: (view) => appCodesPage({ ...app_codes, errors: { code: "wrong" } }, view),
  app_codes_missing: (view) =>
    appCodesPage({ ...app_codes, errors: { name: "missing", code: "missing" } }, view),
  app_codes_expired: (view) => appCodesPage({ ...app_codes, problem: "expired" }, view),
  app_codes_full: (view) =>
    appCodesPage(
      {
        ...{ ...app_codes, adding: null, problem: "changed" },
        apps: [phone, hostile, { ...phone, totp_id: "t3" }],
      },
      view,
    ),
  recovery_codes: (view) => recoveryCodesPage(recovery, view),
  recovery_codes_first: (view) =>
    recoveryCodesPage({ ...recovery, codes: none, done: "app_code_added" }, view),
  recovery_codes_changed: (view) => recoveryCodesPage({ ...recovery, problem: "changed" }, view),
  recovery_codes_busy: (view) => recoveryCodesPage({ ...recovery, problem: "busy" }, view),
  new_recovery_codes: (view) =>
    newRecoveryCodesPage({ frame, codes, created_at: now, on_href: "/account/security" }, view),
  new_recovery_codes_impostor: (view) =>
    newRecoveryCodesPage(
      { ...{ codes, created_at: now, on_href: "/" }, frame: { ...frame, person: impostor_person } },
      view,
    ),
};
