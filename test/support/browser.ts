/** A browser without a screen: keeps cookies, follows redirects on the server, fills in and sends forms. */
import { createHash } from "node:crypto";
import type { AuthorizationServer } from "../../src/authorization_server.ts";
import { PASSWORD } from "./server.ts";

/** The challenge of this verifier is sent by `authorizationUrl` unless a test says otherwise. */
export const VERIFIER = "test-verifier-0123456789-0123456789-0123456789";
export const s256 = (text: string): string => createHash("sha256").update(text).digest("base64url");

export interface Page {
  status: number;
  url: URL;
  html: string;
  headers: Headers;
}

export interface TestBrowser {
  cookies: Map<string, string>;
  /** One request, without following where it leads. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Follows redirects as long as they stay on the server. Leaving it ends at that address. */
  get(path: string): Promise<Page>;
  /** Sends the form of a page whose action ends with `action`, with these fields over its own. */
  submit(page: Page, fields?: Record<string, string | string[]>, action?: string): Promise<Page>;
  signIn(page: Page, username: string, password?: string): Promise<Page>;
}

export function testBrowser(
  server: Pick<AuthorizationServer, "fetch" | "issuer">,
  { address = "203.0.113.7" } = {},
): TestBrowser {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0)
      headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const url = new URL(path, server.issuer);
    const response = await server.fetch(new Request(url, { ...init, headers }), { address });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  async function follow(path: string, init: RequestInit = {}): Promise<Page> {
    let url = new URL(path, server.issuer);
    let response = await request(url.href, init);
    for (let hops = 0; response.status === 303 && hops < 10; hops += 1) {
      url = new URL(response.headers.get("location") ?? "", url);
      if (url.origin !== new URL(server.issuer).origin) break;
      response = await request(url.href);
    }
    return { status: response.status, url, html: await response.text(), headers: response.headers };
  }

  const browser: TestBrowser = {
    cookies,
    request,
    get: follow,
    submit(page, fields = {}, action = "") {
      const form = readForm(page.html, action);
      const body = new URLSearchParams(form.fields);
      for (const [name, value] of Object.entries(fields)) {
        body.delete(name);
        for (const each of [value].flat()) body.append(name, each);
      }
      return follow(new URL(form.action, page.url).href, { method: "POST", body });
    },
    signIn: (page, username, password = PASSWORD) =>
      browser.submit(page, { username, password }, "/sign-in"),
  };
  return browser;
}

/** The form whose action ends with `action`, with its hidden and ticked fields. */
export function readForm(
  html: string,
  action = "",
): { action: string; fields: [string, string][] } {
  for (const [, attributes = "", content = ""] of html.matchAll(
    /<form([^>]*)>([\s\S]*?)<\/form>/g,
  )) {
    const target = unescapeHtml(/action="([^"]*)"/.exec(attributes)?.[1] ?? "");
    if (!target.split("?")[0]?.endsWith(action)) continue;
    const fields: [string, string][] = [];
    for (const [input] of content.matchAll(/<input[^>]*>/g)) {
      const name = /\bname="([^"]*)"/.exec(input)?.[1];
      const value = unescapeHtml(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? "");
      const sent = /type="checkbox"/.test(input) ? / checked/.test(input) : true;
      if (name !== undefined && sent && !/type="radio"/.test(input)) fields.push([name, value]);
    }
    return { action: target, fields };
  }
  throw new Error(`no form for ${action || "anything"} on this page:\n${html.slice(0, 3000)}`);
}

const unescapeHtml = (text: string): string =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** Path and query of an authorization request; `undefined` leaves a parameter out. */
export function authorizationUrl(
  client: { client_id: string },
  parameters: Record<string, string | string[] | undefined> = {},
): string {
  const all: Record<string, string | string[] | undefined> = {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: "https://printly.test/callback",
    scope: "openid",
    state: "xyz",
    code_challenge: s256(VERIFIER),
    code_challenge_method: "S256",
    ...parameters,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(all))
    for (const each of value === undefined ? [] : [value].flat()) query.append(name, each);
  return `/authorize?${query}`;
}
