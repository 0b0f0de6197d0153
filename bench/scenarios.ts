/** What is measured: the requests that a client sends. Both servers get the same bytes. */

/** What a server makes ready before a run. */
export interface Material {
  port: number;
  client_id: string;
  /** `Authorization` header of the client; null where it has no secret, and names itself in the form. */
  authorization: string | null;
  /** Session and browser of a signed-in person. */
  cookie: string;
  /** Codes, refresh tokens or access tokens. */
  tokens: string[];
}

export interface Scenario {
  name: ScenarioName;
  title: string;
  /** How many tokens a run of one second needs at most. */
  tokens_a_second: number;
  /** What becomes of a token: used once, again and again, or replaced by the one in the answer. */
  token_use: "none" | "once" | "again" | "replaced";
  status: number;
  request(material: Material, token: string): string;
}

export type ScenarioName =
  | "client_credentials"
  | "client_credentials_opaque"
  | "authorize"
  | "code"
  | "code_rs256"
  | "refresh"
  | "refresh_public"
  | "introspect"
  | "introspect_opaque";

export const REDIRECT_URI = "https://printly.example/callback";
export const API = "https://snaps.example/api";
export const OPAQUE_API = "https://prints.example/api";
export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const none = { tokens_a_second: 0, token_use: "none", status: 200 } as const;
/** Once is the bound of what any machine redeems; a run ends early when it has none left. */
const codes = { tokens_a_second: 6000, token_use: "once", status: 200 } as const;
const refresh_tokens = { tokens_a_second: 4000, token_use: "again", status: 200 } as const;
const access_tokens = { tokens_a_second: 1000, token_use: "again", status: 200 } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    ...none,
    name: "client_credentials",
    title: "client_credentials, JWT",
    request: (material) =>
      post("/token", { grant_type: "client_credentials", scope: "photos.read" }, material),
  },
  {
    ...none,
    name: "client_credentials_opaque",
    title: "client_credentials, opaque token",
    request: (material) =>
      post("/token", { grant_type: "client_credentials", scope: "prints.order" }, material),
  },
  {
    ...none,
    name: "authorize",
    title: "session -> code (commit)",
    status: 303,
    request: (material) => get(`/authorize?${authorization(material)}`, material),
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
    request: (material, token) => post("/introspect", { token }, material),
  },
  {
    ...access_tokens,
    name: "introspect_opaque",
    title: "introspection of an opaque token",
    request: (material, token) => post("/introspect", { token }, material),
  },
];

function redemption(material: Material, code: string): string {
  const form = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  return post("/token", { ...form, redirect_uri: REDIRECT_URI }, material);
}

const authorization = ({ client_id }: Material): string =>
  new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT_URI,
    scope: "openid photos.read",
    state: "af0ifjsldkj",
    nonce: "n-0S6_WzA2Mj",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  }).toString();

function get(path: string, { port, cookie }: Material): string {
  const headers = [`Host: 127.0.0.1:${port}`, `Cookie: ${cookie}`, "Accept: text/html"];
  return `GET ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
}

function post(path: string, form: Record<string, string>, material: Material): string {
  const { port, authorization, client_id } = material;
  const body = new URLSearchParams({
    ...form,
    ...(authorization === null && { client_id }),
  }).toString();
  const headers = [
    `Host: 127.0.0.1:${port}`,
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
    "Accept: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length}`,
  ];
  return `POST ${path} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
}
