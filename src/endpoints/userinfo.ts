/** Userinfo (OpenID Connect Core §5.3): the person's claims that the token's scope asks for. */
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, json, jwt, NO_STORE } from "../http/message.ts";
import { noteRefusal } from "../http/refusal.ts";
import { bearerChallenge, parseBearer } from "../oauth/bearer.ts";
import { claimsAt } from "../oauth/claims.ts";
import { OAuthError, withErrorHeaders } from "../oauth/errors.ts";
import type { ClientRecord } from "../store/records.ts";
import { findAccessToken } from "../tokens/access_token.ts";
import { namedClaims } from "../tokens/named_claims.ts";
import { personClaims } from "../tokens/person_claims.ts";
import { signedUserinfoAlg, signerFor, withSigningKeys } from "../tokens/sign.ts";

export async function userinfo(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  try {
    const token = readToken(request, ctx);
    return token === null ? unauthenticated(ctx) : await answer(token, ctx);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const scope = error.error === "insufficient_scope" ? "openid" : undefined;
    const challenge = bearerChallenge(ctx.issuer, error, scope);
    throw withErrorHeaders(error, [["www-authenticate", challenge]]);
  }
}

/** A request without a token is answered without an error code (RFC 6750 §3.1). */
function unauthenticated(ctx: Context): HttpResponse {
  noteRefusal({ event: "refused", error: "no_token", why: "no access token was sent" }, ctx);
  return json({}, 401, [...NO_STORE, ["www-authenticate", bearerChallenge(ctx.issuer)]]);
}

/**
 * Reads the token from the header or a form: from one place only, and never from the URL (RFC 6750 §2, OAuth 2.1 §5.1).
 */
function readToken(request: HttpRequest, ctx: Context): string | null {
  if (readQuery(request, ctx).get("access_token") !== undefined)
    throw new OAuthError("invalid_request", "the access token must not be in the query");
  const authorization = request.header("authorization");
  const bearer = parseBearer(authorization);
  const form =
    request.method === "POST" && request.body !== ""
      ? readBody({ ...request, query: "" }, ctx, { json: false })
      : null;
  const posted = form?.get("access_token");
  if (posted !== undefined && authorization !== undefined)
    throw new OAuthError("invalid_request", "the access token was sent twice");
  if (authorization !== undefined && bearer === null && /^bearer\b/i.test(authorization))
    throw new OAuthError("invalid_request", "the Authorization header is malformed");
  return bearer ?? posted ?? null;
}

async function answer(token: string, ctx: Context): Promise<HttpResponse> {
  const found = await findAccessToken(token, ctx);
  if (!found) throw new OAuthError("invalid_token", "the access token is not valid, or has ended");
  const { claims, granted } = found;
  const scope = claims.scope?.split(" ") ?? [];
  if (![claims.aud].flat().includes(ctx.issuer))
    throw new OAuthError("invalid_token", "the access token is for another audience");
  if (!granted || !scope.includes("openid"))
    throw new OAuthError("insufficient_scope", "the access token has no openid scope");
  const { client, person } = granted;
  const by_name = namedClaims("userinfo", { ...granted, scope }, ctx);
  const names = [...new Set([...claimsAt(ctx.issuer, scope, ctx.catalogue), ...by_name])];
  const about = { ...personClaims(names, person, ctx), sub: claims.sub };
  return signedUserinfoAlg(client.metadata) === null ? json(about) : signed(about, client, ctx);
}

/** A client that asks for a signature gets a JWT with issuer and audience (OpenID Connect Core §5.3.2). */
async function signed(about: object, client: ClientRecord, ctx: Context): Promise<HttpResponse> {
  const claims = { ...about, iss: ctx.issuer, aud: client.client_id };
  const token = await withSigningKeys(
    (keys) => signerFor(client, "userinfo", { keys, now: ctx.now }).sign(claims),
    ctx,
  );
  return jwt(token);
}
