/** A browser without a screen for several sites: real sockets, cookies by host, redirects, forms. */
import { readForm } from "./browser.ts";

export interface Visited {
  status: number;
  url: URL;
  html: string;
  /** The text that people read, with single spaces. */
  text: string;
}

export interface DemoBrowser {
  get(url: string): Promise<Visited>;
  /** Sends the form whose action ends with `action`. */
  submit(page: Visited, action: string, fields?: Fields): Promise<Visited>;
  /** One request, with the cookies of its host. */
  request(url: URL, init?: RequestInit): Promise<Response>;
  cookiesOf(host: string): Map<string, string>;
}
export type Fields = Record<string, string | string[]>;

const REDIRECTS = [301, 302, 303];
/** Of a GET, one like the others. */
const SAME_METHOD = 307;

/** @param stop_at an address that is not visited: the answer is the address itself */
export function demoBrowser({ stop_at }: { stop_at?: string } = {}): DemoBrowser {
  // As in a real browser, the ports of a host share their cookies.
  const jars = new Map<string, Map<string, string>>();
  const cookiesOf = (host: string): Map<string, string> => {
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  async function request(url: URL, init: RequestInit = {}): Promise<Response> {
    const jar = cookiesOf(url.hostname);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set("cookie", [...jar].map((pair) => pair.join("=")).join("; "));
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  async function visit(first: URL, init?: RequestInit): Promise<Visited> {
    let url = first;
    let response = await request(url, init);
    const isRedirect = ({ status }: Response): boolean =>
      REDIRECTS.includes(status) || (status === SAME_METHOD && init === undefined);
    for (let hops = 0; isRedirect(response) && hops < 15; hops += 1) {
      await response.bytes();
      url = new URL(response.headers.get("location") ?? "", url);
      if (stop_at !== undefined && url.href.startsWith(stop_at))
        return { status: 303, url, html: "", text: "" };
      response = await request(url);
    }
    const html = await response.text();
    const body = html.replace(/<(style|script|title)>[\s\S]*?<\/\1>/g, "");
    const text = body.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
    return { status: response.status, url, html, text };
  }

  return {
    cookiesOf,
    request,
    get: (url) => visit(new URL(url)),
    submit(page, action, fields = {}) {
      const form = readForm(page.html, action);
      const body = new URLSearchParams(form.fields);
      for (const [name, value] of Object.entries(fields)) {
        body.delete(name);
        for (const each of [value].flat()) body.append(name, each);
      }
      const url = new URL(form.action, page.url);
      return visit(url, { method: "POST", body, headers: { origin: page.url.origin } });
    },
  };
}
