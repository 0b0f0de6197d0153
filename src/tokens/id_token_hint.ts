/** ID tokens that are shown again: `id_token_hint` (OpenID Connect Core §3.1.2.1, RP-Initiated Logout §2). */
import type { Context } from "../context.ts";
import { readJwt } from "../crypto/jwt.ts";
import { publishedKeys } from "../crypto/signing_key.ts";
import { unmaskGrantId } from "./masked_grant.ts";

/** The members of a genuine ID token that lead to its sign-in. */
export interface IdTokenHint {
  readonly client_id: string;
  /** The person, by the name that this client knows. */
  readonly sub: string;
  /** The session, by the name that this client knows. */
  readonly sid: string;
  /** The grant that the token was issued under, which names its session; null: made before a restore, or too long ago. */
  readonly grant_id: string | null;
}

/**
 * Expired ID tokens count too, as long as their key signed within `lifetimes.session`. So the result proves that this
 * server once told the client about this sign-in, and not that the session is live.
 * @param client_id the client that it has to be for; null: any
 * @returns null for an altered or foreign token, one for another client, or one of another kind
 */
export async function readIdTokenHint(
  text: string,
  client_id: string | null,
  ctx: Context,
): Promise<IdTokenHint | null> {
  const { session, id_token } = ctx.settings.lifetimes;
  const keys = publishedKeys(await ctx.keys(), ctx.now, Math.max(session, id_token));
  const claims = readJwt(text, "JWT", keys);
  if (claims?.iss !== ctx.issuer) return null;
  const { aud, sub, sid, exp, jti } = claims;
  if (typeof aud !== "string" || typeof sub !== "string") return null;
  // Other signed answers, such as one of userinfo, name no session and do not expire.
  if (typeof sid !== "string" || typeof exp !== "number" || typeof jti !== "string") return null;
  if (client_id !== null && aud !== client_id) return null;
  return { client_id: aud, sub, sid, grant_id: unmaskGrantId(jti, ctx) };
}
