/** What demands are checked with: the server under test, a person, and a relying party. */

import assert from "node:assert/strict";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { type Page, type TestBrowser, testBrowser } from "../../test/support/browser.ts";
import type { RelyingParty } from "./relying_party.ts";

export interface Metadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  userinfo_endpoint: string;
  jwks_uri: string;
  registration_endpoint?: string;
  end_session_endpoint?: string;
  [name: string]: unknown;
}

export interface Server {
  issuer: string;
  /** The person who signs in. All standard claims of the account have values. */
  username: string;
  password: string;
  /** Runs `valetkey ARGS` on the machine of the server. Null: the server is elsewhere. */
  command: ((args: readonly string[], input?: string) => string) | null;
}

export interface World extends Server {
  /** How the clients of demands come to be: they register themselves, or the operator adds them. */
  clients: "registered" | "added";
  metadata: Metadata;
  rp: RelyingParty;
  browser(): TestBrowser;
  /** The published keys, fetched now. */
  keys(): Promise<JSONWebKeySet>;
}

export async function openWorld(
  server: Server,
  { rp, clients }: Pick<World, "rp" | "clients">,
): Promise<World> {
  const { issuer } = server;
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  assert.equal(answer.status, 200, `no metadata at ${issuer}`);
  const metadata: Metadata = JSON.parse(await answer.text());
  return {
    ...server,
    clients,
    metadata,
    rp,
    browser: () => testBrowser({ issuer, fetch: (request: Request) => fetch(request) }),
    keys: async () => JSON.parse(await (await fetch(metadata.jwks_uri)).text()),
  };
}

/** Signs in and allows wherever the pages ask. Stops where the client gets its answer, or at any other page. */
export async function goOn(page: Page, browser: TestBrowser, world: World): Promise<Page> {
  let now = page;
  for (let steps = 0; steps < 5 && !isAnswer(now); steps += 1) {
    const { pathname } = now.url;
    if (pathname.endsWith("/sign-in"))
      now = await browser.signIn(now, world.username, world.password);
    else if (pathname.endsWith("/consent"))
      now = await browser.submit(now, { decision: "allow" }, "/consent");
    else break;
  }
  return now;
}

/** One name and value each, as the client receives them. */
export type Answer = Readonly<Record<string, string>>;

const FORM = /<form[^>]*action="(https:\/\/[^"]*)"[^>]*>([\s\S]*?)<\/form>/;

const isForClient = ({ hostname }: URL): boolean => hostname.endsWith("rp.test");
export const isAnswer = ({ url, html }: Page): boolean =>
  isForClient(url) || /action="https:\/\/[a-z.]*rp\.test/.test(html);

/** The parameters of an authorization response, wherever they are; they are only there. */
export function answerOf(page: Page): { mode: "query" | "fragment" | "form_post"; answer: Answer } {
  if (!isForClient(page.url)) {
    const [, , content = ""] = FORM.exec(page.html) ?? [];
    const fields = [...content.matchAll(/name="([^"]*)" value="([^"]*)"/g)];
    assert.ok(fields.length > 0, `neither a redirect nor a form: ${seenOn(page)}`);
    return {
      mode: "form_post",
      answer: Object.fromEntries(fields.map(([, name, value = ""]) => [name, plain(value)])),
    };
  }
  const fragment = page.url.hash.slice(1);
  const from = fragment === "" ? page.url.searchParams : new URLSearchParams(fragment);
  return { mode: fragment === "" ? "query" : "fragment", answer: Object.fromEntries(from) };
}

const plain = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");

export function seenOn({ status, url, html }: Page): string {
  const text = html.replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  return `${status} ${url.href.slice(0, 300)} ${text.slice(0, 400)}`;
}

/** Verifies an ID token as a client does. @returns its header and claims */
export async function verifyIdToken(token: string, client_id: string, world: World) {
  const keys = createLocalJWKSet(await world.keys());
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: world.metadata.issuer,
    audience: client_id,
  });
  assert.ok(protectedHeader.kid, "the ID token has no kid");
  assert.ok(Math.abs((payload.iat ?? 0) - Date.now() / 1000) < 300, "iat is not the present");
  return { header: protectedHeader, claims: payload };
}
