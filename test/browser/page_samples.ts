/** Samples of every page in its different states, with ordinary and with hostile values. */
import { redirectUriMismatch } from "../../src/oauth/redirect_uri_mismatch.ts";
import { APP_KINDS, editAppPage, registerAppPage } from "../../src/pages/account/app_form.ts";
import { appSecretPage } from "../../src/pages/account/app_secret.ts";
import { connectedAppsPage } from "../../src/pages/account/connected_apps.ts";
import { disconnectPage } from "../../src/pages/account/disconnect.ts";
import { removeAppPage } from "../../src/pages/account/remove_app.ts";
import { securityPage } from "../../src/pages/account/security.ts";
import { yourAppsPage } from "../../src/pages/account/your_apps.ts";
import { consentPage } from "../../src/pages/consent.ts";
import { createAccountPage } from "../../src/pages/create_account.ts";
import { deviceCodePage, deviceDonePage } from "../../src/pages/device.ts";
import { donePage } from "../../src/pages/done.ts";
import { errorPage } from "../../src/pages/error.ts";
import { formPostPage } from "../../src/pages/form_post.ts";
import { selectAccountPage } from "../../src/pages/select_account.ts";
import { setupPage } from "../../src/pages/setup.ts";
import { signInPage } from "../../src/pages/sign_in.ts";
import { signOutPage } from "../../src/pages/sign_out.ts";
import { signedOutPage } from "../../src/pages/signed_out.ts";
import type { Page, View } from "../../src/pages/view.ts";
import { wrongAddressPage } from "../../src/pages/wrong_address.ts";
import { code_samples } from "./code_samples.ts";
import { factor_samples } from "./factor_samples.ts";
import { proof_samples } from "./proof_samples.ts";
import { rare_samples } from "./rare_samples.ts";
import { recovery_samples } from "./recovery_samples.ts";
import {
  account_permissions,
  accounts,
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
  every_claim,
  frame,
  hostile_name,
  impostor,
  impostor_person,
  long_host,
  named_claims,
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
import { sign_up_samples } from "./sign_up_samples.ts";

/** Page by page: its name, and the function that draws it. */
export const samples: Readonly<Record<string, (view: View) => Page>> = {
  sign_in: (view) => signInPage(sign_in, view),
  sign_in_account: (view) => signInPage({ ...sign_in, app: null, create_account_href: null }, view),
  sign_in_demo: (view) =>
    signInPage(
      { ...sign_in, test_account: { username: "ada", password: "correct horse battery" } },
      view,
    ),
  sign_in_help: (view) =>
    signInPage(
      {
        ...sign_in,
        help: {
          text: {
            en: "Forgot your password? Ask the help desk in room 12, or by mail:",
            de: "Passwort vergessen? Fragen Sie in Zimmer 12, oder per E-Mail:",
          },
          href: "mailto:help@example.com",
        },
      },
      view,
    ),
  sign_in_wrong: (view) =>
    signInPage({ ...sign_in, username: "ada", problem: { kind: "wrong" } }, view),
  sign_in_throttled: (view) =>
    signInPage({ ...sign_in, username: "ada", problem: { kind: "throttled", seconds: 32 } }, view),
  sign_in_documents: (view) =>
    signInPage({ ...sign_in, documents: { ...consent.documents, picture: own_picture } }, view),
  sign_in_again: (view) => signInPage({ ...sign_in, username: "ada", again: true }, view),
  sign_in_hostile: (view) =>
    signInPage(
      {
        ...sign_in,
        app: impostor,
        username: hostile_name,
        help: { text: hostile_name.slice(0, 300) },
      },
      view,
    ),
  create_account: (view) =>
    createAccountPage(
      {
        form: target("/sign-up"),
        app: printly,
        values: no_values,
        errors: {},
        sign_in_href: "/sign-in?continue=sealed.request",
      },
      view,
    ),
  create_account_errors: (view) =>
    createAccountPage(
      {
        form: target("/sign-up"),
        app: null,
        values: { username: "ada", email: "ada at example", name: hostile_name },
        errors: { username: "taken", email: "invalid", name: "long", password: "common" },
        problem: { kind: "throttled", seconds: 120 },
        sign_in_href: "/sign-in",
      },
      view,
    ),
  setup: (view) =>
    setupPage(
      { form: { action: "/setup", hidden: { key: "one-time" } }, values: no_values, errors: {} },
      view,
    ),
  consent: (view) => consentPage(consent, view),
  consent_account_added: (view) => consentPage({ ...consent, problem: "account_added" }, view),
  consent_more: (view) =>
    consentPage(
      {
        ...consent,
        groups: [
          {
            name: "Snaps",
            permissions: [
              permission("photos.write", "Add, change and delete your photos", {
                access: "change",
              }),
              ...before(photo_permissions.slice(0, 1)),
            ],
          },
          { name: null, permissions: before(account_permissions) },
        ],
      },
      view,
    ),
  consent_computer: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...terminal, registered_by: "person" },
        redirect: { kind: "loopback", host: "127.0.0.1:53412" },
        groups: [
          { name: "Snaps", permissions: before(photo_permissions) },
          { name: null, permissions: before(account_permissions) },
        ],
        lasts: { kind: "asked" },
      },
      view,
    ),
  consent_scheme: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...terminal, registered_by: "operator" },
        redirect: { kind: "scheme", scheme: "com.example.snaps" },
        groups: [{ name: null, permissions: account_permissions.slice(0, 1) }],
        lasts: { kind: "until", time: now + 90 * day },
      },
      view,
    ),
  consent_hostile: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...impostor, registered_by: "itself" },
        documents: { ...consent.documents, picture: own_picture },
        redirect: { kind: "site", host: `callback.${long_host}` },
        person: { name: hostile_name, username: hostile_name },
        problem: "form_expired",
        groups: [
          {
            name: hostile_name,
            permissions: [permission("x", hostile_name, { access: "change" })],
          },
          { name: null, permissions: account_permissions },
        ],
      },
      view,
    ),
  consent_document: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, host: "printly.example", registered_by: "document" },
        redirect: { kind: "site", host: "cdn-4.example.net" },
      },
      view,
    ),
  consent_document_computer: (view) =>
    consentPage(
      {
        ...consent,
        app: { name: "Claude Code", host: "claude.example", logo: null, registered_by: "document" },
        redirect: { kind: "loopback", host: "127.0.0.1:53412" },
        lasts: { kind: "asked" },
      },
      view,
    ),
  consent_changed: (view) =>
    consentPage(
      {
        ...consent,
        app: { ...printly, registered_by: "document" },
        changes: [
          { kind: "name", before: "Printly Classic" },
          { kind: "redirect", hosts: ["printly.example", "cdn-4.example.net"] },
        ],
        groups: [{ name: "Snaps", permissions: before(photo_permissions) }],
      },
      view,
    ),
  consent_session: (view) => consentPage({ ...consent, lasts: { kind: "session" } }, view),
  consent_seven: (view) =>
    consentPage(
      {
        ...consent,
        groups: [
          {
            name: null,
            permissions: [
              ...account_permissions,
              permission("offline_access", null, { detail: "So that an order goes through" }),
            ],
          },
          { name: "Snaps", permissions: photo_permissions },
          {
            name: "Parcel",
            permissions: [
              permission("parcels.send", "Send parcels in your name", {
                access: "change",
                checked: false,
              }),
            ],
          },
        ],
      },
      view,
    ),
  consent_claims: (view) => consentPage({ ...consent, groups: [named_claims] }, view),
  consent_every_claim: (view) => consentPage({ ...consent, groups: [every_claim] }, view),
  consent_nothing: (view) => consentPage({ ...consent, groups: [] }, view),
  sign_out: (view) =>
    signOutPage({ form: target("/sign-out"), app: null, several: null, leads_to: null }, view),
  sign_out_several: (view) =>
    signOutPage(
      {
        form: target("/sign-out"),
        app: null,
        several: { account: ada, count: 3 },
        leads_to: null,
      },
      view,
    ),
  sign_out_app: (view) =>
    signOutPage(
      {
        form: target("/sign-out"),
        app: printly,
        several: null,
        leads_to: "https://printly.example/bye",
      },
      view,
    ),
  select_account: (view) => selectAccountPage(select_account, view),
  select_account_own: (view) =>
    selectAccountPage(
      { ...select_account, app: null, replaced: { accounts: [ada], most: 5 } },
      view,
    ),
  signed_out: (view) => signedOutPage({ apps: [], back: null, still: [] }, view),
  signed_out_one: (view) => signedOutPage({ apps: [], back: null, still: accounts }, view),
  signed_out_apps: (view) =>
    signedOutPage(
      {
        apps: ["Printly", "Snaps for the terminal", hostile_name],
        still: [],
        back: { ...printly, href: "https://printly.example/bye" },
      },
      view,
    ),
  error_redirect: (view) =>
    errorPage(
      {
        kind: "redirect",
        event_id,
        app: printly,
        detail: "redirect_uri is not registered for this client",
        mismatch: redirectUriMismatch("https://printly.example/auth/callback/", [
          "https://printly.example/auth/callback",
        ]),
      },
      view,
    ),
  error_redirect_elsewhere: (view) =>
    errorPage(
      {
        kind: "redirect",
        event_id,
        app: { ...impostor, href: null },
        detail: "redirect_uri is not registered for this client",
        mismatch: redirectUriMismatch(`https://${long_host}/${"deep/".repeat(40)}`, []),
      },
      view,
    ),
  error_setup_link: (view) => errorPage({ kind: "setup_link", event_id }, view),
  error_unknown_app: (view) => errorPage({ kind: "unknown_app", event_id }, view),
  error_request: (view) =>
    errorPage({ kind: "request", event_id, app: impostor, detail: hostile_name }, view),
  error_expired: (view) => errorPage({ kind: "expired", event_id, app: printly }, view),
  error_not_found: (view) => errorPage({ kind: "not_found", event_id }, view),
  error_server: (view) => errorPage({ kind: "server", event_id, can_retry: true }, view),
  error_busy: (view) => errorPage({ kind: "busy", event_id, can_retry: true }, view),
  done: (view) => donePage({ app: printly, narrowed: false }, view),
  done_narrowed: (view) => donePage({ app: printly, narrowed: true }, view),
  device: (view) => deviceCodePage(device, view),
  device_wrong: (view) =>
    deviceCodePage({ ...device, user_code: "WDJB-MJHX", problem: "wrong" }, view),
  device_too_many: (view) =>
    deviceCodePage({ ...device, problem: "too_many", seconds: 3600 }, view),
  device_consent: (view) => consentPage({ ...consent, redirect: television }, view),
  device_connected: (view) => deviceDonePage({ app: printly, outcome: "connected" }, view),
  device_refused: (view) => deviceDonePage({ app: impostor, outcome: "refused" }, view),
  wrong_address: (view) =>
    wrongAddressPage(
      {
        href: "https://id.example.org/account",
        host: "id.example.org",
        proxy: {
          received: { proto: "http", host: "10.0.0.7:4000" },
          expected: { proto: "https", host: "id.example.org" },
        },
      },
      view,
    ),
  // Its own script would submit it at once, so the tests examine it without.
  form_post: (view) =>
    formPostPage(
      {
        app: printly,
        redirect_uri: "https://printly.example/callback",
        parameters: { code: "vkc_sample", state: '"><script>alert(1)</script>' },
      },
      view,
    ),
  connected_apps: (view) =>
    connectedAppsPage(
      {
        frame,
        removed: null,
        apps: [
          {
            ...printly,
            client_id: "printly",
            groups: [
              { name: "Snaps", permissions: photo_permissions },
              { name: null, permissions: account_permissions },
            ],
            since: now - 200 * day,
            last_used: now - 3600,
            start: "https://printly.example/start?iss=https%3A%2F%2Fid.example.com",
          },
          {
            ...terminal,
            client_id: "terminal",
            groups: [{ name: "Snaps", permissions: photo_permissions.slice(0, 1) }],
            since: now - 3 * day,
            last_used: null,
            start: null,
          },
          {
            ...impostor,
            client_id: "impostor",
            groups: [{ name: null, permissions: account_permissions }],
            since: now - 40 * day,
            last_used: now - 30 * day,
            start: null,
          },
        ],
      },
      view,
    ),
  connected_apps_remove: (view) =>
    disconnectPage({ frame, app: { ...printly, client_id: "printly-1" } }, view),
  connected_apps_removed: (view) =>
    connectedAppsPage({ frame, removed: "Printly", apps: [] }, view),
  your_apps: (view) =>
    yourAppsPage(
      {
        frame,
        apps: [
          { ...printly, client_id: "printly", created_at: now - 100 * day },
          { ...impostor, client_id: "impostor", created_at: now },
        ],
      },
      view,
    ),
  your_apps_of_operators: (view) =>
    yourAppsPage(
      {
        frame,
        apps: [{ ...printly, client_id: "printly", created_at: now - 100 * day }],
        of_operators: {
          apps: [
            { ...printly, client_id: "nightly", created_at: now - 300 * day, disabled: false },
            {
              ...{ ...impostor, client_id: "a-client-id-that-is-rather-long-for-a-row" },
              ...{ created_at: now - day, disabled: true },
            },
          ],
          next: "nightly",
        },
      },
      view,
    ),
  your_apps_empty: (view) =>
    yourAppsPage(
      { frame: { ...frame, person: impostor_person }, apps: [], removed: "Printly" },
      view,
    ),
  register_app: (view) =>
    registerAppPage(
      {
        frame,
        form_id: "sealed",
        kinds: APP_KINDS,
        values: { ...app_values, name: "", site: "", redirect_uris: "" },
        errors: {},
      },
      view,
    ),
  register_app_errors: (view) =>
    registerAppPage(
      {
        frame,
        form_id: "sealed",
        kinds: APP_KINDS,
        problem: "form_expired",
        values: {
          ...app_values,
          ...{ name: "", site: "printly", redirect_uris: `http://${long_host}/` },
          kind: "native",
        },
        errors: {
          name: "missing",
          site: "invalid",
          redirect_uris: [{ kind: "https", uri: `http://${long_host}/` }],
        },
      },
      view,
    ),
  edit_app: (view) => editAppPage({ ...edit_app, saved: true }, view),
  edit_app_errors: (view) =>
    editAppPage(
      { ...edit_app, values: { ...app_values, name: "" }, errors: { name: "missing" } },
      view,
    ),
  edit_app_again: (view) => editAppPage({ ...edit_app, again: true }, view),
  edit_app_public: (view) =>
    editAppPage(
      {
        ...edit_app,
        again: true,
        values: { ...app_values, kind: "browser", auth_method: null },
        newest_secret: null,
        connection: connection("browser", null),
      },
      view,
    ),
  app_secret: (view) =>
    appSecretPage(
      {
        frame,
        app: { name: "Printly", client_id: CLIENT_ID },
        reason: "registered",
        connection: connection("web", SECRET),
      },
      view,
    ),
  app_secret_new: (view) =>
    appSecretPage(
      {
        frame,
        app: { name: "Printly", client_id: CLIENT_ID },
        reason: "new_secret",
        connection: connection("web", SECRET),
        old_secret_until: now + day,
      },
      view,
    ),
  app_registered_native: (view) =>
    appSecretPage(
      {
        frame,
        app: { name: hostile_name, client_id: CLIENT_ID },
        reason: "registered",
        connection: connection("native", null),
      },
      view,
    ),
  remove_app: (view) => removeAppPage({ frame, app: { ...printly, client_id: "printly" } }, view),
  security: (view) =>
    securityPage(
      {
        ...no_factors,
        frame,
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: true,
        errors: {},
        sessions: [
          {
            id: "s2",
            this_one: false,
            user_agent:
              "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
            network: "2001:db8:abcd::/48",
            since: now - 20 * day,
            last_seen: now - 2 * day,
          },
          {
            id: "s1",
            this_one: true,
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            network: "203.0.113.0/24",
            since: now - 5 * day,
            last_seen: now,
          },
          {
            id: "s3",
            this_one: false,
            user_agent: null,
            network: null,
            since: now - day,
            last_seen: now - day,
          },
        ],
      },
      view,
    ),
  security_errors: (view) =>
    securityPage(
      {
        ...no_factors,
        frame: { ...frame, pages: ["connected_apps", "security"] },
        passkeys: [],
        at_address: false,
        signals: {},
        can_change_password: true,
        errors: { current_password: "wrong", new_password: "short" },
        done: "password_changed_all",
        sessions: [
          {
            id: "s1",
            this_one: true,
            user_agent: null,
            network: "127.0.0.1",
            since: now,
            last_seen: now,
          },
        ],
      },
      view,
    ),
  ...proof_samples,
  ...rare_samples,
  ...code_samples,
  ...sign_up_samples,
  ...recovery_samples,
  ...factor_samples,
};
