/** JWT access tokens (RFC 9068 §4, RFC 8725). */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import type { Keys } from "../keys.ts";
import { algorithmOf } from "../signature.ts";
import type { Access } from "./options.ts";
import { bytesOf, decoded, textOf } from "./runtime.ts";

type Claims = Record<string, unknown>;

/** Seconds by which clocks may differ. */
const SKEW = 30;
/** Characters: no server takes longer headers. */
const LONGEST = 16_384;

const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

export interface Jwt {
  header: Claims;
  claims: Claims;
  /** What was signed. */
  signed: string;
  signature: string;
}

/** The parts of a JWT, not verified; null: it is none, so the token is opaque. */
export function readJwt(token: string): Jwt | null {
  if (token.length > LONGEST) return null;
  const [, head = "", body = "", signature = ""] = COMPACT.exec(token) ?? [];
  try {
    const header: unknown = JSON.parse(textOf(head));
    const claims: unknown = JSON.parse(textOf(body));
    if (!isJsonObject(header) || !isJsonObject(claims)) return null;
    return { header, claims, signed: `${head}.${body}`, signature };
  } catch {
    return null;
  }
}

export interface JwtRules {
  issuer: string;
  audience: string;
  legacyTyp: boolean;
  keys: Keys;
}

/**
 * Cheap checks come first, the signature last.
 * @throws AuthError `token_refused` or `clock_skew`, or of `keys`
 */
export async function verifyJwt(jwt: Jwt, { keys, ...rules }: JwtRules): Promise<Access> {
  const { header, claims, signed, signature } = jwt;
  const alg = checkHeader(header, claims, rules.legacyTyp);
  const access = readAccess(claims, rules);
  const kid = typeof header.kid === "string" ? header.kid : undefined;
  const candidates = await keys.find({ alg, kid });
  if (candidates.length === 0)
    throw refused("the issuer has no key that could have signed the token");
  const [data, bytes] = [bytesOf(signed), signatureBytes(signature)];
  for (const verify of candidates) if (await verify(data, bytes)) return access;
  throw refused("the signature of the token is wrong");
}

function signatureBytes(signature: string): Uint8Array<ArrayBuffer> {
  try {
    return decoded(signature);
  } catch {
    throw refused("the signature of the token is wrong");
  }
}

/** @returns the algorithm */
function checkHeader(header: Claims, claims: Claims, legacyTyp: boolean): string {
  const { alg, typ, crit } = header;
  if (typeof alg !== "string" || !algorithmOf(alg))
    throw refused(`tokens that are signed with ${JSON.stringify(alg)} are not accepted`);
  if (crit !== undefined) throw refused("the token has extensions that are not understood");
  // An ID token is meant for an app, and an API that took it would let the app be impersonated (RFC 9068 §5).
  const type = String(typ)
    .toLowerCase()
    .replace(/^application\//, "");
  if (type === "at+jwt") return alg;
  if (!legacyTyp)
    throw refused(
      "the token is no access token: its typ is not at+jwt",
      "send the access token, not the ID token; for an issuer older than RFC 9068 set legacyTyp",
    );
  if ("nonce" in claims || "at_hash" in claims || "events" in claims)
    throw refused("the token is an ID token", "send the access token");
  return alg;
}

/** @throws AuthError for claims that do not fit */
export function readAccess(
  claims: Claims,
  { issuer, audience }: Pick<JwtRules, "issuer" | "audience">,
  now = Date.now() / 1000,
): Access {
  const { iss, aud, exp, nbf, iat, sub, cnf } = claims;
  if (iss !== issuer) throw refused(`the token is from ${JSON.stringify(iss)}, not from ${issuer}`);
  if (![aud].flat().includes(audience))
    throw refused(
      `the token is for ${JSON.stringify(aud)}, not for ${audience}`,
      "ask for a token with resource set to this API",
    );
  if (typeof exp !== "number" || exp + SKEW <= now)
    throw refused("the token has expired", "get a new one");
  const from = Math.max(...[nbf, iat].filter((each) => typeof each === "number"), 0);
  if (from > now + SKEW)
    throw new AuthError("clock_skew", `the token is valid in ${Math.ceil(from - now)} s`, {
      hint: "set the clock of this machine",
    });
  // A stolen token must not work without its proof, and proofs are not understood here.
  if (cnf !== undefined) throw refused("the token is bound to a key", "get a Bearer token");
  if (typeof sub !== "string") throw refused("the token has no sub");
  const client = claims.client_id ?? claims.azp;
  return accessOf({ sub, clientId: typeof client === "string" ? client : "", exp, claims });
}

export function accessOf({
  sub,
  clientId,
  exp,
  claims,
}: {
  sub: string;
  clientId: string;
  exp: number;
  claims: Claims;
}): Access {
  const { scope } = claims;
  const names: unknown[] = typeof scope === "string" ? scope.split(" ") : [scope].flat();
  const scopes = names.filter((each) => typeof each === "string").filter((each) => each !== "");
  const has = (name: string): boolean => scopes.includes(name);
  return frozen({ sub, clientId, scopes, expiresAt: exp, claims, has });
}

/** The guard gives it to all requests with this token: none of them may change what the others may do. */
function frozen<T extends object>(value: T): T {
  for (const each of Object.values(value))
    if (typeof each === "object" && each !== null) frozen(each);
  return Object.freeze(value);
}

export const refused = (what: string, hint = "get a new token"): AuthError =>
  new AuthError("token_refused", what, { hint });
