/** Reads the versions of the directory regularly, and reports the kinds that have changed. */
import { DIRECTORY_KINDS, type DirectoryKind, type Store, type StoreState } from "./store.ts";

/** Milliseconds between two reads of the versions: with a slow answer still under a second. */
const LOOK_EVERY = 500;
/** Milliseconds that a request waits for a read when it could go on with the known versions. */
const PATIENCE = 1000;

const UNSEEN: StoreState = {
  epoch: -1,
  versions: { clients: -1, people: -1, keys: -1 },
  secrets: {},
  access_token_lives: {},
};

export function versionWatch(
  store: Pick<Store, "readState">,
  elapsed_ms: () => number,
  changed: (kinds: readonly DirectoryKind[]) => void,
) {
  let state = UNSEEN;
  /** The same value as a promise, so that most requests create none. */
  let known = Promise.resolve(state);
  let looked_at = Number.NEGATIVE_INFINITY;
  /** Time of the last read that got an answer, even if a newer one has been asked for since. */
  let seen_at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  /** The last read took too long, so that no request waits for the next one. */
  let slow = false;

  async function look(): Promise<void> {
    const began = elapsed_ms();
    const found = await store.readState();
    changed(
      found.epoch === state.epoch
        ? DIRECTORY_KINDS.filter((kind) => found.versions[kind] !== state.versions[kind])
        : DIRECTORY_KINDS,
    );
    state = found;
    known = Promise.resolve(found);
    // From the start of the read: the answer may lack writes that were made meanwhile.
    looked_at = began;
    seen_at = began;
  }

  /** One read at a time, shared by all concurrent requests. */
  function lookOnce(): Promise<void> {
    const began = performance.now();
    looking ??= look().finally(() => {
      looking = null;
      slow = performance.now() - began > PATIENCE;
    });
    return looking;
  }

  /** While the database is away or slow, requests that do not need it go on with the known versions. */
  async function lookPatiently(): Promise<void> {
    if (state === UNSEEN) return lookOnce();
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
    state: (): Promise<StoreState> =>
      elapsed_ms() - looked_at < LOOK_EVERY ? known : lookPatiently().then(() => state),
    /** Seconds since the versions were last seen. */
    staleFor: (): number => (elapsed_ms() - seen_at) / 1000,
    lookSoon() {
      looked_at = Number.NEGATIVE_INFINITY;
    },
  };
}
