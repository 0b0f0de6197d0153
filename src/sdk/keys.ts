/** The public keys of an issuer: fetched when needed, kept, and used on while the issuer is away. */
import { isJsonObject } from "../oauth/json.ts";
import { AuthError } from "./errors.ts";
import { type BoundedFetch, readJson } from "./fetch.ts";
import { kept } from "./kept.ts";
import { algorithmOf, fits, type Jwk, type VerifierOf, type Verify } from "./signature.ts";

/** Seconds for which keys are used without asking again. */
const FRESH = 600;
/** Keys that are tried for a token that names none. */
const MOST_TRIED = 4;

export interface Keys {
  /**
   * The verifiers of the keys that may have signed. Empty: there is no such key.
   * @throws AuthError `issuer_unreachable` or `invalid_response` when no keys are known
   */
  find(which: { alg: string; kid: string | undefined }): Promise<Verify[]>;
}

interface KeySet {
  jwks: readonly Jwk[];
  /** By place in the list and algorithm: each key is imported once. Null: it is damaged. */
  verifiers: Map<string, Promise<Verify | null>>;
}

/** @param address of the keys */
export function keysAt(
  address: () => Promise<string>,
  { fetch, verifierOf }: { fetch: BoundedFetch; verifierOf: VerifierOf },
): Keys {
  const keys = kept(load, FRESH);

  async function load(): Promise<KeySet> {
    const url = await address();
    const response = await fetch(url, { headers: { accept: "application/json" } });
    const { status } = response;
    if (status !== 200)
      throw new AuthError("issuer_unreachable", `${url} answered with status ${status}`, {
        ...{ hint: "try again later", retryable: true, status },
      });
    const document = await readJson(response);
    if (!isJsonObject(document) || !Array.isArray(document.keys))
      throw new AuthError("invalid_response", `${url} has no keys`, {
        ...{ hint: "check jwks_uri in the metadata of the issuer", status },
      });
    return { jwks: document.keys.filter(isJsonObject), verifiers: new Map() };
  }

  return {
    async find(which) {
      const set = await keys.get();
      const found = await fitting(set, which, verifierOf);
      if (found.length > 0) return found;
      // The issuer may have begun to sign with a new key.
      return fitting(await keys.newer(set), which, verifierOf);
    },
  };
}

async function fitting(
  { jwks, verifiers }: KeySet,
  { alg, kid }: { alg: string; kid: string | undefined },
  verifierOf: VerifierOf,
): Promise<Verify[]> {
  const algorithm = algorithmOf(alg);
  if (!algorithm) return [];
  const found = [...jwks.entries()].filter(
    ([, jwk]) => (kid === undefined || jwk.kid === kid) && fits(jwk, alg),
  );
  const all = found.slice(0, MOST_TRIED).map(([i, jwk]) => {
    const name = `${i} ${alg}`;
    const verify = verifiers.get(name) ?? verifierOf(jwk, algorithm).catch(() => null);
    verifiers.set(name, verify);
    return verify;
  });
  return (await Promise.all(all)).filter((each) => each !== null);
}
