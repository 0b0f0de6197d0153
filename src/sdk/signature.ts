/** Signatures of JWTs (RFC 7518 §3, RFC 8037): public keys only, so that no secret and no `none` can verify. */

/** Whether these bytes were signed. */
export type Verify = (
  data: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
) => boolean | Promise<boolean>;

interface Algorithm {
  kty: "EC" | "RSA" | "OKP";
  crv?: string;
  hash: string | null;
  /** As WebCrypto calls it. */
  name: string;
}

/** Null: it is not known, or no signature that anybody can check and nobody else can make. */
export function algorithmOf(alg: string): Algorithm | null {
  const [, family, bits = ""] = /^(ES|RS|PS)(256|384|512)$/.exec(alg) ?? [];
  const hash = `SHA-${bits}`;
  if (family === "ES")
    return { kty: "EC", crv: `P-${bits === "512" ? "521" : bits}`, hash, name: "ECDSA" };
  if (family === "RS") return { kty: "RSA", hash, name: "RSASSA-PKCS1-v1_5" };
  if (family === "PS") return { kty: "RSA", hash, name: "RSA-PSS" };
  return isEd25519(alg) ? { kty: "OKP", crv: "Ed25519", hash: null, name: "Ed25519" } : null;
}

/** Two names of one algorithm (RFC 9864). */
const isEd25519 = (alg: unknown): boolean => alg === "EdDSA" || alg === "Ed25519";

export type Jwk = Readonly<Record<string, unknown>>;

/** Characters of a modulus of 2,048 bits. */
const SHORTEST_MODULUS = 341;

/** Whether a key may verify signatures of this algorithm. */
export function fits(jwk: Jwk, alg: string): boolean {
  const algorithm = algorithmOf(alg);
  if (!algorithm || jwk.kty !== algorithm.kty) return false;
  if (algorithm.crv !== undefined && jwk.crv !== algorithm.crv) return false;
  if (jwk.use !== undefined && jwk.use !== "sig") return false;
  const is_same = jwk.alg === alg || (isEd25519(jwk.alg) && isEd25519(alg));
  if (jwk.alg !== undefined && !is_same) return false;
  return algorithm.kty !== "RSA" || String(jwk.n).length >= SHORTEST_MODULUS;
}

/** The verifier of a key that fits. @throws an error when the key is damaged */
export type VerifierOf = (jwk: Jwk, algorithm: Algorithm) => Promise<Verify>;

export const byWebCrypto: VerifierOf = async (jwk, { crv, hash, name }) => {
  const imported = { name, ...(crv && { namedCurve: crv }), ...(hash && { hash }) };
  const key = await crypto.subtle.importKey("jwk", publicPart(jwk), imported, false, ["verify"]);
  const how = { name, ...(hash && { hash, saltLength: Number(hash.slice(4)) / 8 }) };
  return (data, signature) => crypto.subtle.verify(how, key, signature, data);
};

/** Other members, such as `use` or `key_ops`, are not every runtime's taste. */
export function publicPart(jwk: Jwk): Record<string, unknown> {
  const part: Record<string, unknown> = {};
  for (const name of ["kty", "crv", "x", "y", "n", "e"]) if (name in jwk) part[name] = jwk[name];
  return part;
}
