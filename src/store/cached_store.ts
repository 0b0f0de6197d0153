/**
 * A store whose clients, accounts and keys are read from memory, at most a second old: each node watches one
 * number that every write to them raises (contract, “Tokens”).
 */
import type { SigningKeyRecord } from "../crypto/signing_key.ts";
import type { AccountRecord, ClientRecord } from "./records.ts";
import type { Store } from "./store.ts";

/** Milliseconds between two looks at the version: with a slow answer still under a second. */
const LOOK_EVERY = 500;
/** How long (milliseconds) a request waits for a look when it could go on with what is known. */
const PATIENCE = 1000;
/** More than this is not kept: a bound for memory, far above what is in use at once. */
const MOST = 20_000;

export interface CachedStore extends Store {
  /** To be called once at the start of a request; the epoch that holds for it. */
  refresh(): Promise<{ epoch: number; version: number }>;
}

export function cachedStore(store: Store, elapsed_ms: () => number): CachedStore {
  const clients = cache<ClientRecord>();
  const accounts = cache<AccountRecord>();
  const keys = cache<SigningKeyRecord[]>();
  const forget = (): void => {
    for (const each of [clients, accounts, keys]) each.forget();
  };
  const watch = versionWatch(store, elapsed_ms, forget);

  /** A write of this process is seen by its next read. */
  const forgetting =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await write(...args);
      } finally {
        forget();
        watch.lookSoon();
      }
    };

  return {
    ...store,
    refresh: watch.state,
    findClient: (client_id) => clients.get(client_id, () => store.findClient(client_id)),
    findAccount: (sub) => accounts.get(sub, () => store.findAccount(sub)),
    listSigningKeys: async () => (await keys.get("all", () => store.listSigningKeys())) ?? [],
    createClient: forgetting(store.createClient),
    updateClient: forgetting(store.updateClient),
    removeClient: forgetting(store.removeClient),
    createAccount: forgetting(store.createAccount),
    updateAccount: forgetting(store.updateAccount),
    removeAccount: forgetting(store.removeAccount),
    addSigningKey: forgetting(store.addSigningKey),
    retireSigningKey: forgetting(store.retireSigningKey),
  };
}

type State = Awaited<ReturnType<Store["readState"]>>;

function versionWatch(store: Store, elapsed_ms: () => number, changed: () => void) {
  let state: State = { epoch: 0, version: -1 };
  let looked_at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  /** The last look took too long: nobody waits for the next one. */
  let slow = false;

  async function look(): Promise<void> {
    const began = elapsed_ms();
    const found = await store.readState();
    if (found.version !== state.version || found.epoch !== state.epoch) changed();
    state = found;
    // From its beginning: what was written while the answer was under way may not be in it.
    looked_at = began;
  }

  /** One look at a time, for all who ask meanwhile. */
  function lookOnce(): Promise<void> {
    const began = performance.now();
    looking ??= look().finally(() => {
      looking = null;
      slow = performance.now() - began > PATIENCE;
    });
    return looking;
  }

  /** Without a database, or with a slow one, what needs none goes on with what is known. */
  async function lookPatiently(): Promise<void> {
    if (state.version < 0) return lookOnce();
    const settled = lookOnce().catch(() => {});
    if (slow) return;
    const late = new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        slow = true;
        resolve();
      }, PATIENCE);
      void settled.then(() => clearTimeout(timer));
    });
    await Promise.race([settled, late]);
  }

  return {
    async state(): Promise<State> {
      if (elapsed_ms() - looked_at >= LOOK_EVERY) await lookPatiently();
      return state;
    },
    lookSoon() {
      looked_at = Number.NEGATIVE_INFINITY;
    },
  };
}

interface Cache<T> {
  get(key: string, load: () => Promise<T | null>): Promise<T | null>;
  forget(): void;
}

function cache<T>(): Cache<T> {
  const known = new Map<string, T>();
  let generation = 0;
  return {
    async get(key, load) {
      const hit = known.get(key);
      if (hit !== undefined) return hit;
      const before = generation;
      const found = await load();
      // What was read before a change must not be kept after it; what does not exist is not kept at all.
      if (found !== null && before === generation) {
        if (known.size >= MOST) known.clear();
        known.set(key, found);
      }
      return found;
    },
    forget() {
      generation += 1;
      known.clear();
    },
  };
}
