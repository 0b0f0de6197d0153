/** The signing keys in use. They are opened once, made when missing, and replaced by schedule. */
import type { SigningAlg } from "../crypto/jwt.ts";
import type { ServerSecrets } from "../crypto/server_secret.ts";
import {
  algsInUse,
  makeSigningKey,
  openSigningKey,
  PUBLISHED_BEFORE_SIGNING,
  ROTATION_PERIOD,
  type SigningKey,
  type SigningKeyRecord,
  signingKeyAt,
} from "../crypto/signing_key.ts";
import type { DirectoryStore } from "../store/store.ts";

export type KeyStore = Pick<DirectoryStore, "listSigningKeys" | "addSigningKey">;

/** Keys in use, each opened once. The list is as fresh as the store's answer. */
export function keyring(
  store: KeyStore,
  secrets: ServerSecrets,
): () => Promise<readonly SigningKey[]> {
  let records: readonly SigningKeyRecord[] | null = null;
  let opened: readonly SigningKey[] = [];

  function open(found: readonly SigningKeyRecord[]): readonly SigningKey[] {
    if (found === records) return opened;
    // A retired key may have been stolen: its signatures are no longer accepted.
    const live = found.filter(({ retired_at }) => retired_at === null);
    opened = live.flatMap((record) => openSigningKey(record, { secrets }) ?? []);
    records = found;
    return opened;
  }

  /** While the database is away, verifiers still get the known keys. */
  function known(error: unknown): readonly SigningKey[] {
    if (records === null) throw error;
    return opened;
  }

  return () => store.listSigningKeys().then(open, known);
}

/** Signing keys or the salt of subjects are sealed under a secret that the server does not have. */
export class KeysSealed extends Error {
  override readonly name = "KeysSealed";
}

/**
 * Makes the first keys, which sign at once, and later the next ones, which are published before they sign. Safe to run
 * on every node at any time: one of them makes the key.
 * @throws KeysSealed when there are keys, but the secret opens none of an algorithm
 */
export async function keepSigningKeys(
  store: KeyStore,
  secrets: ServerSecrets,
  now: number,
): Promise<void> {
  const records = await store.listSigningKeys();
  for (const alg of algsInUse(records)) await keepKeysOf(alg, { store, secrets, records, now });
}

/**
 * Makes the first keys of these algorithms, where there are none. They sign at once. Verifiers that have read the key set
 * in the moments before look again, since they do not know the `kid`.
 * @throws KeysSealed
 */
export async function addFirstKeys(
  algs: readonly SigningAlg[],
  { store, secrets, clock }: { store: KeyStore; secrets: ServerSecrets; clock: () => number },
): Promise<void> {
  const records = await store.listSigningKeys();
  const now = Math.floor(clock() / 1000);
  const missing = algs.filter((alg) => !signingKeyAt(records, alg, now));
  await Promise.all(missing.map((alg) => keepKeysOf(alg, { store, secrets, records, now })));
}

interface Keeping {
  store: KeyStore;
  secrets: ServerSecrets;
  records: readonly SigningKeyRecord[];
  now: number;
}

async function keepKeysOf(
  alg: SigningAlg,
  { store, secrets, records, now }: Keeping,
): Promise<void> {
  const same = records.filter((record) => record.alg === alg && record.retired_at === null);
  const keys = same.flatMap((record) => openSigningKey(record, { secrets }) ?? []);
  if (same.length > 0 && keys.length === 0)
    throw new KeysSealed("the signing keys were made under another secret than the one given");
  const newest = Math.max(...keys.map(({ signs_at }) => signs_at));
  if (!signingKeyAt(keys, alg, now)) await addKey(store, secrets, { alg, now, signs_at: now });
  else if (newest + ROTATION_PERIOD <= now)
    await addKey(store, secrets, { alg, now, signs_at: now + PUBLISHED_BEFORE_SIGNING });
}

/** @returns the key, or null when another node made one first */
export async function addKey(
  store: KeyStore,
  secrets: ServerSecrets,
  { alg, now, signs_at }: { alg: SigningAlg; now: number; signs_at: number },
): Promise<SigningKeyRecord | null> {
  const key = await makeSigningKey(alg, { created_at: now, signs_at }, { secrets });
  const recently = signs_at > now ? now : now - PUBLISHED_BEFORE_SIGNING;
  return (await store.addSigningKey(key, recently)) ? key : null;
}

/** `addFirstKeys` for concurrent requests: those that lack a key at the same moment share one try for it. */
export function firstKeys(
  env: Parameters<typeof addFirstKeys>[1],
): (algs: readonly SigningAlg[]) => Promise<void> {
  const making = new Map<SigningAlg, Promise<void>>();
  const make = (alg: SigningAlg): Promise<void> => {
    const running = making.get(alg) ?? addFirstKeys([alg], env).finally(() => making.delete(alg));
    making.set(alg, running);
    return running;
  };
  return async (algs) => {
    await Promise.all(algs.map(make));
  };
}
