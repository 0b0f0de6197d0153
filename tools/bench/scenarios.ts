/** The measured requests of a client. Both servers get the same bytes. */

/** Material that a server prepares before a run. */
export interface Material {
  port: number;
  client_id: string;
  /** `Authorization` header of the client; null: it has no secret, and sends `client_id` in the form. */
  authorization: string | null;
  /** Cookies of a signed-in person: session and browser. */
  cookie: string;
  /** Codes, refresh tokens or access tokens; the csrf value of the sign-in form. */
  tokens: string[];
  /** The ETag of the address, if the server sends one. */
  etag?: string | null;
  /** The time from which the list of ended tokens is asked for: that of the run. */
  since?: number;
}

export interface Scenario {
  name: ScenarioName;
  title: string;
  /** The largest number of tokens that a run of one second needs. */
  tokens_a_second: number;
  /** The use of a token: once, repeated, or replaced by the one in the answer. */
  token_use: "none" | "once" | "again" | "replaced";
  status: number;
  /** Text in each answer, such as that a token is active: a refusal would be faster. */
  says?: string;
  /** Whether it uses the database: else PostgreSQL makes no difference. */
  uses_database: boolean;
  /** Why oidc-provider is not measured. */
  not_by_oidc_provider?: string;
  request(material: Material, token: string): string;
}

export type ScenarioName =
  | "metadata"
  | "jwks"
  | "jwks_unchanged"
  | "ended"
  | "ended_unchanged"
  | "client_credentials"
  | "client_credentials_opaque"
  | "authorize"
  | "code"
  | "code_rs256"
  | "refresh"
  | "refresh_public"
  | "introspect"
  | "introspect_opaque"
  | "sign_in"
  | "sign_in_wrong"
  | "sign_in_unknown"
  | "discovery_to_token"
  | "device_flow";

export const REDIRECT_URI = "https://printly.example/callback";
export const API = "https://snaps.example/api";
export const OPAQUE_API = "https://prints.example/api";
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export const USERNAME = "ada";
export const PASSWORD = "correct horse battery";

const read = { tokens_a_second: 0, token_use: "none", status: 200, uses_database: false } as const;
const ACTIVE = '"active":true';
const stored = { token_use: "again", status: 200, uses_database: true } as const;
/** More codes than any machine redeems; a run ends early when none is left. */
const codes = { ...stored, tokens_a_second: 6000, token_use: "once" } as const;
const refresh_tokens = { ...stored, tokens_a_second: 4000 } as const;
const access_tokens = { ...stored, tokens_a_second: 1000 } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    ...read,
    name: "metadata",
    title: "metadata",
    request: (material) => get("/.well-known/openid-configuration", material),
  },
  { ...read, name: "jwks", title: "keys (JWKS)", request: (material) => get("/jwks", material) },
  {
    ...read,
    name: "jwks_unchanged",
    title: "keys, If-None-Match",
    status: 304,
    request: (material) => get("/jwks", material, [`If-None-Match: ${material.etag}`]),
  },
  {
    ...read,
    name: "ended",
    title: "ended tokens, 76 names",
    not_by_oidc_provider: "it has no such list",
    request: (material) => get(endedPath(material), material),
  },
  {
    ...read,
    name: "ended_unchanged",
    title: "ended tokens, If-None-Match",
    status: 304,
    not_by_oidc_provider: "it has no such list",
    request: (material) => get(endedPath(material), material, [`If-None-Match: ${material.etag}`]),
  },
  {
    ...read,
    name: "client_credentials",
    title: "client_credentials, JWT",
    request: (material) =>
      post("/token", { grant_type: "client_credentials", scope: "photos.read" }, material),
  },
  {
    ...read,
    name: "client_credentials_opaque",
    title: "client_credentials, opaque token",
    request: (material) =>
      post("/token", { grant_type: "client_credentials", scope: "prints.order" }, material),
  },
  {
    ...read,
    name: "authorize",
    title: "session -> code (commit)",
    says: "code=",
    status: 303,
    uses_database: true,
    request: (material) => get(authorizePath(material.client_id), material, fromBrowser(material)),
  },
  {
    ...codes,
    name: "code",
    title: "code -> tokens, ES256 ID token (commit)",
    request: redemption,
  },
  {
    ...codes,
    name: "code_rs256",
    title: "code -> tokens, RS256 ID token (commit)",
    request: redemption,
  },
  {
    ...refresh_tokens,
    name: "refresh",
    title: "refresh, confidential (read)",
    request: (material, refresh_token) =>
      post("/token", { grant_type: "refresh_token", refresh_token }, material),
  },
  {
    ...refresh_tokens,
    name: "refresh_public",
    title: "refresh, public: rotation (commit)",
    token_use: "replaced",
    request: (material, refresh_token) =>
      post("/token", { grant_type: "refresh_token", refresh_token }, material),
  },
  {
    ...access_tokens,
    name: "introspect",
    title: "introspection of a JWT",
    says: ACTIVE,
    not_by_oidc_provider: "it introspects opaque tokens only",
    request: (material, token) => post("/introspect", { token }, material),
  },
  {
    ...access_tokens,
    name: "introspect_opaque",
    title: "introspection of an opaque token",
    says: ACTIVE,
    request: (material, token) => post("/introspect", { token }, material),
  },
];

