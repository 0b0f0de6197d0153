/** The published keys of a provider, and signatures by them (RFC 7517, RFC 7518 §3, RFC 8037). */
import { isJsonObject } from "../../../oauth/json.ts";
import { bytesIn } from "../../base64url.ts";
import { AuthError } from "../../errors.ts";
import { readJson } from "../../fetch.ts";
import type { Party } from "../party.ts";

type Jwk = Record<string, unknown>;

/** Seconds for which keys are kept, and between requests for an unknown one. */
const FRESH = 600;
const PACE = 30;

const known = new WeakMap<Party, { keys: Jwk[]; at: number }>();
/** Anybody may send tokens that make this app ask. */
const asking = new WeakMap<Party, Promise<Jwk[]>>();

/**
 * Whether the provider has signed this.
 * @throws AuthError `issuer_unreachable` or `configuration` without its keys
 */
export async function isSignedBy(
  party: Party,
  { alg, kid }: { alg: unknown; kid: unknown },
  { signed, signature }: { signed: string; signature: string },
): Promise<boolean> {
  const algorithm = algorithmOf(String(alg));
  if (!algorithm) return false;
  const fits = (jwk: Jwk): boolean =>
    (kid === undefined || jwk.kid === kid) && jwk.kty === algorithm.kty && jwk.use !== "enc";
  const keys = await keysOf(party, fits);
  // Of keys without names, a few are tried.
  for (const { kty, crv, x, y, n, e } of keys.filter(fits).slice(0, 4)) {
    const { how } = algorithm;
    const jwk = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
    const key = await crypto.subtle
      .importKey("jwk", Object.fromEntries(jwk), how, false, ["verify"])
      .catch(() => null);
    const data = new TextEncoder().encode(signed);
    if (key && (await crypto.subtle.verify(how, key, bytesIn(signature), data))) return true;
  }
  return false;
}

/** Signatures that anybody can check, and nobody else can make: no shared secret, and no `none`. */
function algorithmOf(alg: string) {
  if (alg === "EdDSA" || alg === "Ed25519") return { kty: "OKP", how: { name: "Ed25519" } };
  const [, family = "", bits = ""] = /^(ES|RS|PS)(256|384|512)$/.exec(alg) ?? [];
  const hash = `SHA-${bits}`;
  const namedCurve = `P-${bits === "512" ? "521" : bits}`;
  if (family === "ES") return { kty: "EC", how: { name: "ECDSA", hash, namedCurve } };
  if (family === "RS") return { kty: "RSA", how: { name: "RSASSA-PKCS1-v1_5", hash } };
  if (family === "PS")
    return { kty: "RSA", how: { name: "RSA-PSS", hash, saltLength: Number(bits) / 8 } };
  return null;
}

/** Asked for again when none fits: the provider may have begun to sign with a new key. */
async function keysOf(party: Party, fits: (jwk: Jwk) => boolean): Promise<Jwk[]> {
  const kept = known.get(party);
  const age = Math.floor(Date.now() / 1000) - (kept?.at ?? 0);
  if (kept && (age < PACE || (age < FRESH && kept.keys.some(fits)))) return kept.keys;
  const asked = asking.get(party) ?? askedKeys(party).finally(() => asking.delete(party));
  asking.set(party, asked);
  return asked;
}

async function askedKeys(party: Party): Promise<Jwk[]> {
  const { jwks_uri } = await party.server();
  const url = jwks_uri ?? party.issuer;
  const response = await party.fetch(url);
  const document = await readJson(response);
  if (!response.ok || !isJsonObject(document) || !Array.isArray(document.keys))
    throw new AuthError("issuer_unreachable", `no keys at ${url} (status ${response.status})`, {
      ...{ hint: "try again later", retryable: true },
    });
  const keys = document.keys.filter(isJsonObject);
  known.set(party, { keys, at: Math.floor(Date.now() / 1000) });
  return keys;
}
