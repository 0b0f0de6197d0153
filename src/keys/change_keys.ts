/** Replaces or withdraws signing keys before their time. `keyring.ts` replaces them by schedule. */
import type { SigningAlg } from "../crypto/jwt.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import {
  makeSigningKey,
  openSigningKey,
  PUBLISHED_BEFORE_SIGNING,
  type SigningKeyRecord,
  signingKeyAt,
} from "../crypto/signing_key.ts";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import { KeysSealed } from "./keyring.ts";

export interface KeyEnv extends Env {
  /** Read only where a key is made. */
  readonly secrets: ServerSecrets;
}

/**
 * Makes a new key of each algorithm. The key is published at once and signs after ten minutes, when every verifier
 * knows it.
 * @param input.at_once the key signs at once
 * @returns the new keys; the other algorithms already have a key that is published and does not sign yet
 * @throws KeysSealed when the server could not open a new key
 */
export async function rotateKeys(
  { algs, at_once }: { algs: readonly SigningAlg[]; at_once: boolean },
  by: Actor,
  env: KeyEnv,
): Promise<SigningKeyRecord[]> {
  checkSecret(await env.store.listSigningKeys(), env);
  const made: SigningKeyRecord[] = [];
  for (const alg of algs) {
    const now = secondsNow(env);
    const key = at_once
      ? await addAtOnce(alg, by, env)
      : await add({ alg, signs_at: now + PUBLISHED_BEFORE_SIGNING, unless_after: now }, by, env);
    if (key) made.push(key);
  }
  return made;
}

export interface Retired {
  retired_at: number;
  /** The key that signs from now on, if the signing key was withdrawn. */
  replacement: SigningKeyRecord | null;
}

/**
 * Withdraws a key, such as a stolen one: its signatures are no longer accepted. If it is the signing key, another takes
 * over.
 * @returns `unknown`: there is no such key. `was_retired`: it was withdrawn before
 * @throws KeysSealed when the server could not open the key that takes over
 */
export async function retireKey(
  kid: string,
  by: Actor,
  env: KeyEnv,
): Promise<Retired | "unknown" | "was_retired"> {
  const { store } = env;
  const records = await store.listSigningKeys();
  const key = records.find((record) => record.kid === kid);
  if (!key) return "unknown";
  if (key.retired_at !== null) return "was_retired";
  const now = secondsNow(env);
  const signs = signingKeyAt(records, key.alg, now) === key;
  if (signs) checkSecret(records, env);
  // The new key comes first, so that a signing key exists at every moment.
  const replacement = signs ? await addAtOnce(key.alg, by, env) : null;
  const events = [eventOf("signing_key_retired", { by, details: { kid, alg: key.alg } }, env)];
  const done = await store.retireSigningKey(kid, now, { events });
  return done ? { retired_at: now, replacement } : "was_retired";
}

async function addAtOnce(
  alg: SigningAlg,
  by: Actor,
  env: KeyEnv,
): Promise<SigningKeyRecord | null> {
  const now = secondsNow(env);
  const before = signingKeyAt(await env.store.listSigningKeys(), alg, now);
  // Later than the signing key, even if that was made in this second, since the newest key signs.
  const signs_at = Math.max(now, (before?.signs_at ?? 0) + 1);
  return add({ alg, signs_at, unless_after: Number.MAX_SAFE_INTEGER }, by, env);
}

/** @returns null when a key of this algorithm begins to sign after `unless_after` */
async function add(
  { alg, signs_at, unless_after }: { alg: SigningAlg; signs_at: number; unless_after: number },
  by: Actor,
  env: KeyEnv,
): Promise<SigningKeyRecord | null> {
  const { secrets, store } = env;
  const key = await makeSigningKey(alg, { created_at: secondsNow(env), signs_at }, { secrets });
  const details = { kid: key.kid, alg, signs_at };
  const events = [eventOf("signing_key_added", { by, details }, env)];
  return (await store.addSigningKey(key, unless_after, { events })) ? key : null;
}

function checkSecret(records: readonly SigningKeyRecord[], { secrets }: KeyEnv): void {
  if (records.length > 0 && !records.some((record) => openSigningKey(record, { secrets })))
    throw new KeysSealed("the signing keys were made under another secret than the one given");
}
