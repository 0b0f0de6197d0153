/** A relying party made with openid-client, as the documentation of the library describes it, with all its checks. */
import assert from "node:assert/strict";
import * as oidc from "openid-client";
import type { ClientRecord } from "../../../src/store/records.ts";
import { type Page, readForm, type TestBrowser, testBrowser } from "../browser.ts";
import { type TestClient, WEB } from "../server.ts";
import type { WebServer } from "../web.ts";
import { newPerson } from "./place.ts";

export const CALLBACK = WEB.redirect_uris[0] ?? "";

export interface RelyingParty {
  server: WebServer;
  client: TestClient;
  config: oidc.Configuration;
  redirect_uri: string;
  /** The person who signs in, unless a story says otherwise. */
  username: string;
  sub: string;
}

interface Configured {
  /** Left out: `client_secret_basic`. */
  auth?: (client: TestClient) => oidc.ClientAuth;
  algorithm?: "oidc" | "oauth2";
  also?: ((config: oidc.Configuration) => void)[];
}

interface Made extends Configured {
  options?: Partial<ClientRecord>;
  person?: { username: string; sub: string };
  redirect_uri?: string;
}

const basicAuth = ({ client_secret }: TestClient) => oidc.ClientSecretBasic(client_secret);

/** What a client learns of the server that it starts with. */
export function configure(
  issuer: string,
  client: TestClient,
  { auth = basicAuth, algorithm = "oidc", also = [] }: Configured = {},
): Promise<oidc.Configuration> {
  const { id_token_signed_response_alg, userinfo_signed_response_alg } = client.record.metadata;
  const metadata = {
    id_token_signed_response_alg,
    ...(userinfo_signed_response_alg && { userinfo_signed_response_alg }),
  };
  // The library also verifies the signature of an ID token from the token endpoint.
  const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks, ...also];
  const options = { algorithm, execute };
  return oidc.discovery(new URL(issuer), client.client_id, metadata, auth(client), options);
}

/** A new client that an operator adds, and a new person. */
export async function relyingParty(
  server: WebServer,
  metadata: object = {},
  { options = {}, person, redirect_uri = CALLBACK, ...configured }: Made = {},
): Promise<RelyingParty> {
  const client = await server.addClient({ ...WEB, ...metadata }, options);
  const config = await configure(server.issuer, client, configured);
  const { username, sub } = person ?? (await newPerson(server));
  return { server, client, config, redirect_uri, username, sub };
}

export interface Asked {
  url: URL;
  checks: oidc.AuthorizationCodeGrantChecks & { expectedState: string; expectedNonce: string };
}

/** An authorization request with PKCE, state and nonce. */
export async function request(
  { config, redirect_uri }: RelyingParty,
  parameters: Record<string, string> = {},
): Promise<Asked> {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier,
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
    ...(parameters.max_age !== undefined && { maxAge: Number(parameters.max_age) }),
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid profile",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  });
  return { url, checks };
}

export interface Walked {
  browser: TestBrowser;
  /** Where the browser stops: at the relying party, or on the page that posts to it. */
  page: Page;
  /** Paths of the pages that the person saw on the way. */
  seen: string[];
}

/** The person signs in, adds no further factor, and allows, where a page asks for it. */
export async function goThrough(
  { server, username }: Pick<RelyingParty, "server" | "username">,
  url: URL,
  browser: TestBrowser = testBrowser(server),
): Promise<Walked> {
  const seen: string[] = [];
  let page = await browser.get(url.href);
  const isAt = (path: string) => page.url.href.split("?")[0] === server.issuer + path;
  for (const [path, answer] of [
    ["/sign-in", () => browser.signIn(page, username)],
    ["/sign-in/enrol", () => browser.submit(page, {}, "/sign-in/enrol")],
    ["/consent", () => browser.submit(page, { decision: "allow" }, "/consent")],
  ] as const)
    if (isAt(path)) {
      seen.push(path);
      page = await answer();
    }
  return { browser, page, seen };
}

/** The response as the relying party gets it: its address, or a request with a posted form. */
export function responseOf({ page }: Pick<Walked, "page">): URL | Request {
  if (page.url.href.startsWith(CALLBACK) || !page.html.includes("<form")) return page.url;
  const { action, fields } = readForm(page.html, "/callback");
  return new Request(action, { method: "POST", body: new URLSearchParams(fields) });
}

export interface SignedIn extends Walked {
  tokens: Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;
  claims: oidc.IDToken;
}

/** From a request to verified tokens. @throws as openid-client does, with `error` of the response */
export async function signIn(
  app: RelyingParty,
  parameters: Record<string, string> = {},
  browser?: TestBrowser,
): Promise<SignedIn> {
  const { url, checks } = await request(app, parameters);
  const walked = await goThrough(app, url, browser);
  const tokens = await oidc.authorizationCodeGrant(app.config, responseOf(walked), checks);
  return { ...walked, tokens, claims: tokens.claims() ?? assert.fail("no ID token") };
}

export const refresh = (
  { config }: Pick<RelyingParty, "config">,
  token: string | undefined,
): ReturnType<typeof oidc.refreshTokenGrant> =>
  oidc.refreshTokenGrant(config, token ?? assert.fail("no refresh token"));

export const fetchPerson = (
  { config }: Pick<RelyingParty, "config">,
  access_token: string,
  sub: string,
): ReturnType<typeof oidc.fetchUserInfo> => oidc.fetchUserInfo(config, access_token, sub);

/** The `error` of a response in the query or the fragment. */
export async function errorOf(app: RelyingParty, url: URL): Promise<string | null> {
  const { page } = await goThrough(app, url);
  return new URL(page.url.href.replace("#", "?")).searchParams.get("error");
}
