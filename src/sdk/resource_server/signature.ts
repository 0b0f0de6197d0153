/** Signatures of JWTs (RFC 7518 §3, RFC 8037): public keys only, so that no secret and no `none` can verify. */
import { node } from "./runtime.ts";

/** Whether these bytes were signed. */
export type Verify = (
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => boolean | Promise<boolean>;

interface Algorithm {
  kty: "EC" | "RSA" | "OKP";
  crv?: string;
  hash: "SHA-256" | "SHA-384" | "SHA-512" | null;
  /** As WebCrypto calls it. */
  name: string;
}

const rsa = (name: string, hash: Algorithm["hash"]): Algorithm => ({ kty: "RSA", hash, name });
const ec = (crv: string, hash: Algorithm["hash"]): Algorithm => ({
  ...{ kty: "EC", crv, hash, name: "ECDSA" },
});
const ED25519: Algorithm = { kty: "OKP", crv: "Ed25519", hash: null, name: "Ed25519" };

const ALGORITHMS: Readonly<Record<string, Algorithm>> = {
  ES256: ec("P-256", "SHA-256"),
  ES384: ec("P-384", "SHA-384"),
  ES512: ec("P-521", "SHA-512"),
  RS256: rsa("RSASSA-PKCS1-v1_5", "SHA-256"),
  RS384: rsa("RSASSA-PKCS1-v1_5", "SHA-384"),
  RS512: rsa("RSASSA-PKCS1-v1_5", "SHA-512"),
  PS256: rsa("RSA-PSS", "SHA-256"),
  PS384: rsa("RSA-PSS", "SHA-384"),
  PS512: rsa("RSA-PSS", "SHA-512"),
  EdDSA: ED25519,
  Ed25519: ED25519,
};

export type Jwk = Readonly<Record<string, unknown>>;

export const isKnownAlgorithm = (alg: string): boolean => Object.hasOwn(ALGORITHMS, alg);

/** Characters of a modulus of 2,048 bits. */
const SHORTEST_MODULUS = 341;

/** Whether a key may verify signatures of this algorithm. */
export function fits(jwk: Jwk, alg: string): boolean {
  const algorithm = Object.hasOwn(ALGORITHMS, alg) ? ALGORITHMS[alg] : undefined;
  if (!algorithm || jwk.kty !== algorithm.kty) return false;
  if (algorithm.crv !== undefined && jwk.crv !== algorithm.crv) return false;
  if (jwk.use !== undefined && jwk.use !== "sig") return false;
  const is_same = jwk.alg === alg || (ALGORITHMS[String(jwk.alg)] ?? null) === algorithm;
  if (jwk.alg !== undefined && !is_same) return false;
  return algorithm.kty !== "RSA" || String(jwk.n).length >= SHORTEST_MODULUS;
}

/** @throws an error when the key is damaged */
export async function verifierOf(jwk: Jwk, alg: string): Promise<Verify> {
  const algorithm = ALGORITHMS[alg];
  if (!algorithm) throw new TypeError(`there is no algorithm ${alg}`);
  return node ? byNode(jwk, algorithm) : byWebCrypto(jwk, algorithm);
}

function byNode(jwk: Jwk, { kty, hash, name }: Algorithm): Verify {
  if (!node) throw new TypeError("there is no node:crypto");
  const { verify, constants } = node;
  const key = node.createPublicKey({ key: publicPart(jwk), format: "jwk" });
  const digest = hash?.replace("-", "").toLowerCase() ?? null;
  const options =
    kty === "EC"
      ? { key, dsaEncoding: "ieee-p1363" }
      : name === "RSA-PSS"
        ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(hash?.slice(4)) / 8 }
        : { key };
  return (data, signature) => verify(digest, data, options, signature);
}

async function byWebCrypto(jwk: Jwk, { crv, hash, name }: Algorithm): Promise<Verify> {
  const imported = { name, ...(crv && { namedCurve: crv }), ...(hash && { hash }) };
  const key = await crypto.subtle.importKey("jwk", publicPart(jwk), imported, false, ["verify"]);
  const how = { name, ...(hash && { hash, saltLength: Number(hash.slice(4)) / 8 }) };
  return (data, signature) => crypto.subtle.verify(how, key, signature, data);
}

/** Other members, such as `use` or `key_ops`, are not every runtime's taste. */
function publicPart(jwk: Jwk): Record<string, unknown> {
  const part: Record<string, unknown> = {};
  for (const name of ["kty", "crv", "x", "y", "n", "e"]) if (name in jwk) part[name] = jwk[name];
  return part;
}
