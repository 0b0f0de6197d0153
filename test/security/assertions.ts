/**
 * Every refusal owes more than its answer: no row is written, the log explains it by an event id and holds no
 * secret. A refusal that may go to the app arrives there complete; any other one sends nothing anywhere.
 */
import assert from "node:assert/strict";
import { authorizationUrl, readForm, type TestBrowser, testBrowser } from "../support/browser.ts";
import type { TokenAnswer } from "../support/flow.ts";
import { type LogLine, type TestClient, type TestServer, WEB } from "../support/server.ts";
import { assertNoSecrets, TABLES, type Table, type WatchedServer } from "./watched_server.ts";

export { assertNoSecrets } from "./watched_server.ts";

interface Refusal {
  /** Tables whose rows the refusal may change, as when a leak revokes a grant. No table may gain a row. */
  changes?: readonly Table[];
  /** Texts that must not be in the log. */
  markers?: readonly string[];
}

/** Runs `act`, which must be refused, and checks rows and log afterwards. */
export async function refused<T>(
  server: WatchedServer,
  act: () => Promise<T>,
  { changes = [], markers = [] }: Refusal = {},
): Promise<T> {
  const before = server.snapshot();
  const from = server.lines.length;
  const answer = await act();
  const after = server.snapshot();
  for (const table of TABLES) {
    assert.equal(after[table].length, before[table].length, `a row was added or removed: ${table}`);
    if (!changes.includes(table)) assert.deepEqual(after[table], before[table], table);
  }
  const lines = server.lines.slice(from);
  assertNoSecrets(lines, markers);
  explanationOf(lines);
  return answer;
}

/** The line that explains a refusal: it has an event id and is more than the record of the request. */
export function explanationOf(lines: readonly LogLine[]): LogLine {
  const line = lines.find(({ event, fields }) => event !== "request" && fields.event_id);
  assert.ok(line, `no log line explains the refusal: ${JSON.stringify(lines)}`);
  assert.match(String(line.fields.event_id), /^[A-Za-z0-9_-]{12}$/);
  return line;
}

/** A refusal by the token endpoint (RFC 6749 §5.2): status, error, `no-store`, and nothing that looks like a token. */
export async function refusedAs(
  server: WatchedServer,
  act: () => Promise<TokenAnswer>,
  [status, error]: readonly [number, string],
  options: Refusal = {},
): Promise<TokenAnswer> {
  const answer = await refused(server, act, options);
  assert.equal(`${answer.status} ${answer.body.error}`, `${status} ${error}`);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.body.access_token, undefined);
  assert.equal(answer.body.refresh_token, undefined);
  assert.match(answer.body.error_description ?? "", /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/);
  // It answers an Authorization header (RFC 6749 §5.2): `src/client_auth/client_auth.test.ts` has which.
  const challenge = answer.headers.get("www-authenticate");
  if (challenge !== null) assert.match(challenge, /^Basic realm="/);
  return answer;
}

export const INVALID_GRANT = [400, "invalid_grant"] as const;
export const INVALID_CLIENT = [401, "invalid_client"] as const;
export const INVALID_REQUEST = [400, "invalid_request"] as const;

/**
 * NR: a page of ours, with 4xx and an event id that the log knows. No `Location`, and nothing on the page that
 * leads to another origin, but for a link to a site that an operator registered, and to that of any app whose request
 * is in progress.
 */
export async function refusedOnPage(
  server: WatchedServer,
  path: string,
  {
    browser = testBrowser(server),
    init = {},
    ...options
  }: Refusal & { browser?: TestBrowser; init?: RequestInit } = {},
): Promise<{ status: number; html: string }> {
  const from = server.lines.length;
  const response = await refused(server, () => browser.request(path, init), options);
  const html = await response.text();
  const shown = `${response.status} ${response.headers.get("location")} ${path.slice(0, 300)}`;
  assert.ok(response.status >= 400 && response.status < 500, shown);
  assert.equal(response.headers.get("location"), null, shown);
  assert.equal(response.headers.get("refresh"), null);
  const is_in_progress = `${path} ${String(init?.body)}`.includes("continue=");
  assertStaysHere(html, server, await sitesOf(server, is_in_progress));
  const { event_id } = explanationOf(server.lines.slice(from)).fields;
  assert.ok(html.includes(String(event_id)), "the page does not name the event");
  return { status: response.status, html };
}

