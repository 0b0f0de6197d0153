/** `valetkey/client/web/hono`: `app.use(hono(auth))`. */
import type { LoginOptions } from "./login.ts";
import type { LogoutOptions } from "./logout.ts";
import { changedHeaders, type RequestAuth, requestAuth } from "./request_auth.ts";
import type { Auth } from "./web.ts";

/** `c.var.auth`: `new Hono<{ Variables: { auth: HonoAuth } }>()`. */
export interface HonoAuth extends RequestAuth {
  /** The way to the provider, and back to this page afterwards: an answer to return. */
  login(o?: LoginOptions): Promise<Response>;
  /** The way out: an answer to return. */
  logout(o?: LogoutOptions): Promise<Response>;
}

interface HonoContext {
  req: { raw: Request };
  set(name: "auth", value: HonoAuth): void;
  header(name: string, value?: string, options?: { append?: boolean }): void;
  error: Error | undefined;
  res: Response;
}

/**
 * Middleware that answers the addresses of `auth`, and puts `user()`, `token()`, `fetch()`, `login()` and `logout()` on
 * `c.var.auth`. When a page fails with an error that a sign-in mends, it answers with the way to the provider.
 */
export function hono(
  auth: Auth,
): (c: HonoContext, next: () => Promise<void>) => Promise<Response | undefined> {
  return async (c, next) => {
    const request = c.req.raw;
    const answer = await auth.handle(request);
    if (answer) return answer;
    c.set("auth", {
      ...requestAuth(auth, request),
      login: (o) => auth.login(request, o),
      logout: (o) => auth.logout(request, o),
    });
    await next();
    const way = c.error && (await auth.recover(request, c.error));
    if (way) c.res = way;
    for (const [name, value] of changedHeaders(auth, request))
      c.header(name, value, { append: name === "set-cookie" });
    return undefined;
  };
}
