/** Props that the samples share: people, apps, permissions, forms. */

import { snippetFor } from "../../src/clients/snippets.ts";
import { SCOPE_CLAIMS } from "../../src/oauth/claims.ts";
import type { EditAppProps } from "../../src/pages/account/app_form.ts";
import type { AppConnection, AppKind } from "../../src/pages/account/connection.ts";
import type { AccountFrame } from "../../src/pages/account/shell.ts";
import type { ConsentPermission, ConsentProps } from "../../src/pages/consent.ts";
import type { DeviceCodeProps } from "../../src/pages/device.ts";
import { accountPages } from "../../src/pages/paths.ts";
import type { SelectAccountProps } from "../../src/pages/select_account.ts";
import type { SignInProps } from "../../src/pages/sign_in.ts";
import type { FormTarget } from "../../src/pages/view.ts";
import { now } from "./sample_views.ts";

export const day = 86_400;

/** A hostile name: markup, a right-to-left override, zero-width letters, and extreme length. */
export const hostile_name = `\u202eGoogle\u200b <img src=x onerror=alert(1)> "quoted" & ${"very long ".repeat(500)}`;
export const long_host =
  "accounts.google.com.sign-in.verification-and-account-recovery.session-8f2a91c4.photo-printing-for-everyone.example";

export const printly = {
  name: "Printly",
  host: "printly.example",
  logo: null,
  href: "https://printly.example",
};
export const impostor = {
  name: hostile_name,
  host: long_host,
  logo: null,
  href: `https://${long_host}`,
};
/** A red and white picture, as an app that nobody has checked sends it. */
export const own_picture =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAVElEQVR42mM4IWeDFf268xArYiBJNVCKgSTVWDTgV42ugaBqFA3EqEZoIFI1VAPxqkEaSFKNUwOe2GQgSTUWDQRTCgNJqlE0EJkKGUhSDdVAUgoHAKW+7JDQk1aYAAAAAElFTkSuQmCC";
export const terminal = { name: "Snaps for the terminal", host: null, logo: null };
export const ada = { name: "Ada Lovelace", username: "ada" };
export const target = (action: string): FormTarget => ({
  action,
  hidden: { csrf: "c5rf", continue: "sealed.request" },
});

export function permission(
  scope: string,
  description: string | null,
  rest: Partial<ConsentPermission> = {},
): ConsentPermission {
  const plain = { access: null, required: false, granted_before: false, checked: true };
  return {
    permission: `https://snaps.example/api ${scope}`,
    scope,
    description,
    ...plain,
    ...rest,
  };
}

export const account_permissions = [
  permission("openid", null, { required: true }),
  permission("profile", null, { detail: "Ada Lovelace", access: "read" }),
  permission("email", null, { detail: "ada@example.org", access: "read" }),
];
/** Claims that an app asks for by their names; the server knows words for the standard ones. */
const claim = (name: string, detail?: string): ConsentPermission => ({
  ...permission("", null, { access: "read" }),
  permission: `https://as.example claim ${name}`,
  scope: null,
  claim: name,
  ...(detail !== undefined && { detail }),
});
export const named_claims = {
  name: null,
  permissions: [
    permission("openid", null, { required: true }),
    claim("given_name", "Ada"),
    claim("birthdate", "1815-12-10"),
    claim("phone_number_verified"),
    claim("https://work.example/departments", "Analytical engines, Poetical science"),
  ],
};
export const every_claim = {
  name: null,
  permissions: Object.values(SCOPE_CLAIMS)
    .flat()
    .map((name) => claim(name)),
};
export const photo_permissions = [
  permission("photos.read", "See your photos", { access: "read" }),
  permission("photos.write", "Add, change and delete your photos", { access: "change" }),
];

