/** Which tab has which session. */
import type { PageLocks } from "./page.ts";
import type { Session } from "./vault.ts";

/** What a tab has. */
export interface TabHas {
  /** Of the session. */
  id: string;
  rev: number;
  /** Of the tab: random. */
  tab: string;
}

export interface Presence {
  /** Returns once the others can see it. Null: this tab has no session. */
  show(session: Session | null): Promise<void>;
  /** What all tabs show, this one included. */
  all(): Promise<TabHas[]>;
}

/**
 * Each tab holds a lock that is named after its session. Locks are the one thing that all tabs see alike at any
 * moment, and the browser frees them when a tab is gone, however it went: messages may still be on their way.
 */
export function openPresence(
  locks: PageLocks,
  { prefix, tab }: { prefix: string; tab: string },
): Presence {
  const held = new Map<string, ReturnType<typeof take>>();
  let wanted: string | null = null;
  return {
    async show(session) {
      const name = session && `${prefix}${session.id} ${session.rev} ${tab}`;
      wanted = name;
      if (name !== null) {
        const lock = held.get(name) ?? take(locks, name);
        held.set(name, lock);
        await lock.granted;
      }
      for (const [other, { release }] of [...held]) {
        if (other === wanted) continue;
        held.delete(other);
        release();
      }
    },
    async all() {
      // A page that may store nothing may not ask either.
      const { held: locked = [] } = await locks.query().catch(() => ({ held: [] }));
      return locked.flatMap(({ name = "" }) => {
        if (!name.startsWith(prefix)) return [];
        const [id = "", rev, of] = name.slice(prefix.length).split(" ");
        return of === undefined ? [] : [{ id, rev: Number(rev), tab: of }];
      });
    },
  };
}

function take(locks: PageLocks, name: string): { granted: Promise<void>; release(): void } {
  const [granted, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const work = (): Promise<void> => {
    granted.resolve();
    return released.promise;
  };
  // A page that is about to go away gets no lock.
  locks.request(name, { mode: "shared" }, work).catch(() => granted.resolve());
  return { granted: granted.promise, release: released.resolve };
}
