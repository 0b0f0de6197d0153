/** States of pages that people rarely see: every error, every problem of a form, long lists, several accounts. */
import { redirectUriMismatch } from "../../src/oauth/redirect_uri_mismatch.ts";
import { APP_KINDS, editAppPage, registerAppPage } from "../../src/pages/account/app_form.ts";
import { appSecretPage } from "../../src/pages/account/app_secret.ts";
import { connectedAppsPage } from "../../src/pages/account/connected_apps.ts";
import { securityPage } from "../../src/pages/account/security.ts";
import { consentPage } from "../../src/pages/consent.ts";
import { createAccountPage } from "../../src/pages/create_account.ts";
import { deviceCodePage, deviceDonePage } from "../../src/pages/device.ts";
import { type ErrorKind, errorPage } from "../../src/pages/error.ts";
import { selectAccountPage } from "../../src/pages/select_account.ts";
import { setupPage } from "../../src/pages/setup.ts";
import { signInPage } from "../../src/pages/sign_in.ts";
import { signOutPage } from "../../src/pages/sign_out.ts";
import { signedOutPage } from "../../src/pages/signed_out.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { wrongAddressPage } from "../../src/pages/wrong_address.ts";
import {
  account_permissions,
  ada,
  app_values,
  before,
  CLIENT_ID,
  connection,
  consent,
  day,
  device,
  edit_app,
  event_id,
  frame,
  hostile_name,
  impostor,
  impostor_person,
  long_host,
  no_factors,
  no_values,
  own_picture,
  permission,
  photo_permissions,
  printly,
  SECRET,
  select_account,
  sign_in,
  target,
  television,
  terminal,
} from "./sample_props.ts";
import { now } from "./sample_views.ts";

type Draw = (view: View) => Page;

/** A label of 63 letters, the longest that a host may have. It can't be broken at a dot. */
const one_word = `${"pictures".repeat(7)}-of-us.example`;
/** A user name without a place to break, as long as one may be. */
const long_login = "wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewis";
const many_addresses = Array.from(
  { length: 4 },
  (_, i) => `https://printly.example/accounts/callbacks/valetkey/number-${i + 1}/continue`,
);

/** The errors that have no sample among the ordinary ones, each as the server shows it most often. */
const errors: Readonly<Record<string, Draw>> = Object.fromEntries(
  (
    [
      "unreadable",
      "browser",
      "form",
      "cookies",
      "not_allowed",
      "disabled",
      "app_disabled",
      "too_many",
    ] satisfies ErrorKind[]
  ).map((kind): [string, Draw] => [
    `error_${kind}`,
    (view) => errorPage({ kind, event_id, seconds: 90, can_retry: true }, view),
  ]),
);

const REGISTERED = ["https://printly.example/callback", "http://localhost/callback"];

/** An address of the request that differs from the registered one, in one way each. */
const mismatches: Readonly<Record<string, Draw>> = Object.fromEntries(
  Object.entries({
    scheme: "http://printly.example/callback",
    loopback: "http://127.0.0.1:8400/callback",
    port: "https://printly.example:8443/callback",
    www: "https://www.printly.example/callback",
    letter_case: "https://printly.example/Callback",
    fragment: "https://printly.example/callback#done",
    query: "https://printly.example/callback?session=8f2a91c4",
    path: "https://printly.example/accounts/sign-in/valetkey/callback",
  }).map(([difference, sent]): [string, Draw] => [
    `error_redirect_${difference}`,
    (view) =>
      errorPage(
        {
          ...{ kind: "redirect", event_id, app: printly, detail: "redirect_uri is not registered" },
          mismatch: redirectUriMismatch(sent, REGISTERED),
        },
        view,
      ),
  ]),
);