/** Where the registered apps live: a page that ends a request in progress has a link to go back there. */
async function sitesOf(
  { server: { store } }: WatchedServer,
  is_in_progress: boolean,
): Promise<string[]> {
  const clients = await store.listClients({ limit: 200 });
  const sites = clients.flatMap(({ created_by, metadata: { client_uri, redirect_uris } }) => [
    ...(created_by === "operator" || is_in_progress ? [client_uri] : []),
    ...(is_in_progress ? redirect_uris.map((uri) => URL.parse(uri)?.origin) : []),
  ]);
  return sites.flatMap((site) => URL.parse(site ?? "")?.href ?? []);
}

/** No link, form or resource of the page leads away. @param sites links to these may */
export function assertStaysHere(
  page: string,
  { issuer }: { issuer: string },
  sites: readonly string[] = [],
): void {
  const html = page.replace(/<a class="button main" href="([^"]*)">/g, (link, address: string) =>
    sites.includes(address) ? "" : link,
  );
  for (const [, address = ""] of html.matchAll(
    /\b(?:href|src|action|formaction|srcset|content|data)\s*=\s*["']?([^"'\s>]+)/gi,
  ))
    assert.ok(
      address.startsWith(issuer) ||
        !/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(address) ||
        /^data:(,|image\/svg\+xml,)/.test(address),
      `the page leads to ${address}`,
    );
  assert.doesNotMatch(html, /http-equiv\s*=\s*["']?refresh/i);
}

/** The members of an authorization response, from the query or the fragment, each once. */
export function membersOf(location: string): Map<string, string> {
  const url = new URL(location);
  const text = url.hash === "" ? url.search.slice(1) : url.hash.slice(1);
  const members = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    assert.ok(!members.has(name), `${name} stands twice in ${location}`);
    members.set(name, value);
  }
  return members;
}

/** ER: the error goes to the registered URI, with `state` as it came, and with `iss`. */
export async function errorSent(
  server: WatchedServer,
  path: string,
  error: string,
  {
    browser = testBrowser(server),
    redirect_uri = WEB.redirect_uris[0] ?? "",
    init = {},
    ...options
  }: Refusal & { browser?: TestBrowser; redirect_uri?: string; init?: RequestInit } = {},
): Promise<Map<string, string>> {
  const response = await refused(server, () => browser.request(path, init), options);
  const location = response.headers.get("location") ?? "";
  assert.equal(response.status, 303, `${response.status} for ${path.slice(0, 300)}`);
  assert.ok(location.startsWith(redirect_uri), location);
  const members = membersOf(location);
  assert.equal(members.get("error"), error, location);
  assert.equal(members.get("iss"), server.issuer);
  const sent = new URL(path, server.issuer).searchParams.get("state");
  if (sent !== null) assert.equal(members.get("state") ?? "", sent);
  assert.ok(!members.has("code") && !members.has("access_token") && !members.has("id_token"));
  return members;
}

/** The consent page of a new request, by a person who has signed in. */
export async function consentPageOf(
  server: TestServer,
  client: TestClient,
  {
    browser = testBrowser(server),
    username = "ada",
    parameters = {},
  }: {
    browser?: TestBrowser;
    username?: string;
    parameters?: Record<string, string | string[] | undefined>;
  } = {},
) {
  let page = await browser.get(authorizationUrl(client, parameters));
  if (page.url.pathname === "/sign-in") page = await browser.signIn(page, username);
  assert.equal(page.url.pathname, "/consent", page.html.slice(0, 2000));
  return { page, browser };
}

/** The body of a form, with fields over its own; to be sent as it is, or changed first. */
export function formBody(
  html: string,
  action: string,
  fields: Record<string, string | undefined> = {},
): URLSearchParams {
  const body = new URLSearchParams(readForm(html, action).fields);
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) body.delete(name);
    else body.set(name, value);
  }
  return body;
}