/** Measured by itself, since the password hash takes most of the time. */
export const SIGN_IN: Scenario = {
  ...stored,
  name: "sign_in",
  title: "sign-in by password",
  tokens_a_second: 0,
  status: 303,
  not_by_oidc_provider: "it has no passwords",
  request: (material, csrf) =>
    message("POST /sign-in", material, {
      headers: fromBrowser(material),
      form: { csrf, username: USERNAME, password: PASSWORD },
    }),
};

const refusedSignIn = (name: "sign_in_wrong" | "sign_in_unknown", username: string): Scenario => ({
  ...SIGN_IN,
  name,
  title: `wrong password of ${username}`,
  status: 401,
  request: (material, csrf) =>
    message("POST /sign-in", material, {
      headers: fromBrowser(material),
      form: { csrf, username, password: "a wrong password" },
    }),
});

/** Names of the same length, so that the pages are as long as each other. */
export const REFUSED_SIGN_INS: readonly Scenario[] = [
  refusedSignIn("sign_in_wrong", USERNAME),
  refusedSignIn("sign_in_unknown", "bob"),
];

/** The csrf value in the sign-in page of this browser. */
export const csrfIn = (page: string): string => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? "";

export const findScenario = (name: string): Scenario | undefined =>
  [...SCENARIOS, SIGN_IN, ...REFUSED_SIGN_INS].find((each) => each.name === name);

export const endedPath = ({ since }: Material): string => `/ended?after=${since ?? 0}`;

/** The number of tokens that a run needs. */
export const tokensFor = (name: string, seconds: number): number =>
  Math.ceil((findScenario(name)?.tokens_a_second ?? 0) * seconds);

export function redemption(material: Material, code: string): string {
  const form = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  return post("/token", { ...form, redirect_uri: REDIRECT_URI }, material);
}

export function authorizePath(client_id: string): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT_URI,
    scope: "openid photos.read",
    state: "af0ifjsldkj",
    nonce: "n-0S6_WzA2Mj",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  });
  return `/authorize?${query}`;
}

export const fromBrowser = ({ cookie }: Material): string[] => [
  `Cookie: ${cookie}`,
  "Accept: text/html",
];

export const get = (path: string, material: Material, headers: string[] = []): string =>
  message(`GET ${path}`, material, { headers });

/** A request of the client, with its secret or its `client_id`. */
export function post(path: string, form: Record<string, string>, material: Material): string {
  const { authorization, client_id } = material;
  const headers = ["Accept: application/json"];
  if (authorization !== null) headers.push(`Authorization: ${authorization}`);
  const named = authorization === null ? { ...form, client_id } : form;
  return message(`POST ${path}`, material, { headers, form: named });
}

export function message(
  start: string,
  { port }: Material,
  { headers, form }: { headers: string[]; form?: Record<string, string> },
): string {
  const body = form ? new URLSearchParams(form).toString() : "";
  const of_form = [
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ];
  const all = [`Host: 127.0.0.1:${port}`, ...headers, ...(form ? of_form : [])];
  return `${start} HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}