export const rare_samples: Readonly<Record<string, Draw>> = {
  ...errors,
  ...mismatches,
  error_redirect_missing: (view) =>
    errorPage({ kind: "redirect", event_id, mismatch: redirectUriMismatch(undefined, []) }, view),
  error_app_document: (view) =>
    errorPage(
      {
        kind: "app_document",
        event_id,
        app: { name: "apps.example", host: "apps.example", logo: null, href: null },
        detail: "client_id in the document is not the URL of the document",
      },
      view,
    ),
  consent_changed_much: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, registered_by: "document" },
        changes: [
          { kind: "name", before: "Printly" },
          { kind: "logo" },
          { kind: "redirect", hosts: ["a.example", "b.example", "com.example.app:", "c.example"] },
          { kind: "method" },
          { kind: "keys" },
        ],
      },
      view,
    ),
  consent_changed_hostile: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, registered_by: "document" },
        changes: [
          { kind: "name", before: hostile_name },
          { kind: "redirect", hosts: [long_host] },
        ],
      },
      view,
    ),
  consent_changed_meanwhile: (view) =>
    consentPage(
      { ...consent, app: { ...printly, registered_by: "document" }, problem: "app_changed" },
      view,
    ),
  consent_changed_little: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, registered_by: "person" },
        changes: [
          { kind: "name", before: null },
          { kind: "redirect", hosts: [] },
        ],
      },
      view,
    ),
  error_expired_own: (view) => errorPage({ kind: "expired", event_id }, view),
  error_cookies_app: (view) => errorPage({ kind: "cookies", event_id, app: printly }, view),
  error_form_without_site: (view) =>
    errorPage({ kind: "form", event_id, app: { ...terminal, href: null } }, view),
  error_app_without_site: (view) =>
    errorPage({ kind: "app_disabled", event_id, app: { ...terminal, href: null } }, view),
  sign_in_missing: (view) => signInPage({ ...sign_in, problem: { kind: "missing" } }, view),
  sign_in_policy: (view) =>
    signInPage({ ...sign_in, documents: { ...consent.documents, terms: null } }, view),
  sign_in_picture: (view) =>
    signInPage(
      {
        ...sign_in,
        app: impostor,
        documents: { policy: null, terms: null, picture: own_picture },
      },
      view,
    ),
  sign_in_busy: (view) => signInPage({ ...sign_in, problem: { kind: "busy" } }, view),
  sign_in_form_expired: (view) =>
    signInPage({ ...sign_in, username: "ada", problem: { kind: "form_expired" } }, view),
  sign_in_again_account: (view) =>
    signInPage({ ...sign_in, app: null, username: long_login, again: true }, view),
  sign_in_help_link: (view) =>
    signInPage({ ...sign_in, help: { href: "https://help.example.com/passwords" } }, view),
  sign_in_one_word_host: (view) =>
    signInPage(
      {
        ...sign_in,
        app: { ...printly, name: "Donaudampfschifffahrtsgesellschaft", host: one_word },
      },
      view,
    ),
  create_account_missing: (view) =>
    createAccountPage(
      {
        form: target("/sign-up"),
        app: impostor,
        values: { username: "", email: "ada@example.org", name: "Ada" },
        errors: { username: "missing", email: "taken", password: "missing" },
        problem: { kind: "form_expired" },
        sign_in_href: "/sign-in",
      },
      view,
    ),
  create_account_invalid: (view) =>
    createAccountPage(
      {
        form: target("/sign-up"),
        app: printly,
        values: { username: "ada lovelace", email: "", name: "" },
        errors: { username: "invalid", password: "long" },
        sign_in_href: "/sign-in",
      },
      view,
    ),
  setup_errors: (view) =>
    setupPage(
      {
        form: { action: "/setup", hidden: { key: "one-time" } },
        values: { ...no_values, username: "ada" },
        errors: { password: "short" },
        problem: "form_expired",
      },
      view,
    ),
  consent_one: (view) =>
    consentPage(
      { ...consent, groups: [{ name: "Snaps", permissions: photo_permissions.slice(0, 1) }] },
      view,
    ),
  consent_itself: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, name: "", registered_by: "itself" },
        documents: { policy: null, terms: "https://printly.example/terms", picture: null },
        other_account_href: null,
        problem: "busy",
        groups: [
          {
            name: "Snaps",
            permissions: [permission("", "Snaps", { scope: null }), ...before(photo_permissions)],
          },
          {
            name: null,
            permissions: [
              permission("phone", null, { detail: "+49 30 901820" }),
              permission("address", null, { detail: "Unter den Linden 6, 10117 Berlin" }),
            ],
          },
        ],
      },
      view,
    ),
  consent_more_of_several: (view) =>
    consentPage(
      {
        ...consent,
        redirect: { kind: "site", host: one_word },
        groups: [
          {
            name: "Snaps",
            permissions: [...before(photo_permissions), permission("photos.share", "Share albums")],
          },
          {
            name: "Parcel",
            permissions: [
              permission("parcels.send", "Send parcels in your name", { access: "change" }),
              permission("parcels.cancel", "Cancel parcels", { access: "change", checked: false }),
              ...before([permission("parcels.see", "See your parcels", { access: "read" })]),
            ],
          },
          { name: null, permissions: before(account_permissions) },
        ],
      },
      view,
    ),
  consent_before_one: (view) =>
    consentPage(
      {
        ...consent,
        person: { name: long_login, username: long_login },
        groups: [
          { name: "Snaps", permissions: photo_permissions },
          { name: null, permissions: before(account_permissions.slice(0, 1)) },
        ],
      },
      view,
    ),
  device_filled: (view) => deviceCodePage({ ...device, user_code: "WDJB-MJHT" }, view),
  device_consent_here: (view) =>
    consentPage({ ...consent, redirect: { ...television, here: true } }, view),
  device_consent_somewhere: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...terminal, registered_by: "itself" },
        redirect: { ...television, address: null },
      },
      view,
    ),
  device_connected_impostor: (view) =>
    deviceDonePage({ app: impostor, outcome: "connected" }, view),
  sign_out_several_long: (view) =>
    signOutPage(
      {
        form: target("/sign-out"),
        app: impostor,
        several: { account: impostor_person, count: 5 },
        leads_to: "https://printly.example/bye",
      },
      view,
    ),
  select_account_five: (view) =>
    selectAccountPage(
      {
        ...select_account,
        app: impostor,
        accounts: [
          { key: "a-key8", ...ada },
          { key: "b-key8", name: "Grace Hopper", username: "grace@navy.example.org" },
          { key: "c-key8", name: "", username: long_login },
          { key: "d-key8", ...impostor_person },
          { key: "e-key8", name: "李小龍", username: "lee" },
        ],
        replaced: { accounts: [ada, impostor_person], most: 5 },
      },
      view,
    ),
  signed_out_one_of_apps: (view) =>
    signedOutPage(
      { apps: ["Printly"], still: [ada], back: { ...impostor, href: impostor.href } },
      view,
    ),
  wrong_address_plain: (view) =>
    wrongAddressPage({ href: `https://${long_host}/account`, host: long_host, proxy: null }, view),
  connected_apps_empty: (view) => connectedAppsPage({ frame, apps: [] }, view),
  connected_apps_more: (view) =>
    connectedAppsPage(
      {
        frame: { ...frame, person: impostor_person },
        problem: "form_expired",
        next: "printly-7",
        apps: Array.from({ length: 7 }, (_, i) => ({
          ...printly,
          name: `Printly ${i + 1}`,
          client_id: `printly-${i + 1}`,
          start: null,
          groups: [
            {
              name: "Snaps",
              permissions: photo_permissions.slice(i % 2),
            },
            {
              name: "Parcel",
              permissions: [
                permission("parcels.send", "Send parcels in your name", { access: "change" }),
              ],
            },
            { name: null, permissions: account_permissions.slice(0, i) },
          ],
          since: now - i * day,
          last_used: now - i * 3600,
        })),
      },
      view,
    ),
  register_app_missing: (view) =>
    registerAppPage(
      {
        frame,
        form_id: "sealed",
        kinds: APP_KINDS,
        problem: "busy",
        values: { ...app_values, name: "n".repeat(80), redirect_uris: "" },
        errors: { name: "long", redirect_uris: [{ kind: "missing" }] },
      },
      view,
    ),
  register_app_wrong_addresses: (view) =>
    registerAppPage(
      {
        frame,
        form_id: "sealed",
        kinds: APP_KINDS,
        values: { ...app_values, kind: "browser", redirect_uris: many_addresses.join("\n") },
        errors: {
          redirect_uris: [
            { kind: "invalid", uri: "printly" },
            { kind: "fragment", uri: `${many_addresses[0]}#done` },
            { kind: "not_allowed", uri: "javascript:alert(1)" },
            {
              kind: "spelling",
              uri: "HTTPS://Printly.example/%7ecallback",
              write_as: "https://printly.example/~callback",
            },
            { kind: "many", count: 10 },
          ],
          post_logout_redirect_uris: [{ kind: "https", uri: "http://printly.example/bye" }],
        },
      },
      view,
    ),
  edit_app_native: (view) =>
    editAppPage(
      {
        ...edit_app,
        values: { ...app_values, kind: "native", auth_method: null },
        errors: { name: "missing", site: "invalid" },
        newest_secret: null,
        connection: connection("native", null),
      },
      view,
    ),
  app_secret_old_gone: (view) =>
    appSecretPage(
      {
        frame,
        app: { name: "Printly", client_id: CLIENT_ID },
        reason: "new_secret",
        connection: { ...connection("web", SECRET), redirect_uris: many_addresses, snippet: null },
        old_secret_until: null,
      },
      view,
    ),
  security_many: (view) =>
    securityPage(
      {
        ...no_factors,
        frame,
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: true,
        errors: { current_password: "missing", new_password: "long" },
        done: "session_ended",
        sessions: user_agents.map((user_agent, i) => ({
          ...{ id: `s${i}`, this_one: i === 3, user_agent, network: "203.0.113.0/24" },
          ...{ since: now - (i + 1) * 40 * day, last_seen: now - i * i * day },
        })),
      },
      view,
    ),
  security_changed: (view) =>
    securityPage(
      {
        ...no_factors,
        frame,
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: true,
        errors: {},
        done: "password_changed",
        sessions: [
          { id: "s1", this_one: true, user_agent: null, network: null, since: now, last_seen: now },
        ],
      },
      view,
    ),
  security_elsewhere: (view) =>
    securityPage(
      {
        ...no_factors,
        frame: { ...frame, pages: ["connected_apps", "security"] },
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: false,
        errors: {},
        done: "sessions_ended",
        sessions: [
          { id: "s1", this_one: true, user_agent: null, network: null, since: now, last_seen: now },
        ],
      },
      view,
    ),
  security_problem: (view) =>
    securityPage(
      {
        ...no_factors,
        frame,
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: true,
        errors: { new_password: "missing" },
        problem: { kind: "throttled", seconds: 3000 },
        sessions: [
          { id: "s1", this_one: true, user_agent: null, network: null, since: now, last_seen: now },
        ],
      },
      view,
    ),
};

const user_agents = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0",
  "Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (iPad; CPU OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
  "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "curl/8.14.1",
  null,
];
