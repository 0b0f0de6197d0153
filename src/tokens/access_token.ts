/** Access tokens: signed (RFC 9068) or sealed, never stored. They are judged by the present state of their grant. */
import { isEnabled } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { readJwt, signJwt } from "../crypto/jwt.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { keyToSign, type SigningKey } from "../crypto/signing_key.ts";
import { reached } from "../oauth/assurance.ts";
import type { Audience } from "../oauth/audience.ts";
import { claimsAt } from "../oauth/claims.ts";
import { tokenName } from "../oauth/ended.ts";
import { isJsonObject } from "../oauth/json.ts";
import type { Permission } from "../oauth/permission.ts";
import { findResource } from "../oauth/resource_indicator.ts";
import { formatScope } from "../oauth/scope.ts";
import type { Person } from "../people/users.ts";
import type { AuditRecord } from "../store/audit.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";
import { heldPermissions } from "./audience.ts";
import { type Authorization, grantStatus } from "./authorization.ts";
import { loadFacts } from "./facts.ts";
import { claimsInToken } from "./person_claims.ts";
import { heldByClient, heldByGrant } from "./still_held.ts";
import { subjectFor } from "./subject.ts";

/** The prefix of opaque tokens, by which secret scanners find leaked ones. */
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
  /** When and how well the person signed in (RFC 9470 §6.1). */
  auth_time?: number;
  acr?: string;
  /** The grant of the token, and the access epoch, by which single tokens are revoked. */
  grant_id?: string;
  access_epoch?: number;
}

const MEMBERS = [
  ...["iss", "sub", "aud", "exp", "iat", "jti", "client_id"],
  ...["scope", "auth_time", "acr", "grant_id", "access_epoch"],
];

export function accessTokenClaims(
  { client, granted, audience }: Pick<Authorization, "client" | "granted" | "audience">,
  ctx: Context,
): AccessTokenClaims {
  const grant = granted?.grant;
  const [only, ...more] = audience.aud;
  const end = ctx.now + ctx.settings.lifetimes.access_token;
  const claims: AccessTokenClaims = {
    iss: ctx.issuer,
    sub: grant ? subjectFor(client, grant.sub, ctx) : client.client_id,
    aud: more.length === 0 ? only : [...audience.aud],
    exp: grant ? Math.min(end, grant.expires_at) : end,
    iat: ctx.now,
    jti: randomText(16),
    client_id: client.client_id,
  };
  if (audience.scope.length > 0) claims.scope = formatScope(audience.scope);
  if (!grant) return claims;
  const { grant_id, access_epoch } = grant;
  return { ...claims, ...signInOf(grant, ctx), grant_id, access_epoch };
}

/**
 * Signs a token with the algorithm of its API, or seals it.
 * @throws NoSigningKey
 */
export function mintAccessToken(
  { claims, audience, person }: Minting,
  keys: readonly SigningKey[],
  ctx: Context,
): string {
  if (audience.format === "opaque")
    return PREFIX + seal(JSON.stringify(claims), "access_token", ctx, "access_token");
  const alg = signingAlgOf(audience, ctx);
  const key = keyToSign(keys, alg, ctx.now);
  const about = person ? claimsForApi(audience, person, ctx) : {};
  return signJwt({ ...about, ...claims }, "at+jwt", key);
}

interface Minting {
  claims: AccessTokenClaims;
  audience: Audience;
  /** Null: the client acts for itself. */
  person: Person | null;
}

/** The first member of the audience is the API, if the token is for one. */
const signingAlgOf = ({ aud: [first] }: Audience, { catalogue, settings }: Context) =>
  (findResource(catalogue, first) ?? settings).access_token_signing_alg;

/** Claims that the API's own scopes give. An opaque token holds none: the API asks by introspection. */
function claimsForApi({ aud: [api], scope }: Audience, person: Person, ctx: Context) {
  if (api === ctx.issuer) return {};
  const names = claimsAt(api, scope, ctx.catalogue);
  return claimsInToken(names, { token: "access token", person }, ctx);
}

export interface LiveAccessToken {
  claims: AccessTokenClaims;
  /** Null for a token of `client_credentials`. */
  granted: {
    grant: GrantRecord;
    client: ClientRecord;
    person: Person;
    /** The permissions that the client has now. */
    held: readonly Permission[];
  } | null;
}

/** The part of the token that holds now; null for a token that does not hold, for any reason. */
export async function findAccessToken(text: string, ctx: Context): Promise<LiveAccessToken | null> {
  const claims = readClaims(text, await ctx.keys(), ctx);
  if (!claims || claims.exp <= ctx.now) return null;
  if (claims.grant_id === undefined) return findOwnToken(claims, ctx);
  const facts = await loadFacts(claims.grant_id, ctx);
  if (!facts || facts.grant.access_epoch !== claims.access_epoch) return null;
  const { grant, client } = facts;
  const status = grantStatus(facts, ctx);
  if (!status.holds || client?.client_id !== claims.client_id) return null;
  const held = heldPermissions(grant, client, ctx);
  const part = heldByGrant(claims, held);
  if (!part) return null;
  const sub = subjectFor(client, grant.sub, ctx);
  const granted = { grant, client, person: status.person, held };
  return { claims: { ...onlyWith(claims, part), sub, ...signInOf(grant, ctx) }, granted };
}

function signInOf({ proofs }: GrantRecord, { settings }: Context) {
  const { auth_time, level } = reached(proofs);
  return { auth_time, acr: settings.acr[level] };
}

/** A client's token for itself. */
async function findOwnToken(
  claims: AccessTokenClaims,
  ctx: Context,
): Promise<LiveAccessToken | null> {
  const client = await ctx.store.findClient(claims.client_id);
  if (!client) return null;
  if (!isEnabled(client, ctx) || claims.iat < (client.ends_before ?? 0)) return null;
  // A restored backup lacks later revocations. The epoch is the time of the restore, so earlier tokens are refused.
  if (claims.iat < ctx.epoch || (await ctx.store.isClaimed(REVOKED, claims.jti))) return null;
  const held = heldByClient(claims, client, ctx.catalogue);
  return held && { claims: onlyWith(claims, held), granted: null };
}

const onlyWith = (
  { scope: _, ...claims }: AccessTokenClaims,
  held: Pick<AccessTokenClaims, "aud" | "scope">,
): AccessTokenClaims => ({ ...claims, ...held });

/** Ends one access token, together with all issued ones of its grant, since single tokens are not stored. */
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
  const claim = { now, expires_at: claims.exp, ends: tokenName(claims.jti) };
  if (await store.claimOnce(REVOKED, claims.jti, claim)) await store.appendAudit(events);
}

function readClaims(
  text: string,
  keys: readonly SigningKey[],
  ctx: Context,
): AccessTokenClaims | null {
  const read = text.startsWith(PREFIX)
    ? opened(text.slice(PREFIX.length), ctx)
    : readJwt(text, "at+jwt", keys);
  if (read?.iss !== ctx.issuer) return null;
  // Claims about the person are for the token's API, and introspection computes them again.
  const own: Record<string, unknown> = {};
  for (const name of MEMBERS) if (Object.hasOwn(read, name)) own[name] = read[name];
  // The server made both kinds, so their shape is known.
  return own as unknown as AccessTokenClaims;
}

function opened(sealed: string, ctx: Context): Record<string, unknown> | null {
  const text = unseal(sealed, "access_token", ctx, "access_token");
  const value: unknown = text === null ? null : JSON.parse(text);
  return isJsonObject(value) ? value : null;
}
