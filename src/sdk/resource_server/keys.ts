/** The public keys of an issuer: fetched when needed, kept, and used on while the issuer is away. */
import { isJsonObject } from "../../oauth/json.ts";
import { AuthError } from "../errors.ts";
import { type BoundedFetch, readJson } from "../fetch.ts";
import { fits, type Jwk, type Verify, verifierOf } from "./signature.ts";

/** Seconds for which keys are used without asking again. */
const FRESH = 600;
/** Seconds for which they are used while the issuer gives no answer. */
const STALE = 86_400;
/** Seconds between two requests, for unknown keys and in an outage. */
const PACE = 30;
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
  at: number;
}

/** @param address of the keys */
export function keysAt(address: () => Promise<string>, fetch: BoundedFetch): Keys {
  let kept: KeySet | null = null;
  let tried = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | null = null;

  async function load(): Promise<void> {
    tried = seconds();
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
    const jwks = document.keys.filter(isJsonObject);
    kept = { jwks, verifiers: new Map(), at: tried };
  }

  function loadOnce(): Promise<void> {
    fetching ??= load().finally(() => {
      fetching = null;
    });
    return fetching;
  }

  async function current(): Promise<KeySet> {
    const now = seconds();
    if (kept && now - kept.at < FRESH) return kept;
    if (kept && now - kept.at < STALE) {
      // In an outage, requests go on with the known keys and wait for nothing.
      const is_outage = tried > kept.at;
      const loading = now - tried >= PACE ? loadOnce().catch(() => {}) : null;
      if (!is_outage) await loading;
    } else await loadOnce();
    if (kept) return kept;
    throw new AuthError("issuer_unreachable", "no keys of the issuer are known", {
      ...{ hint: "check that this machine reaches the issuer", retryable: true },
    });
  }

  return {
    async find(which) {
      const set = await current();
      const found = await fitting(set, which);
      if (found.length > 0 || seconds() - tried < PACE) return found;
      // The issuer may have begun to sign with a new key.
      await loadOnce().catch(() => {});
      return fitting(kept ?? set, which);
    },
  };
}

async function fitting(
  { jwks, verifiers }: KeySet,
  { alg, kid }: { alg: string; kid: string | undefined },
): Promise<Verify[]> {
  const found = [...jwks.entries()].filter(
    ([, jwk]) => (kid === undefined || jwk.kid === kid) && fits(jwk, alg),
  );
  const all = found.slice(0, MOST_TRIED).map(([i, jwk]) => {
    const name = `${i} ${alg}`;
    const verify = verifiers.get(name) ?? verifierOf(jwk, alg).catch(() => null);
    verifiers.set(name, verify);
    return verify;
  });
  return (await Promise.all(all)).filter((each) => each !== null);
}

/** Of a clock that nobody sets. */
export const seconds = (): number => performance.now() / 1000;
