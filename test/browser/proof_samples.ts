/** Samples of the pages about further proofs: one more proof, another factor, passkeys. */
import { type PasskeysProps, passkeysPage } from "../../src/pages/account/passkeys.ts";
import { type ReviewKind, type ReviewProps, reviewPage } from "../../src/pages/account/review.ts";
import { type SecurityProps, securityPage } from "../../src/pages/account/security.ts";
import { enrolPage } from "../../src/pages/enrol.ts";
import { personLinkPage } from "../../src/pages/person_link.ts";
import { type ProveProps, provePage } from "../../src/pages/prove.ts";
import { signInPage } from "../../src/pages/sign_in.ts";
import type { Page, View } from "../../src/pages/view.ts";
import {
  ada,
  day,
  frame,
  hostile_name,
  impostor,
  impostor_person,
  no_factors,
  printly,
  sign_in,
  target,
} from "./sample_props.ts";
import { now } from "./sample_views.ts";

const passkey = { options: '{"challenge":"c2VhbGVk"}', ceremony: "sealed.ceremony" };

const prove: ProveProps = {
  form: target("/sign-in/second"),
  app: printly,
  person: ada,
  purpose: "sign_in",
  use: null,
  ways: ["passkey", "totp", "recovery"],
  passkey,
  hrefOf: (use) => `/sign-in/second?first=sealed&use=${use}`,
  help: null,
  problem: null,
};
const confirm: ProveProps = {
  ...{ ...prove, form: target("/confirm"), app: null, purpose: "confirm", passkey: null },
  hrefOf: (use) => `/confirm?confirm=sealed&use=${use}`,
  ways: ["pwd"],
};
const by_passkey: ProveProps = { ...confirm, passkey, ways: ["passkey", "pwd"] };

const passkeys: PasskeysProps = {
  frame,
  passkeys: [
    {
      ...{ credential_id: "aGVsbG8gd29ybGQ", name: "iPhone", synced: true, elsewhere: false },
      ...{ created_at: now - 90 * day, used_at: now - day },
    },
    {
      ...{ credential_id: "d29yayBsYXB0b3A", name: hostile_name, synced: false, elsewhere: true },
      ...{ created_at: now, used_at: null },
    },
  ],
  passkey,
  carried: {},
  suggested_name: "Firefox on Linux",
  problem: null,
  most: 20,
};
const without = { ...passkeys, passkeys: [] };

const person_link = { form: target("/sign-in/link"), person: ada, password: true, help: null };
const security: SecurityProps = {
  ...{ ...no_factors, frame, can_change_password: true, errors: {}, sessions: [] },
  ...{ passkeys: passkeys.passkeys, at_address: false, signals: { signalAll: { rpId: "x" } } },
  email: { address: "ada.lovelace@example.org", verified: true },
  email_href: "/account/security/email",
};

