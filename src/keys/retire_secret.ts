/**
 * Retires a leaked secret of the server: replaces the keys that it sealed, and ends grants if the operator asks for it.
 */
import {
  makeSigningKey,
  openSigningKey,
  SIGNING_ALGS,
  type SigningKeyRecord,
  sealedUnder,
  signingKeyAt,
} from "../crypto/signing_key.ts";
import { type Actor, eventOf, secondsNow } from "../operation.ts";
import type { KeyEnv } from "./change_keys.ts";

/** Grants that one statement reads. */
const BATCH = 500;

export interface Replaced {
  /** Withdrawn keys: strangers may have them. */
  retired: SigningKeyRecord[];
  /** Keys that sign instead, at once. */
  added: SigningKeyRecord[];
}

/**
 * Withdraws the signing keys that a leaked secret sealed, and makes new ones for algorithms without a signing key. Safe
 * to run on every node at any time: one of them does it.
 */
export async function replaceLeakedKeys(by: Actor, env: KeyEnv): Promise<Replaced> {
  const { store, secrets } = env;
  const done: Replaced = { retired: [], added: [] };
  if (secrets.leaked.size === 0) return done;
  const live = (await store.listSigningKeys()).filter(({ retired_at }) => retired_at === null);
  const lost = live.filter((key) => secrets.leaked.has(sealedUnder(key)));
  // A leaked secret opens nothing, so its keys are not in this list.
  const good = live.filter((key) => openSigningKey(key, { secrets }));
  for (const alg of SIGNING_ALGS) {
    const retired = lost.filter((key) => key.alg === alg);
    if (retired.length === 0) continue;
    const now = secondsNow(env);
    const added = signingKeyAt(good, alg, now)
      ? []
      : [await makeSigningKey(alg, { created_at: now, signs_at: now }, { secrets })];
    const events = [
      ...retired.map(({ kid }) =>
        eventOf("signing_key_retired", { by, details: { kid, alg, reason: "secret_leaked" } }, env),
      ),
      ...added.map(({ kid, signs_at }) =>
        eventOf("signing_key_added", { by, details: { kid, alg, signs_at } }, env),
      ),
    ];
    const kids = retired.map(({ kid }) => kid);
    if (!(await store.replaceSigningKeys(kids, added[0] ?? null, now, { events }))) continue;
    done.retired.push(...retired);
    done.added.push(...added);
  }
  return done;
}

/**
 * Ends all grants whose codes and refresh tokens depend or depended on a leaked secret, instead of waiting for their
 * next use. The event comes first, so that it is kept even if the rest is interrupted.
 * @returns the number of ended grants
 */
export async function endLeakedGrants(by: Actor, env: KeyEnv): Promise<number> {
  const { store, secrets } = env;
  const secret_ids = [...secrets.leaked];
  const now = secondsNow(env);
  await store.appendAudit([eventOf("grants_ended", { by, details: { secret_ids } }, env)]);
  let count = 0;
  let after: string | null = "";
  while (after !== null) {
    const which = { after, limit: BATCH, now };
    const step = await store.revokeGrantsUnder(secret_ids, which);
    count += step.revoked;
    after = step.next;
  }
  return count;
}
