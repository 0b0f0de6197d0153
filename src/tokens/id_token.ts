/** ID tokens (OpenID Connect Core §2, §3.1.3.6, §12.2). */
import type { Context } from "../context.ts";
import type { SigningKey } from "../crypto/signing_key.ts";
import { reached } from "../oauth/assurance.ts";
import { claimsAt } from "../oauth/claims.ts";
import type { Params } from "../oauth/params.ts";
import { type Permission, scopesAt } from "../oauth/permission.ts";
import { parseScope } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { maskGrantId } from "./masked_grant.ts";
import { namedClaims } from "./named_claims.ts";
import { claimsInToken } from "./person_claims.ts";
import { signerFor } from "./sign.ts";
import { sidFor, subjectFor } from "./subject.ts";

/** The part of a decision that concerns the ID token. */
export interface IdTokenDecision {
  /** From the request; only in the first response. */
  nonce: string | null;
  /** Scopes of the issuer itself that were agreed to and, if the request names a scope, that it names. */
  scope: readonly string[];
  /** Claims that the client asked for by name, and may have. */
  claims: readonly string[];
}

/**
 * A token request for less gets fewer claims, under the same rules as at the sign-in (RFC 6749 §6, OpenID Connect Core
 * §5.4 and §12.2). It still gets an ID token, since it still belongs to a sign-in.
 * @returns null when `openid` was not granted, since there is no ID token then
 */
export function decideIdToken(
  held: readonly Permission[],
  { grant, nonce, params }: { grant: GrantRecord; nonce: string | null; params: Params },
  ctx: Pick<Context, "issuer" | "catalogue">,
): IdTokenDecision | null {
  const granted = scopesAt(held, ctx.issuer);
  if (!granted.includes("openid")) return null;
  const text = params.get("scope");
  const named = text === undefined ? granted : parseScope(text);
  const scope = granted.filter((each) => named.includes(each));
  return { nonce, scope, claims: namedClaims("id_token", { grant, held, scope }, ctx) };
}

export interface IdTokenOf extends IdTokenDecision {
  client: ClientRecord;
  grant: GrantRecord;
  person: Person;
  /** The access token beside it; null: there is none. */
  access_token: string | null;
  /** The code beside it, in a redirect. */
  code?: string | null;
}

/**
 * Signs with the algorithm that the client registered. Agreed claims about the person are at userinfo, and with
 * `id_token_claims` here too (OpenID Connect Core §5.4).
 * @throws NoSigningKey
 */
export function mintIdToken(
  { client, grant, nonce, access_token, code = null, ...about }: IdTokenOf,
  keys: readonly SigningKey[],
  ctx: Context,
): string {
  const { sign, halfHash } = signerFor(client, "id_token", { keys, now: ctx.now });
  const { level, amr, auth_time } = reached(grant.proofs);
  return sign({
    ...claimsFor(client, { ...about, access_token }, ctx),
    iss: ctx.issuer,
    sub: subjectFor(client, grant.sub, ctx),
    aud: client.client_id,
    exp: ctx.now + ctx.settings.lifetimes.id_token,
    iat: ctx.now,
    jti: maskGrantId(grant.grant_id, ctx),
    auth_time,
    acr: ctx.settings.acr[level],
    amr,
    ...(grant.sid !== null && { sid: sidFor(client, grant.sid, ctx) }),
    ...(access_token !== null && { at_hash: halfHash(access_token) }),
    ...(code !== null && { c_hash: halfHash(code) }),
    ...(nonce !== null && { nonce }),
  });
}

function claimsFor(
  { metadata }: ClientRecord,
  { scope, claims, person, access_token }: Omit<IdTokenOf, "client" | "grant" | "nonce" | "code">,
  ctx: Context,
): Record<string, unknown> {
  const { id_token_claims = ctx.settings.id_token_claims } = metadata;
  // Without an access token there is no userinfo that could have them instead.
  const with_scope = id_token_claims === "scope" || access_token === null;
  const of_scope = with_scope ? claimsAt(ctx.issuer, scope, ctx.catalogue) : [];
  const names = claims.length > 0 ? [...new Set([...of_scope, ...claims])] : of_scope;
  return claimsInToken(names, { token: "ID token", person }, ctx);
}
