/** Accepts requests with a token of this provider, for this API, with this scope (RFC 6750, RFC 9068). */
import type { MiddlewareHandler } from "hono";
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from "jose";
import type { AuthorizationServer } from "valetkey";

export interface WithSub {
  Variables: { sub: string };
}

export function protect({ issuer, fetch }: AuthorizationServer, audience: string) {
  // The keys come from the provider in this process, without a network request.
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`), {
    [customFetch]: (url, options) => fetch(new Request(url, options)),
  });

  return (scope: string): MiddlewareHandler<WithSub> =>
    async (c, next) => {
      const refuse = (status: 401 | 403, challenge: string) =>
        c.text("", status, { "www-authenticate": `Bearer ${challenge}` });
      const [, token] = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
      if (token === undefined) return refuse(401, `scope="${scope}"`);
      try {
        const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: "at+jwt" });
        if (!String(payload.scope).split(" ").includes(scope))
          return refuse(403, `error="insufficient_scope", scope="${scope}"`);
        c.set("sub", String(payload.sub));
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        return refuse(401, 'error="invalid_token"');
      }
      return next();
    };
}
