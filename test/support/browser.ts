/** A browser without a screen: keeps cookies, follows redirects on the server, fills in and sends forms. */
import { createHash } from "node:crypto";
import type { AuthorizationServer } from "../../src/authorization_server.ts";
import { type FormChoice, readForm, unescapeHtml } from "../../src/testing/form.ts";
import { PASSWORD } from "./server.ts";

/** The verifier for the challenge that `authorizationUrl` sends unless a test says otherwise. */
export const VERIFIER = "test-verifier-0123456789-0123456789-0123456789";
export const s256 = (text: string): string => createHash("sha256").update(text).digest("base64url");

export { type FormChoice, readForm, unescapeHtml };

export interface Page {
  status: number;
  url: URL;
  html: string;
  headers: Headers;
}

export interface TestBrowser {
  cookies: Map<string, string>;
  /** One request, without following redirects. A path is relative to the issuer. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Follows redirects as long as they stay on the server, and stops at the first other address. */
  get(path: string): Promise<Page>;
  /** Sends a form of a page, with these fields over its own. */
  submit(page: Page, fields?: Record<string, string | string[]>, form?: FormChoice): Promise<Page>;
  signIn(page: Page, username: string, password?: string): Promise<Page>;
}

/** Any handler of requests: the server itself, or a server behind a real connection. */
export type Reachable = Pick<AuthorizationServer, "fetch" | "issuer">;

/** An address of the server: below the issuer, which may have a path. */
export const at = ({ issuer }: Pick<Reachable, "issuer">, path: string): string =>
  path.startsWith("/") ? issuer + path : path;

export function testBrowser(server: Reachable, { address = "203.0.113.7" } = {}): TestBrowser {
  const cookies = new Map<string, string>();

  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (cookies.size > 0)
      headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const sent = new Request(at(server, path), { redirect: "manual", ...init, headers });
    const response = await server.fetch(sent, { address });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  }

  async function follow(path: string, init: RequestInit = {}): Promise<Page> {
    let url = new URL(at(server, path));
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
    submit(page, fields = {}, choice = "") {
      const form = readForm(page.html, choice);
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

/** The page without its foot, whose links to other languages repeat the query of the address. */
export const withoutFoot = (html: string): string =>
  html.replace(/<footer class="foot">.*<\/footer>/s, "");

/** The cookie of the only session in this browser. */
export function sessionCookie({ cookies }: TestBrowser): { name: string; value: string } {
  const [only, ...more] = [...cookies].filter(([name]) => name.includes("valetkey_session_"));
  if (!only || more.length > 0) throw new Error(`not one session: ${[...cookies.keys()]}`);
  return { name: only[0], value: only[1] };
}

/** The address of the first link of a page whose path ends with this. */
export function linkOn({ html }: Pick<Page, "html">, path: string): string {
  for (const [, href = ""] of html.matchAll(/<a[^>]* href="([^"]*)"/g))
    if (unescapeHtml(href).split("?")[0]?.endsWith(path)) return unescapeHtml(href);
  throw new Error(`no link to ${path}:\n${html}`);
}

/** The keys of the accounts on the page where one is chosen, by user name. */
export function accountsOn({ html }: Pick<Page, "html">): Record<string, string> {
  const rows = html.matchAll(/name="account" value="([^"]*)">([\s\S]*?)<\/button>/g);
  return Object.fromEntries(
    [...rows].map(([, key = "", content = ""]) => {
      const names = [...content.matchAll(/<bdi>([^<]*)<\/bdi>/g)].map(([, name = ""]) => name);
      return [names.at(-1) ?? "", key];
    }),
  );
}

/** Removes an app from the connected apps, by the page that asks first. */
export async function disconnect(
  browser: TestBrowser,
  { client_id }: { client_id: string },
): Promise<Page> {
  const page = await browser.get(`/account?${new URLSearchParams({ remove: client_id })}`);
  return browser.submit(page, {}, { action: "/account", having: { intent: "remove", client_id } });
}

/** The answer to the consent page that allows these scopes only, at every API that lists them. */
export const allowOnly = ({ html }: { html: string }, ...scopes: string[]) => ({
  decision: "allow",
  permission: [...html.matchAll(/<input type="checkbox" name="permission" value="([^"]*)"/g)]
    .map(([, permission = ""]) => unescapeHtml(permission))
    .filter((permission) => scopes.includes(permission.split(" ")[1] ?? "")),
});

/** The words of a page, without markup. */
export const textOf = ({ html }: Pick<Page, "html">): string =>
  unescapeHtml(html.replace(/<style[\s\S]*?<\/style>/, "").replaceAll(/<[^>]*>/g, ""));

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
