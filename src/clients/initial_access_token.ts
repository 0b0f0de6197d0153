/** Initial access tokens (RFC 7591 §3): an operator makes them, and an app registers itself with one. */
import { equalSecrets, randomText, sha256 } from "../crypto/hash.ts";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { InitialAccessToken } from "../store/records.ts";

/** A prefix by which secret scanners find leaked tokens. */
const PREFIX = "vki_";
const ID_LENGTH = 12;

export interface InitialAccessTokenInput {
  /** For the operator: who gets it. */
  note: string | null;
  /** The number of registrations. */
  uses: number;
  /** Seconds. */
  expires_in: number;
}

/** @returns the token, which is shown once, and its record */
export async function addInitialAccessToken(
  { note, uses, expires_in }: InitialAccessTokenInput,
  by: Actor,
  env: Env,
): Promise<{ token: string; record: InitialAccessToken }> {
  const token = PREFIX + randomText(32);
  const hash = sha256(token);
  const now = secondsNow(env);
  const times = { created_at: now, expires_at: now + expires_in };
  const record = { token_id: idOf(hash), hash, note, uses_left: uses, ...times };
  const { hash: _, ...after } = record;
  const events = [eventOf("initial_access_token_added", { by, after }, env)];
  if (!(await env.store.addInitialAccessToken(record, { events })))
    throw new Error("a random token exists already");
  return { token, record };
}

/** No app registers itself with it any more; those that did stay. False: there is no such token. */
export function removeInitialAccessToken(token_id: string, by: Actor, env: Env): Promise<boolean> {
  const events = [eventOf("initial_access_token_removed", { by, before: { token_id } }, env)];
  return env.store.removeInitialAccessToken(token_id, { events });
}

/**
 * @param times.epoch of the store: after a restore, earlier tokens hold no longer, since one may have been used up or
 * revoked after the backup
 * @returns null: the token is unknown, used up, expired or revoked
 */
export async function findInitialAccessToken(
  token: string,
  { store }: Pick<Env, "store">,
  { now, epoch }: { now: number; epoch: number },
): Promise<InitialAccessToken | null> {
  const hash = sha256(token);
  const found = await store.findInitialAccessToken(idOf(hash));
  if (!found || !equalSecrets(hash, found.hash)) return null;
  const { uses_left, expires_at, created_at } = found;
  return uses_left > 0 && expires_at > now && created_at >= epoch ? found : null;
}

const idOf = (hash: string): string => hash.slice(0, ID_LENGTH).replace(/^-/, "_");
