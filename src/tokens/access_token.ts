/** Access tokens: signed (RFC 9068) or sealed, never stored; read back with what their grant says now. */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { readJwt, signJwt } from "../crypto/jwt.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { type SigningKey, signingKeyAt } from "../crypto/signing_key.ts";
import { reached } from "../oauth/assurance.ts";
import { isJsonObject } from "../oauth/json.ts";
import { formatScope } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import type { AuditRecord } from "../store/audit.ts";
import type { GrantRecord } from "../store/records.ts";
import { heldPermissions } from "./audience.ts";
import { type Authorization, grantStatus } from "./authorization.ts";
import { loadFacts } from "./facts.ts";
import { heldByClient, heldByGrant } from "./still_held.ts";

/** Opaque tokens begin with this, so that secret scanners find a leaked one. */
const PREFIX = "vka_";
const REVOKED = "revoked access token";

export interface AccessTokenClaims {
  iss: string;
  sub: string;
  aud: string | string[];
  exp: number;
  iat: number;
  jti: string;
  client_id: string;
  scope?: string;
  auth_time?: number;
  /** The grant it is a token of, and the number by which single tokens are revoked. */
  grant_id?: string;
  access_epoch?: number;
}

export function accessTokenClaims(
  { client, granted, audience }: Pick<Authorization, "client" | "granted" | "audience">,
  ctx: Context,
): AccessTokenClaims {
  const grant = granted?.grant;
  const [only, ...more] = audience.aud;
  const end = ctx.now + ctx.settings.lifetimes.access_token;
  const claims: AccessTokenClaims = {
    iss: ctx.issuer,
    sub: grant?.sub ?? client.client_id,
    aud: more.length === 0 ? only : [...audience.aud],
    exp: grant ? Math.min(end, grant.expires_at) : end,
    iat: ctx.now,
    jti: randomText(16),
    client_id: client.client_id,
  };
  if (audience.scope.length > 0) claims.scope = formatScope(audience.scope);
  if (!grant) return claims;
  const { grant_id, access_epoch } = grant;
  const { auth_time } = reached(grant.proofs);
  return { ...claims, auth_time, grant_id, access_epoch };
}

/** @throws Error when there is no key to sign with */
export function mintAccessToken(
  { claims, format }: { claims: AccessTokenClaims; format: "jwt" | "opaque" },
  keys: readonly SigningKey[],
  ctx: Context,
): string {
  if (format === "opaque")
    return PREFIX + seal(JSON.stringify(claims), "access_token", ctx, "access_token");
  const key = signingKeyAt(keys, "ES256", ctx.now);
  if (!key) throw new Error("no ES256 signing key");
  return signJwt(claims, "at+jwt", key);
}

export interface LiveAccessToken {
  claims: AccessTokenClaims;
  /** Null for a token of `client_credentials`. */
  granted: { grant: GrantRecord; person: Person } | null;
}

/** What of the token holds at this moment, if it is ours; else null, whatever is wrong with it. */
export async function findAccessToken(text: string, ctx: Context): Promise<LiveAccessToken | null> {
  const claims = readClaims(text, await ctx.keys(), ctx);
  if (!claims || claims.exp <= ctx.now) return null;
  if (claims.grant_id === undefined) return findOwnToken(claims, ctx);
  const facts = await loadFacts(claims.grant_id, ctx);
  if (!facts || facts.grant.access_epoch !== claims.access_epoch) return null;
  const { grant, client } = facts;
  const status = grantStatus(facts, ctx);
  if (!status.holds || client?.client_id !== claims.client_id) return null;
  const held = heldByGrant(claims, heldPermissions(grant, client, ctx));
  return held && { claims: onlyWith(claims, held), granted: { grant, person: status.person } };
}

/** One that a client got for itself. */
async function findOwnToken(
  claims: AccessTokenClaims,
  ctx: Context,
): Promise<LiveAccessToken | null> {
  const client = await ctx.store.findClient(claims.client_id);
  if (!client) return null;
  if (client.disabled_at !== null || claims.iat < (client.ends_before ?? 0)) return null;
  // What was revoked after a backup is not known any more when that is put back: the epoch says when it was.
  if (claims.iat < ctx.epoch || (await ctx.store.isClaimed(REVOKED, claims.jti))) return null;
  const held = heldByClient(claims, client, ctx.catalogue);
  return held && { claims: onlyWith(claims, held), granted: null };
}

const onlyWith = (
  { scope: _, ...claims }: AccessTokenClaims,
  held: Pick<AccessTokenClaims, "aud" | "scope">,
): AccessTokenClaims => ({ ...claims, ...held });

/** Ends one access token: all of its grant's that are out, since none is known by itself. */
export async function revokeAccessToken(
  { claims, granted }: LiveAccessToken,
  event: AuditRecord,
  { store, now }: Context,
): Promise<void> {
  const events = [event];
  if (granted) {
    const { grant_id, access_epoch } = granted.grant;
    await store.raiseAccessEpoch(grant_id, access_epoch, { events });
    return;
  }
  const times = { now, expires_at: claims.exp };
  if (await store.claimOnce(REVOKED, claims.jti, times)) await store.appendAudit(events);
}

function readClaims(
  text: string,
  keys: readonly SigningKey[],
  ctx: Context,
): AccessTokenClaims | null {
  const read = text.startsWith(PREFIX)
    ? opened(text.slice(PREFIX.length), ctx)
    : readJwt(text, "at+jwt", keys);
  // Both proved to be of our own making, so the shape is the one above.
  return read && read.iss === ctx.issuer ? (read as unknown as AccessTokenClaims) : null;
}

function opened(sealed: string, ctx: Context): Record<string, unknown> | null {
  const text = unseal(sealed, "access_token", ctx, "access_token");
  const value: unknown = text === null ? null : JSON.parse(text);
  return isJsonObject(value) ? value : null;
}
