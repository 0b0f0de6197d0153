/**
 * A store whose clients, accounts and keys are read from memory, at most a second old: every change raises the
 * version of its kind, and each node watches these versions.
 */
import type { SigningKeyRecord } from "../crypto/signing_key.ts";
import { awaitsLogo } from "./awaits_logo.ts";
import { methodsOf } from "./methods.ts";
import type { AccountRecord, ClientRecord } from "./records.ts";
import { DIRECTORY_KINDS, type DirectoryKind, type Store, type StoreState } from "./store.ts";
import { versionWatch } from "./version_watch.ts";

/** The most entries in the cache: a bound for memory, far above the number in use at once. */
const MOST = 20_000;

export interface CachedStore extends Store {
  /**
   * The epoch that holds for a request, which calls this once at its start. Cached records that other nodes have changed
   * since the last call are forgotten, and read again.
   */
  currentState(): Promise<StoreState>;
  /** Seconds since the versions were last seen. */
  staleFor(): number;
}

/** @param elapsed_ms a steady clock, in milliseconds */
export function cachedStore(store: Store, elapsed_ms: () => number): CachedStore {
  const clients = cache<ClientRecord>((client) => !awaitsLogo(client));
  const accounts = cache<AccountRecord>();
  const keys = cache<SigningKeyRecord[]>();
  const caches = { clients, people: accounts, keys };
  const forget = (kinds: readonly DirectoryKind[]): void => {
    for (const kind of kinds) caches[kind].forget();
  };
  const watch = versionWatch(store, elapsed_ms, forget);

  /** A write of this process is seen by its next read. */
  const forgetting =
    <A extends unknown[], R>(
      write: (...args: A) => Promise<R>,
      kinds: readonly DirectoryKind[] = DIRECTORY_KINDS,
    ) =>
    async (...args: A): Promise<R> => {
      try {
        return await write(...args);
      } finally {
        forget(kinds);
        watch.lookSoon();
      }
    };

  const methods = methodsOf(store);
  const storeLogo = forgetting(methods.storeLogo, ["clients"]);
  return {
    ...methods,
    currentState: watch.state,
    staleFor: watch.staleFor,
    findClient: (client_id) => clients.get(client_id, () => methods.findClient(client_id)),
    findAccount: (sub) => accounts.get(sub, () => methods.findAccount(sub)),
    listSigningKeys: () => keys.get("all", () => methods.listSigningKeys()),
    updateClient: forgetting(methods.updateClient, ["clients"]),
    removeClient: forgetting(methods.removeClient, ["clients"]),
    storeLogo: (client, logo) =>
      awaitsLogo(client) ? methods.storeLogo(client, logo) : storeLogo(client, logo),
    createAccount: forgetting(methods.createAccount, ["people"]),
    updateAccount: forgetting(methods.updateAccount, ["people"]),
    removeAccount: forgetting(methods.removeAccount),
    addSigningKey: forgetting(methods.addSigningKey, ["keys"]),
    retireSigningKey: forgetting(methods.retireSigningKey, ["keys"]),
    replaceSigningKeys: forgetting(methods.replaceSigningKeys, ["keys"]),
  };
}

interface Cache<T> {
  get<R extends T | null>(key: string, load: () => Promise<R>): Promise<T | R>;
  forget(): void;
}

function cache<T>(mayKeep: (record: T) => boolean = () => true): Cache<T> {
  // The cache holds promises, so that a hit creates none.
  const known = new Map<string, Promise<T>>();
  let generation = 0;

  async function read<R extends T | null>(key: string, load: () => Promise<R>): Promise<R> {
    const before = generation;
    const found = await load();
    // A record that was read before a change must not be cached after it. The absence of a record is never cached.
    if (found !== null && before === generation && mayKeep(found)) {
      if (known.size >= MOST) known.clear();
      known.set(key, Promise.resolve(found));
    }
    return found;
  }

  return {
    get: (key, load) => known.get(key) ?? read(key, load),
    forget() {
      generation += 1;
      known.clear();
    },
  };
}
