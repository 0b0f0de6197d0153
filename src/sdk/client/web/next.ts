/** `valetkey/client/web/next`: route handlers, the proxy and functions for the server components of Next.js 16. */
import { AuthError } from "../../errors.ts";
import type { User } from "../../tokens.ts";
import type { FetchInit, TokenOptions } from "./access.ts";
import { changedHeaders, type RequestAuth, requestAuth } from "./request_auth.ts";
import type { Auth } from "./web.ts";

export interface NextAuth extends RequestAuth {
  /** `export const { GET, POST } = next(auth)` in `app/auth/[...auth]/route.ts`. */
  GET(request: Request): Promise<Response>;
  POST(request: Request): Promise<Response>;
  /**
   * `export const proxy = next(auth).proxy` in `proxy.ts`. It refreshes sessions before components are drawn, since
   * components can read cookies and not set them.
   */
  proxy(request: Request): Promise<Response>;
}

/** `user()`, `token()` and `fetch()` are for server components, server actions and route handlers: they need no request. */
export function next(auth: Auth): NextAuth {
  const answer = async (request: Request): Promise<Response> =>
    (await auth.handle(request)) ?? new Response(null, { status: 404 });
  return {
    GET: answer,
    POST: answer,
    proxy: (request) => proxy(auth, request),
    user: async (): Promise<User | null> => (await current(auth)).user(),
    token: async (o?: TokenOptions) => (await current(auth)).token(o),
    fetch: async (url: string | URL, init?: FetchInit) => (await current(auth)).fetch(url, init),
  };
}

async function current(auth: Auth): Promise<RequestAuth> {
  // Of the app: this package does not depend on Next.js.
  // biome-ignore lint/correctness/noUndeclaredDependencies: only apps of Next.js import this file.
  const { headers } = await import("next/headers");
  const sent = new Headers(await headers());
  // The host is believed on loopback addresses only.
  const address = URL.parse(`http://${sent.get("host")}/`) ?? new URL("http://unknown/");
  return requestAuth(auth, new Request(address, { headers: sent }));
}

async function proxy(auth: Auth, request: Request): Promise<Response> {
  if (await auth.user(request)) await refreshAhead(auth, request);
  const changed = changedHeaders(auth, request);
  const lines = changed.getSetCookie();
  const headers = new Headers(request.headers);
  if (lines.length > 0) headers.set("cookie", mergedCookies(headers.get("cookie") ?? "", lines));
  return nextResponse(headers, changed);
}

/** Without a refresh token, or during an outage, the page says more than the proxy could. */
async function refreshAhead(auth: Auth, request: Request): Promise<void> {
  try {
    await auth.token(request);
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
  }
}

/** As the browser will send them the next time. */
function mergedCookies(sent: string, lines: readonly string[]): string {
  const pairs = [sent.split(";"), lines.map((line) => line.split(";")[0] ?? "")].flat();
  const cookies = new Map(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.trim()]),
  );
  cookies.delete("");
  return [...cookies.values()].join("; ");
}

/** What `NextResponse.next({ request: { headers } })` makes. */
function nextResponse(request: Headers, changed: Headers): Response {
  const headers = new Headers(changed);
  headers.set("x-middleware-next", "1");
  headers.set("x-middleware-override-headers", [...request.keys()].join(","));
  for (const [name, value] of request) headers.set(`x-middleware-request-${name}`, value);
  return new Response(null, { headers });
}
