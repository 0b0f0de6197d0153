/** Signs JWTs, and reads those that this server has signed (RFC 7515, 7519, 8725; `typ` always required). */
import { constants, hash, type KeyObject, sign, verify } from "node:crypto";
import { isJsonObject } from "../oauth/json.ts";

/** RFC 7518 §3.1, RFC 8037 §3.1. `EdDSA` means Ed25519. */
export type SigningAlg = "ES256" | "RS256" | "PS256" | "EdDSA";
export type JwtType = "at+jwt" | "JWT" | "logout+jwt";
export type JwtClaims = Record<string, unknown>;

export interface JwtKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly private_key: KeyObject;
  readonly public_key: KeyObject;
}

const headers = new WeakMap<JwtKey, Map<JwtType, string>>();

/** Compact serialization, signed with the algorithm of the key. */
export function signJwt(claims: object, typ: JwtType, key: JwtKey): string {
  const input = `${headerFor(key, typ)}.${encode(claims)}`;
  return `${input}.${SIGN[key.alg](Buffer.from(input), key.private_key).toString("base64url")}`;
}

/** The parameters of PS256 (RFC 7518 §3.5). */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } as const;

const SIGN: Readonly<Record<SigningAlg, (input: Buffer, key: KeyObject) => Buffer>> = {
  // Asking node for the P1363 form takes twice as long as parsing DER here.
  ES256: (input, key) => derToConcat(sign("sha256", input, key)),
  RS256: (input, key) => sign("sha256", input, key),
  PS256: (input, key) => sign("sha256", input, { key, ...PSS }),
  EdDSA: (input, key) => sign(null, input, key),
};

type Verify = (input: Buffer, key: KeyObject, signature: Buffer) => boolean;
const VERIFY: Readonly<Record<SigningAlg, Verify>> = {
  ES256: (input, key, signature) =>
    verify("sha256", input, { key, dsaEncoding: "ieee-p1363" }, signature),
  RS256: (input, key, signature) => verify("sha256", input, key, signature),
  PS256: (input, key, signature) => verify("sha256", input, { key, ...PSS }, signature),
  EdDSA: (input, key, signature) => verify(null, input, key, signature),
};

/**
 * The left half of a hash, as `at_hash` and `c_hash` need it: by the hash of the algorithm, which is SHA-512 for Ed25519
 * (OpenID Connect Core §3.1.3.6).
 */
export const leftHalfHash = (text: string, alg: SigningAlg): string => {
  const bytes = hash(alg === "EdDSA" ? "sha512" : "sha256", text, "buffer");
  return bytes.subarray(0, bytes.length / 2).toString("base64url");
};

/**
 * Claims of a JWT that one of `keys` signed, or null. Its header has to equal, byte for byte, the header that the
 * server writes for this type and key. So no header is parsed, let alone trusted. Times are not judged here.
 */
export function readJwt(token: string, typ: JwtType, keys: readonly JwtKey[]): JwtClaims | null {
  const [head, body, signature, ...more] = token.split(".");
  if (!head || !body || !signature || more.length > 0) return null;
  const key = keys.find((each) => headerFor(each, typ) === head);
  if (!key) return null;
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.toString("base64url") !== signature) return null;
  if (!VERIFY[key.alg](Buffer.from(`${head}.${body}`), key.public_key, bytes)) return null;
  return decode(body);
}

function headerFor(key: JwtKey, typ: JwtType): string {
  const known = headers.get(key) ?? new Map<JwtType, string>();
  headers.set(key, known);
  const made = known.get(typ) ?? encode({ alg: key.alg, typ, kid: key.kid });
  known.set(typ, made);
  return made;
}

/** The server has signed the text, so it holds no ambiguous JSON such as duplicate members. */
function decode(part: string): JwtClaims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return isJsonObject(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** DER `SEQUENCE { r INTEGER, s INTEGER }` to r‖s of 32 bytes each (RFC 7518 §3.4). */
function derToConcat(der: Buffer): Buffer {
  const out = Buffer.alloc(64);
  let at = 2; // a P-256 signature is shorter than 128 bytes: one length byte
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const start = at + 2;
    const excess = Math.max(0, length - 32); // a leading zero keeps the INTEGER positive
    der.copy(out, end - (length - excess), start + excess, start + length);
    at = start + length;
  }
  return out;
}
