/** The key that seals the sessions of an app: 32 bytes in the keychain, made once. */
import { join } from "node:path";
import { AuthError } from "../../errors.ts";
import type { Keychain } from "./keychain.ts";
import { takeLock } from "./lock.ts";

export type Key = Uint8Array<ArrayBuffer>;

export interface AppKey {
  /** For what is sealed already. @throws AuthError `keychain_unavailable` */
  get(): Promise<Key>;
  /** For what will be sealed: made if there is none. @throws Error what the keychain says */
  make(folder: string): Promise<Key>;
}

const LENGTH = 32;
/** Milliseconds: another process may wait for a person to unlock the keychain. */
const PATIENCE = 70_000;

/** @param keychain null: it is not used here */
export function appKey(app: string, keychain: Keychain | null): AppKey {
  let known: Key | null = null;
  return {
    async get() {
      if (known) return known;
      if (!keychain) throw unavailable(app, "storage is not auto");
      let found: Key | null;
      try {
        found = await keychain.read();
      } catch (cause) {
        throw unavailable(app, reasonOf(cause), cause);
      }
      if (found?.length !== LENGTH) throw unavailable(app, "the key is gone");
      known = found;
      return known;
    },
    async make(folder) {
      if (!keychain) throw new Error("it is not used here");
      known = await madeOnce(keychain, folder);
      return known;
    },
  };
}

/** Two processes must not make two keys: what the first one sealed would be lost. */
async function madeOnce(keychain: Keychain, folder: string): Promise<Key> {
  const found = await keychain.read();
  if (found?.length === LENGTH) return found;
  const lock = await takeLock(join(folder, "keychain.lock"), { patience: PATIENCE });
  try {
    const other = await keychain.read();
    if (other?.length === LENGTH) return other;
    const key = crypto.getRandomValues(new Uint8Array(LENGTH));
    await keychain.write(key);
    // Some keychains accept what they do not keep.
    const kept = await keychain.read();
    if (kept?.join() !== key.join()) throw new Error("it did not keep the key");
    return key;
  } finally {
    lock.release();
  }
}

export const reasonOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);

/** Its first words: what a library adds is for developers. */
export const shortReason = (cause: unknown): string =>
  reasonOf(cause)
    .split(/[:\n]|\. /)[0]
    ?.slice(0, 80) ?? "";

/**
 * An error, and never a reason to delete a session: the keychain may be back in a minute.
 * @param cause what the keychain said. Left out: it has answered, and trying again does not help
 */
export const unavailable = (app: string, why: string, cause?: unknown): AuthError =>
  new AuthError("keychain_unavailable", `the sessions of ${app} are sealed, and ${why}`, {
    hint: cause
      ? `unlock the keychain and try again; if it stays closed, set storage to "file" and sign in again`
      : "sign in again",
    retryable: cause !== undefined,
    cause,
  });