export const consent: ConsentProps = {
  form: target("/consent"),
  app: { ...printly, registered_by: "operator" },
  changes: [],
  documents: {
    policy: "https://printly.example/privacy",
    terms: "https://printly.example/terms",
    picture: null,
  },
  redirect: { kind: "site", host: "printly.example" },
  person: ada,
  other_account_href: "/select-account?continue=sealed.request",
  groups: [
    { name: "Snaps", permissions: photo_permissions },
    { name: null, permissions: account_permissions },
  ],
  lasts: { kind: "until_removed" },
};
export const device: DeviceCodeProps = {
  form: target("/device"),
  user_code: "",
  problem: null,
  seconds: 0,
  minutes: 10,
};
export const television = {
  kind: "device",
  user_code: "WDJB-MJHT",
  begun_at: now - 120,
  address: "2001:db8:85a3:8d3:1319:8a2e:370:7348",
  here: false,
} as const;
export const before = (list: ConsentPermission[]) =>
  list.map((p) => ({ ...p, granted_before: true }));

export const sign_in: SignInProps = {
  form: target("/sign-in"),
  app: printly,
  username: "",
  problem: null,
  forgot_href: "/reset?continue=sealed.request",
  email_code_href: "/sign-in/code?continue=sealed.request",
  passkey: { options: '{"challenge":"c2VhbGVk"}', ceremony: "sealed.ceremony" },
  password: true,
  last_way: "passkey",
  create_account_href: "/sign-up?continue=sealed.request",
  help: null,
};

export const frame: AccountFrame = {
  person: ada,
  csrf: "c5rf",
  account: "ada-key8",
  pages: accountPages,
};
/** Of a security page without these sections. */
export const no_factors = {
  ...{ app_codes: null, recovery_codes: null, events: [] },
  ...{ email: null, email_href: null },
};
export const impostor_person = { name: hostile_name, username: hostile_name };
export const accounts = [
  { key: "ada-key8", ...ada },
  { key: "eve-key8", name: "", username: "eve" },
  { key: "bad-key8", ...impostor_person },
];
export const select_account: SelectAccountProps = {
  form: target("/select-account"),
  app: printly,
  accounts,
  other_account_href: "/sign-in?continue=sealed.request&other=yes",
  replaced: { accounts: [], most: 5 },
};
export const no_values = { username: "", email: "", name: "" };
export const app_values = {
  name: "Printly",
  site: "https://printly.example",
  redirect_uris: "https://printly.example/callback\nhttp://127.0.0.1:4102/callback",
  post_logout_redirect_uris: "https://printly.example/bye",
  kind: "web",
  auth_method: "client_secret_basic",
} as const;
export const CLIENT_ID = "0190f0c0a1b2c3d4e5f60718293a4b5c";
export const connection = (kind: AppKind, client_secret: string | null): AppConnection => ({
  issuer: "https://id.example",
  discovery: "https://id.example/.well-known/openid-configuration",
  client_id: CLIENT_ID,
  client_secret,
  scope: "openid profile email offline_access photos.read",
  redirect_uris: app_values.redirect_uris.split("\n"),
  env: [
    "OIDC_ISSUER=https://id.example",
    `OIDC_CLIENT_ID=${CLIENT_ID}`,
    ...(kind === "web" ? [`OIDC_CLIENT_SECRET=${client_secret ?? ""}`] : []),
    "OIDC_REDIRECT_URI=https://printly.example/callback",
  ].join("\n"),
  snippet: snippetFor({
    kind,
    issuer: "https://id.example",
    client_id: CLIENT_ID,
    redirect_uri: kind === "native" ? "http://127.0.0.1/callback" : "https://printly.example/cb",
  }),
});
export const SECRET = "vks_5hT2mXw8Qn1pLr7vYc3KzB6dJf9sGa4EoUiNbMtPqRe";
export const event_id = "evt_01jp3k8m2q";
export const edit_app: EditAppProps = {
  frame,
  values: app_values,
  errors: {},
  connection: connection("web", null),
  app: printly,
  newest_secret: "mark",
  secret_overlap: day,
};
