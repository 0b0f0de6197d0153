/** Whole flows in one call, for tests that begin where a flow ends. */
import {
  at,
  authorizationUrl,
  type Page,
  type Reachable,
  type TestBrowser,
  testBrowser,
  VERIFIER,
} from "./browser.ts";
import type { TestClient } from "./server.ts";

/** A refusal has `error` and `error_description` only, so tests check the status first. */
export interface TokenBody {
  access_token: string;
  refresh_token: string;
  id_token: string;
  token_type?: string;
  expires_in?: number;
  scope?: string;
  error?: string;
  error_description?: string;
}

export interface TokenAnswer {
  status: number;
  headers: Headers;
  body: TokenBody;
}

/** Headers of a response without the rate limit, which counts every request. */
export const lastingHeaders = (response: { headers: Headers }): [string, string][] =>
  [...response.headers].filter(([name]) => name !== "ratelimit");

export const basic = (client: Pick<TestClient, "client_id" | "client_secret">): string =>
  `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`;

/** The client's authentication: in the header with a secret, by its id alone without one. */
export async function post(
  server: Reachable,
  path: string,
  {
    client,
    ...parameters
  }: Record<string, string | string[] | undefined | TestClient> & {
    client?: TestClient;
  },
): Promise<TokenAnswer> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    for (const each of [value].flat()) if (typeof each === "string") body.append(name, each);
  const headers = new Headers();
  if (client?.record.metadata.token_endpoint_auth_method === "client_secret_basic")
    headers.set("authorization", basic(client));
  else if (client) body.set("client_id", client.client_id);
  if (client?.record.metadata.token_endpoint_auth_method === "client_secret_post")
    body.set("client_secret", client.client_secret);
  const request = new Request(at(server, path), { method: "POST", headers, body });
  const response = await server.fetch(request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: JSON.parse(text) };
}

/** Signs in and allows where asked, and stops where the client gets its response. */
export async function walk(
  server: Reachable,
  address: string,
  { username = "ada", browser = testBrowser(server) }: { username?: string; browser?: TestBrowser },
): Promise<{ page: Page; browser: TestBrowser }> {
  let page = await browser.get(address);
  if (page.url.pathname.endsWith("/sign-in")) page = await browser.signIn(page, username);
  if (page.url.pathname.endsWith("/consent"))
    page = await browser.submit(page, { decision: "allow" }, "/consent");
  return { page, browser };
}

/** The same for a client's own request, and the code that it gets. */
export async function authorize(
  server: Reachable,
  client: { client_id: string },
  options: {
    username?: string;
    browser?: TestBrowser;
    parameters?: Record<string, string | string[] | undefined>;
  } = {},
): Promise<{ url: URL; code: string; browser: TestBrowser }> {
  const { parameters = {}, ...walker } = options;
  const { page, browser } = await walk(server, authorizationUrl(client, parameters), walker);
  return { url: page.url, code: page.url.searchParams.get("code") ?? "", browser };
}

export const redeem = (
  server: Reachable,
  client: TestClient,
  code: string,
  parameters: Record<string, string | string[] | undefined> = {},
): Promise<TokenAnswer> =>
  post(server, "/token", {
    client,
    grant_type: "authorization_code",
    code,
    code_verifier: VERIFIER,
    ...parameters,
  });

export const refresh = (
  server: Reachable,
  client: TestClient,
  refresh_token: string,
  parameters: Record<string, string | string[] | undefined> = {},
): Promise<TokenAnswer> =>
  post(server, "/token", { client, grant_type: "refresh_token", refresh_token, ...parameters });

/** From nothing to tokens. */
export async function tokensFor(
  server: Reachable,
  client: TestClient,
  options: Parameters<typeof authorize>[2] = {},
): Promise<TokenBody & { browser: TestBrowser; code: string }> {
  const { code, browser } = await authorize(server, client, options);
  const { body } = await redeem(server, client, code);
  return { ...body, browser, code };
}

export async function introspect(
  server: Reachable,
  client: TestClient,
  token: string,
): Promise<Record<string, unknown>> {
  return { ...(await post(server, "/introspect", { client, token })).body };
}

/** 200 with the person's claims while the token is valid; works for clients that can't introspect, too. */
export async function userinfo(
  server: Reachable,
  access_token: string,
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const headers = { authorization: `Bearer ${access_token}` };
  const response = await server.fetch(new Request(at(server, "/userinfo"), { headers }));
  const body = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body };
}
