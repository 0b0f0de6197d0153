/** Looks at the versions of the directory now and then, and says which kinds have changed. */
import { DIRECTORY_KINDS, type DirectoryKind, type Store, type StoreState } from "./store.ts";

/** Milliseconds between two looks at the versions: with a slow answer still under a second. */
const LOOK_EVERY = 500;
/** How long (milliseconds) a request waits for a look when it could go on with what is known. */
const PATIENCE = 1000;

const UNSEEN: StoreState = {
  epoch: -1,
  versions: { clients: -1, people: -1, keys: -1 },
  secrets: {},
};

export function versionWatch(
  store: Pick<Store, "readState">,
  elapsed_ms: () => number,
  changed: (kinds: readonly DirectoryKind[]) => void,
) {
  let state = UNSEEN;
  /** The same, so that most requests make no promise of it. */
  let known = Promise.resolve(state);
  let looked_at = Number.NEGATIVE_INFINITY;
  /** The last look that got an answer, whether or not a newer one is wanted since. */
  let seen_at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  /** The last look took too long: nobody waits for the next one. */
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
    // From its beginning: what was written while the answer was under way may not be in it.
    looked_at = began;
    seen_at = began;
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
