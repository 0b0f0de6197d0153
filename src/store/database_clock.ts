/** Time is the database's (contract, “Limits and faults”): each node measures how far it is off, and adds that. */
import type { Store } from "./store.ts";

/** Milliseconds from which on an operator should be told: something is wrong with a clock. */
export const CLOCK_WARNING = 5000;
/** A slower answer says too little about the moment at which it was made. */
const SLOW_ANSWER = 1000;

export interface DatabaseClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** What is added to the clock of this machine, in milliseconds. */
  offset(): number;
  /** To be called now and then. Away or slow: what was measured last goes on. */
  measure(): Promise<void>;
}

export function databaseClock(
  store: Pick<Store, "readClock">,
  local: () => number = Date.now,
): DatabaseClock {
  let offset = 0;
  return {
    now: () => local() + offset,
    offset: () => offset,
    async measure() {
      const sent = local();
      const read = await store.readClock();
      const answered = local();
      if (read === null || answered - sent > SLOW_ANSWER || answered < sent) return;
      // The answer was made somewhere in between; of less than a second nobody needs to know where.
      offset = Math.round(read - (sent + answered) / 2);
    },
  };
}

/** For who needs the time once. */
export const readNow = async (store: Pick<Store, "readClock">): Promise<number> =>
  (await store.readClock()) ?? Date.now();
