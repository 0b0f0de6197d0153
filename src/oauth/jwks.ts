/** Public keys that a client registers (RFC 7517 §5, RFC 8725 §3.5). Keys that others could sign with are refused. */
import { OAuthError } from "./errors.ts";
import { isJsonObject } from "./json.ts";

export type Jwks = { keys: Record<string, unknown>[] };

const MOST_KEYS = 20;
const KEY_TYPES = ["EC", "RSA", "OKP"];
/** Members that only a private or symmetric key has (RFC 7518 §6). */
const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/** Bits of an RSA modulus: smaller keys are broken, larger ones only slow down the check. */
const RSA_BITS = { least: 2048, most: 8192 };
/** A verification takes time in proportion to the exponent's bits. Real keys have 65537, or 3. */
const MOST_EXPONENT = 2n ** 32n - 1n;

/** @throws OAuthError `invalid_client_metadata` that describes the problem */
export function parseJwks(jwks: unknown): Jwks {
  const keys: unknown = isJsonObject(jwks) ? jwks.keys : null;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > MOST_KEYS)
    throw refuse(`jwks must be a JWK Set with 1 to ${MOST_KEYS} keys`);
  return { keys: keys.map(parseKey) };
}

function parseKey(key: unknown): Record<string, unknown> {
  if (!isJsonObject(key)) throw refuse("jwks holds something that is no key");
  if (!KEY_TYPES.some((kty) => kty === key.kty))
    throw refuse("jwks may hold EC, RSA and OKP keys only");
  if (PRIVATE.some((name) => Object.hasOwn(key, name)))
    throw refuse("jwks holds a private key: give the public one, and replace this key");
  if (key.kty === "RSA") checkRsaKey(key);
  return { ...key };
}

function checkRsaKey({ n, e }: Record<string, unknown>): void {
  const [modulus, exponent] = [readNumber(n), readNumber(e)];
  if (modulus === null || exponent === null)
    throw refuse("jwks holds an RSA key whose n or e is not base64url");
  const bits = modulus.toString(2).length;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most)
    throw refuse(`jwks holds an RSA key that has not ${RSA_BITS.least} to ${RSA_BITS.most} bits`);
  if (exponent < 3n || exponent % 2n === 0n)
    throw refuse("jwks holds an RSA key with an exponent that protects nothing");
  if (exponent > MOST_EXPONENT)
    throw refuse("jwks holds an RSA key with an exponent of more than 32 bits");
  if (isRoca(modulus))
    throw refuse("jwks holds an RSA key of a generator that is broken (ROCA): make another one");
}

function readNumber(text: unknown): bigint | null {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]{1,4096}$/.test(text)) return null;
  if (text.length % 4 === 1) return null;
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const hex = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  return BigInt(`0x${hex.join("")}`);
}

/**
 * Whether a faulty generator made the key (CVE-2017-15361). Its remainder is then a power of 65537 for every small
 * prime, which is true for only one in some hundred million other keys.
 */
function isRoca(modulus: bigint): boolean {
  return SMALL_PRIMES.every((prime) => {
    const rest = Number(modulus % BigInt(prime));
    let power = 1;
    do {
      if (power === rest) return true;
      power = (power * 65_537) % prime;
    } while (power !== 1);
    return false;
  });
}

const SMALL_PRIMES = Array.from({ length: 165 }, (_, i) => i + 3).filter((n) => {
  for (let divisor = 2; divisor * divisor <= n; divisor += 1) if (n % divisor === 0) return false;
  return true;
});

const refuse = (description: string): OAuthError =>
  new OAuthError("invalid_client_metadata", description, { parameter: "jwks" });