const item = (kind: ReviewKind, name: string, days: number) => ({
  ...{ kind, name, id: `${kind}-${days}`, field: `keep_${kind}_${days}` },
  ...{ since: now - days * day, used: days > 60 ? now - day : null, keep: days > 30 },
});
const review: ReviewProps = {
  frame,
  items: [
    item("passkey", "iPhone", 300),
    item("passkey", hostile_name, 2),
    item("totp", "Authenticator on Pixel", 90),
    item("session", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", 40),
    item("session", "", 1),
    item("app", "Printly", 100),
    item("app", hostile_name, 3),
  ],
  hidden: { shown: "sealed" },
  problem: null,
};

export const proof_samples: Readonly<Record<string, (view: View) => Page>> = {
  prove: (view) => provePage(prove, view),
  prove_passkey: (view) => provePage({ ...prove, ways: ["passkey"] }, view),
  prove_recovery: (view) => provePage({ ...prove, use: "recovery" }, view),
  prove_none: (view) =>
    provePage({ ...prove, use: "lost", help: { text: "Ask at the front desk." } }, view),
  prove_step_up: (view) => provePage({ ...prove, purpose: "step_up", ways: ["passkey"] }, view),
  prove_wrong: (view) => provePage({ ...prove, problem: { kind: "wrong" } }, view),
  prove_used: (view) => provePage({ ...prove, problem: { kind: "used" } }, view),
  prove_missing: (view) => provePage({ ...prove, problem: { kind: "missing" } }, view),
  prove_busy: (view) => provePage({ ...prove, problem: { kind: "busy" } }, view),
  prove_throttled: (view) =>
    provePage({ ...prove, problem: { kind: "throttled", seconds: 1800 } }, view),
  prove_recovery_wrong: (view) =>
    provePage({ ...prove, use: "recovery", problem: { kind: "wrong" } }, view),
  prove_someone_else: (view) =>
    provePage({ ...prove, problem: { kind: "passkey", why: "someone_else" } }, view),
  prove_unverified: (view) =>
    provePage({ ...prove, problem: { kind: "passkey", why: "unverified" } }, view),
  prove_expired: (view) =>
    provePage({ ...prove, problem: { kind: "passkey", why: "expired" } }, view),
  prove_hostile: (view) =>
    provePage({ ...prove, app: impostor, person: impostor_person, ways: ["totp"] }, view),
  confirm: (view) => provePage(confirm, view),
  confirm_wrong: (view) => provePage({ ...confirm, problem: { kind: "wrong" } }, view),
  confirm_passkey: (view) => provePage(by_passkey, view),
  confirm_recovery: (view) =>
    provePage({ ...confirm, ways: ["totp", "recovery"], use: "recovery" }, view),
  enrol: (view) =>
    enrolPage(
      {
        ...{ form: target("/sign-in/enrol"), app: printly },
        passkeys_href: "/account/security/passkeys?continue=sealed",
        app_codes_href: "/account/security/app-codes?continue=sealed",
      },
      view,
    ),
  enrol_own: (view) =>
    enrolPage(
      {
        ...{ form: target("/sign-in/enrol"), app: null },
        passkeys_href: "/account/security/passkeys?continue=sealed",
        app_codes_href: null,
      },
      view,
    ),
  passkeys: (view) => passkeysPage(passkeys, view),
  passkeys_none: (view) => passkeysPage(without, view),
  passkeys_no_name: (view) =>
    passkeysPage({ ...without, problem: "name", suggested_name: "" }, view),
  passkeys_address: (view) => passkeysPage({ ...without, passkey: null }, view),
  passkeys_known: (view) => passkeysPage({ ...passkeys, problem: "known" }, view),
  passkeys_too_many: (view) => passkeysPage({ ...passkeys, problem: "too_many" }, view),
  passkeys_last_way: (view) => passkeysPage({ ...passkeys, problem: "last_way" }, view),
  passkeys_changed: (view) => passkeysPage({ ...passkeys, problem: "changed" }, view),
  passkeys_unreadable: (view) => passkeysPage({ ...passkeys, problem: "unreadable" }, view),
  passkeys_renamed: (view) => passkeysPage({ ...passkeys, done: "passkey_renamed" }, view),
  passkeys_removed: (view) => passkeysPage({ ...without, done: "passkey_removed" }, view),
  review: (view) => reviewPage(review, view),
  review_nothing: (view) => reviewPage({ ...review, items: [] }, view),
  review_last_way: (view) => reviewPage({ ...review, problem: "last_way" }, view),
  review_changed: (view) => reviewPage({ ...review, problem: "changed" }, view),
  security_passkeys: (view) => securityPage({ ...security, done: "passkey_added" }, view),
  security_passkeys_and_codes: (view) =>
    securityPage(
      {
        ...security,
        passkeys: passkeys.passkeys.slice(0, 1),
        app_codes: [
          {
            totp_id: "t1",
            name: "Authenticator on Pixel",
            created_at: now - 300 * day,
            used_at: now - 12 * day,
          },
        ],
        recovery_codes: { left: 7, most: 10, created_at: now - 300 * day },
      },
      view,
    ),
  security_email: (view) => securityPage({ ...security, done: "email_changed" }, view),
  security_no_email: (view) =>
    securityPage({ ...security, email: null, email_href: "/account/security/email" }, view),
  security_unverified_email: (view) =>
    securityPage({ ...security, email: { address: "ada@example.org", verified: false } }, view),
  security_address: (view) => securityPage({ ...security, at_address: true }, view),
  person_link: (view) => personLinkPage(person_link, view),
  person_link_passkey: (view) =>
    personLinkPage({ ...person_link, person: impostor_person, password: false }, view),
  person_link_expired: (view) => personLinkPage({ ...person_link, person: null }, view),
  sign_in_unknown_passkey: (view) =>
    signInPage(
      {
        ...sign_in,
        problem: {
          ...{ kind: "passkey", why: "unknown" },
          forget: { rpId: "id.example.com", credentialId: "aGVsbG8" },
        },
      },
      view,
    ),
  sign_in_passkey_only: (view) => signInPage({ ...sign_in, password: false }, view),
  sign_in_without_passkeys: (view) => signInPage({ ...sign_in, passkey: null }, view),
};
