/**
 * The one way to find the key behind a signature that is not ours: of a client, by value (`jwks`) or by address
 * (`jwks_uri`). The address is a registered one, never one from the signed text (RFC 8725 §3.10).
 */
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import type { Asking, FetchedDocuments, OutboundPurpose, Server } from "../context.ts";
import { parseJsonStrictly } from "../oauth/json.ts";
import { type Jwks, parseJwks } from "../oauth/jwks.ts";
import { namesOfAlg } from "../oauth/optional_metadata.ts";
import { documentCache } from "./document_cache.ts";

/** Members of client metadata (RFC 7591 §2). Never both. */
export interface KeySource {
  readonly jwks?: Jwks;
  readonly jwks_uri?: string;
  /** Looks for newer keys in place of `jwks`. Null: there are none. */
  readonly newer?: () => Promise<Jwks | null>;
}

/** The keys at each `jwks_uri`. Their media type is not checked: many servers send a key set as plain text. */
export const fetchedKeys = (
  purpose: OutboundPurpose,
  server: Pick<Server, "outbound" | "clock" | "log">,
): FetchedDocuments<Jwks> =>
  documentCache<Jwks>(
    {
      read: ({ body }) => parseJwks(parseJsonStrictly(body.toString())),
      accept: "application/jwk-set+json, application/json",
      most_bytes: 65_536,
      // A key that its owner withdraws is accepted for an hour at most, as long as the address answers.
      ...{ least: 5, otherwise: 300, most: 3600 },
      ...{ pace: 5, outlives: 86_400, remembers_errors: true },
      purpose,
    },
    server,
  );

export interface VerifyOptions extends JWTVerifyOptions {
  algorithms: string[];
}

/**
 * Verifies a JWT, and the claims that the options name. `kid` is a hint (RFC 7515 §4.1.4): keys without one are tried,
 * and an unknown one leads to a new look at the `jwks_uri`, at most every 5 s.
 * @throws errors.JOSEError, or what made the keys unreachable
 */
export async function verifySigned(
  jwt: string,
  { jwks, jwks_uri, newer }: KeySource,
  options: VerifyOptions,
  { keys: fetched, asking }: { keys: FetchedDocuments<Jwks>; asking?: Asking },
): Promise<JWTPayload> {
  const { alg = "", kid } = decodeProtectedHeader(jwt);
  if (!options.algorithms.includes(alg)) throw new errors.JOSEAlgNotAllowed();
  const known =
    jwks ?? (jwks_uri === undefined ? { keys: [] } : await fetched.get(jwks_uri, asking));
  const fitting = keysFor({ alg, kid }, known);
  try {
    return await verifyByOneOf(fitting, jwt, options);
  } catch (error) {
    const isNamed = kid !== undefined && fitting.some((key) => key.kid === kid);
    if (!isNoKey(error) || isNamed) throw error;
    const look = jwks_uri === undefined ? newer : () => fetched.renewed(jwks_uri, asking);
    const renewed = (await look?.()) ?? known;
    if (renewed === known) throw error;
    return verifyByOneOf(keysFor({ alg, kid }, renewed), jwt, options);
  }
}

type Key = Jwks["keys"][number];

/** A set with more keys for an algorithm needs a `kid` (OpenID Connect Core §10.1), so that forgeries cost little. */
const MOST_TRIED = 4;

const CURVES: Readonly<Record<string, string>> = {
  ...{ ES256: "P-256", ES384: "P-384", ES512: "P-521" },
  ...{ EdDSA: "Ed25519", Ed25519: "Ed25519" },
};

/** Keys that may have made the signature: those with its `kid`, else those without any. */
function keysFor({ alg, kid }: { alg: string; kid: string | undefined }, { keys }: Jwks): Key[] {
  const fitting = keys.filter((key) => fits(key, alg)).map((key) => named(key, alg));
  if (kid === undefined) return fitting;
  const wanted = fitting.filter((key) => key.kid === kid);
  return wanted.length > 0 ? wanted : fitting.filter((key) => key.kid === undefined);
}

function fits(key: Key, alg: string): boolean {
  if (key.use !== undefined && key.use !== "sig") return false;
  if (Array.isArray(key.key_ops) && !key.key_ops.includes("verify")) return false;
  if (key.alg !== undefined && !isOf(key, alg)) return false;
  const curve = CURVES[alg];
  return curve === undefined ? key.kty === "RSA" : key.crv === curve;
}

/** The library compares names: a key has to write its algorithm as the JWT does. */
const named = (key: Key, alg: string): Key => (isOf(key, alg) ? { ...key, alg } : key);

const isOf = (key: Key, alg: string): boolean => namesOfAlg(alg).some((name) => name === key.alg);

/** No key, or none of those that were tried, has made the signature. */
const isNoKey = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWSSignatureVerificationFailed;

async function verifyByOneOf(
  keys: readonly Key[],
  jwt: string,
  options: VerifyOptions,
): Promise<JWTPayload> {
  if (keys.length === 0) throw new errors.JWKSNoMatchingKey();
  for (const key of keys.slice(0, MOST_TRIED))
    try {
      return (await jwtVerify(jwt, { ...key }, options)).payload;
    } catch (error) {
      // A key that can't be read is not the one either.
      if (error instanceof errors.JOSEError && !isNoKey(error)) throw error;
    }
  throw new errors.JWSSignatureVerificationFailed();
}
