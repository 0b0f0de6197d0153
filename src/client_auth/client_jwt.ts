/** JWTs that clients sign: assertions and request objects. Their text proves nothing until a key of the client has verified it. */

import { errors } from "jose";
import { isEnabled } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { type KeySource, verifySigned } from "../fetched/keys.ts";
import { updateHint } from "../oauth/hint.ts";
import { isJsonObject, parseJsonStrictly } from "../oauth/json.ts";
import type { Jwks } from "../oauth/jwks.ts";
import { CLIENT_SIGNING_ALGS, namesOfAlg } from "../oauth/optional_metadata.ts";
import type { ClientRecord } from "../store/records.ts";

/** Seconds that clocks may differ. */
export const CLOCK_SKEW = 30;

export type Claims = Readonly<Record<string, unknown>>;

export interface Unverified {
  claims: Claims;
  /** Why the JWT can't be one of the wanted kind. Null: it can. */
  problem: "type" | "header" | null;
}

/**
 * Reads the claims before their signature is verified.
 * @param types accepted values of `typ`, in lower case and without `application/`; it may also be absent
 * @returns null for text that is no JWT
 */
export function readUnverified(jwt: string, types: readonly string[]): Unverified | null {
  const [head = "", body = "", , ...more] = jwt.split(".");
  const header = more.length > 0 ? null : decode(head);
  const claims = decode(body);
  if (!header || !claims) return null;
  // A key, or its address, inside a JWT proves nothing (RFC 8725 §3.10).
  const is_keyed = ["jwk", "jku", "x5u", "x5c", "crit"].some((name) => name in header);
  const problem = isTyped(header.typ, types) ? (is_keyed ? "header" : null) : "type";
  return { claims, problem };
}

/** Another kind of JWT does not count as this one (RFC 8725 §3.11). */
function isTyped(typ: unknown, types: readonly string[]): boolean {
  if (typ === undefined) return true;
  // A media type: its case does not count, and `application/` may be left out (RFC 7515 §4.1.9).
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : "";
  return types.includes(type);
}

/**
 * Verifies the signature by a key of the client, and the times where they are present.
 * @param alg the registered algorithm; undefined: each of `CLIENT_SIGNING_ALGS`
 * @param required claims that must be present
 * @param newerKeys looks for keys that the client has published since
 * @param before called before a request for keys that a visitor causes; left out: the client itself is asking
 * @throws errors.JOSEError, or what made the keys unreachable
 */
export const verifiedByClient = (
  jwt: string,
  client: ClientRecord,
  { alg, required = [], newerKeys, before, ctx }: Verifying,
) =>
  verifySigned(
    jwt,
    keysOf(client, { newerKeys, ctx }),
    {
      algorithms: alg === undefined ? [...CLIENT_SIGNING_ALGS] : [...namesOfAlg(alg)],
      clockTolerance: CLOCK_SKEW,
      currentDate: new Date(ctx.now * 1000),
      requiredClaims: required,
    },
    { keys: ctx.fetched.keys[client.created_by], asking: { before } },
  );

interface Verifying {
  alg: string | undefined;
  required?: string[];
  newerKeys?: (() => Promise<Jwks | null>) | undefined;
  before?: () => void;
  ctx: Context;
}

/** Nothing is fetched for a client that gets nothing: its address may be the reason why it was disabled. */
function keysOf(
  client: ClientRecord,
  { newerKeys, ctx }: Pick<Verifying, "newerKeys" | "ctx">,
): KeySource {
  const { jwks, jwks_uri } = client.metadata;
  if (isEnabled(client, ctx)) return { ...client.metadata, ...(newerKeys && { newer: newerKeys }) };
  const held = jwks_uri === undefined ? null : ctx.fetched.keys[client.created_by].held(jwks_uri);
  return { jwks: jwks ?? held ?? { keys: [] } };
}

/**
 * Why a JWT could not be verified, for the log. The client can fix every failure; strangers do not learn what its address
 * answers.
 */
export function explain(
  cause: unknown,
  { client_id, metadata: { jwks_uri } }: ClientRecord,
): Record<string, unknown> {
  if (cause instanceof errors.JOSEError)
    return { code: cause.code, jwks_uri, ...updateHint(client_id, "--jwks FILE") };
  return { code: "ERR_KEY", jwks_uri, why: cause instanceof Error ? cause.message : String(cause) };
}

function decode(part: string): Claims | null {
  try {
    const value = parseJsonStrictly(Buffer.from(part, "base64url").toString());
    return isJsonObject(value) ? value : null;
  } catch {
    return null; // no acceptable JSON
  }
}
