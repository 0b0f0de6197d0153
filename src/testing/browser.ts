/** A browser of a test person, without a screen: it keeps cookies, and sends requests and forms to the issuer. */
import { readForm } from "./form.ts";

export type Send = (request: Request) => Promise<Response>;

/** The last answer that the browser got. */
export interface Page {
  url: URL;
  status: number;
  headers: Headers;
  /** Empty for a redirect. */
  html: string;
}

export interface TestBrowser {
  /** By name. */
  readonly cookies: Map<string, string>;
  /** The `Set-Cookie` lines of all answers so far, the last one of each name. */
  readonly set: Map<string, string>;
  request(request: Request): Promise<Page>;
  get(url: URL): Promise<Page>;
  /** Sends the form of a page whose action ends with this path, with these fields in place of its own. */
  submit(page: Page, action: string, fields: Readonly<Record<string, string>>): Promise<Page>;
}

/** @param cookie the header of the request that it goes on with */
export function testBrowser(send: Send, cookie = ""): TestBrowser {
  const cookies = new Map(
    cookie.split(/;\s*/).flatMap((pair) => {
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      return name === "" ? [] : [[name, value]];
    }),
  );
  const set = new Map<string, string>();

  async function request(sent: Request): Promise<Page> {
    const headers = new Headers(sent.headers);
    headers.delete("cookie");
    if (cookies.size > 0)
      headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const response = await send(new Request(sent, { headers, redirect: "manual" }));
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      set.set(name, line);
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const { status } = response;
    return {
      url: new URL(sent.url),
      status,
      headers: response.headers,
      html: await response.text(),
    };
  }

  return {
    cookies,
    set,
    request,
    get: (url) => request(new Request(url)),
    submit(page, action, fields) {
      const form = readForm(page.html, action);
      const body = new URLSearchParams(form.fields);
      for (const [name, value] of Object.entries(fields)) body.set(name, value);
      return request(new Request(new URL(form.action, page.url), { method: "POST", body }));
    },
  };
}

/** Where a redirect leads; null: the page is no redirect. */
export function locationOf({ url, status, headers }: Page): URL | null {
  const location = headers.get("location");
  return status >= 300 && status < 400 && location !== null ? URL.parse(location, url) : null;
}
