/** `valetkey/client/web/next`: route handlers, the proxy and functions for the server components of Next.js 16. */
import { AuthError } from "../../errors.ts";
import type { FetchInit, TokenOptions } from "./access.ts";
import { isMended } from "./recover.ts";
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
  /**
   * Sends the person to the provider, and afterwards to `returnTo`, a path of this app (default: `/`). `provider` is one
   * of `providers`; `prompt` is as in `LoginOptions`.
   */
  login(o?: { returnTo?: string; provider?: string; prompt?: string }): Promise<never>;
  /**
   * For errors of `token` and `fetch`: sends the person to sign in, and back to this path, if that mends the error, as
   * `Auth.recover` says. @throws the error otherwise
   * @example const photos = await fetch(url).catch((error) => recover(error, "/photos"));
   */
  recover(error: unknown, returnTo: string): Promise<never>;
}

/**
 * `user()`, `token()` and `fetch()` are for server components, server actions and route handlers: they need no request.
 * @param auth a function is called at the first request: `next build` then needs no secrets
 */
export function next(auth: Auth | (() => Auth)): NextAuth {
  let made: Auth | null = null;
  const its = (): Auth => {
    made ??= typeof auth === "function" ? auth() : auth;
    return made;
  };
  const answer = async (request: Request): Promise<Response> =>
    (await its().handle(request)) ?? new Response(null, { status: 404 });
  const ask = async <T>(question: (mine: RequestAuth) => Promise<T>): Promise<T> => {
    const request = await currentRequest();
    try {
      return await question(requestAuth(its(), request));
    } finally {
      await keepCookies(changedHeaders(its(), request));
    }
  };
  return {
    GET: answer,
    POST: answer,
    proxy: (request) => proxy(its(), request),
    user: () => ask((mine) => mine.user()),
    token: (o?: TokenOptions) => ask((mine) => mine.token(o)),
    fetch: (url: string | URL, init?: FetchInit) => ask((mine) => mine.fetch(url, init)),
    async recover(error, returnTo) {
      if (!isMended(error)) throw error;
      return toLogin(its(), { return_to: returnTo, recovers: error.code });
    },
    login: ({ returnTo = "/", ...rest } = {}) => toLogin(its(), { return_to: returnTo, ...rest }),
  };
}

async function toLogin({ prefix }: Auth, query: Record<string, string>): Promise<never> {
  // biome-ignore lint/correctness/noUndeclaredDependencies: see currentRequest
  const { redirect } = await import("next/navigation");
  return redirect(`${prefix}/login?${new URLSearchParams(query)}`);
}

async function currentRequest(): Promise<Request> {
  // Of the app: this package does not depend on Next.js.
  // biome-ignore lint/correctness/noUndeclaredDependencies: only apps of Next.js import this file.
  const { headers } = await import("next/headers");
  const sent = new Headers(await headers());
  // The host is believed on loopback addresses only.
  const address = URL.parse(`http://${sent.get("host")}/`) ?? new URL("http://unknown/");
  return new Request(address, { headers: sent });
}

/** A session may change after the proxy, as when an API refuses a token. */
async function keepCookies(changed: Headers): Promise<void> {
  const lines = changed.getSetCookie();
  if (lines.length === 0) return;
  // biome-ignore lint/correctness/noUndeclaredDependencies: see currentRequest
  const { cookies } = await import("next/headers");
  const jar = await cookies();
  try {
    for (const line of lines) jar.set(cookieOf(line));
  } catch {
    // Only route handlers and actions can set cookies. After a component, the next request refreshes again.
  }
}

function cookieOf(line: string) {
  const [, name = "", value = "", attributes = ""] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
  const [, maxAge] = /; Max-Age=(\d+)/.exec(attributes) ?? [];
  return {
    ...{ name, value, path: "/", httpOnly: true, sameSite: "lax" as const },
    ...{ maxAge: Number(maxAge), secure: attributes.includes("; Secure") },
  };
}

async function proxy(auth: Auth, request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  // The route handler answers these, and sets their cookies.
  if (new URL(request.url).pathname.startsWith(`${auth.prefix}/`))
    return nextResponse(headers, new Headers());
  const isSignedIn = (await auth.user(request)) !== null && (await refreshAhead(auth, request));
  const changed = changedHeaders(auth, request);
  const lines = changed.getSetCookie();
  const cookies = cookiesAfter(headers.get("cookie") ?? "", lines);
  // Pages are other copies of this module, which would learn of the end by an error.
  if (!isSignedIn) for (const name of cookies.keys()) if (SESSION.test(name)) cookies.delete(name);
  if (headers.has("cookie")) headers.set("cookie", [...cookies.values()].join("; "));
  return nextResponse(headers, changed);
}

const SESSION = /^(?:__Host-)?vk_session(?:_\d+)?$/;

/** @returns false when the session has ended. Without a refresh token, or during an outage, the page says more. */
async function refreshAhead(auth: Auth, request: Request): Promise<boolean> {
  try {
    await auth.token(request);
    return true;
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    return error.code !== "session_over";
  }
}

/** As the browser will send them the next time, by their names. */
function cookiesAfter(sent: string, lines: readonly string[]): Map<string, string> {
  const pairs = [sent.split(";"), lines.map((line) => line.split(";")[0] ?? "")].flat();
  const cookies = new Map(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")).trim(), pair.trim()]),
  );
  cookies.delete("");
  return cookies;
}

/** What `NextResponse.next({ request: { headers } })` makes. */
function nextResponse(request: Headers, changed: Headers): Response {
  const headers = new Headers(changed);
  headers.set("x-middleware-next", "1");
  headers.set("x-middleware-override-headers", [...request.keys()].join(","));
  for (const [name, value] of request) headers.set(`x-middleware-request-${name}`, value);
  return new Response(null, { headers });
}
