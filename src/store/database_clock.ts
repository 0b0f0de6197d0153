/** Time is the database's (contract, “Limits and faults”): each node measures how far it is off, and adds that. */
import type { Store } from "./store.ts";

/** Milliseconds from which on an operator should be told: something is wrong with a clock. */
export const CLOCK_WARNING = 5000;
/** A slower answer says too little about the moment at which it was made. */
const SLOW_ANSWER = 1000;

/** Milliseconds by which the machine's clock may run away from what really passed, before it has been set. */
const STEP = 1000;

export interface DatabaseClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** What is added to the clock of this machine, in milliseconds. */
  offset(): number;
  /** To be called now and then. Away or slow: what was measured last goes on. */
  measure(): Promise<void>;
}

export interface LocalClocks {
  /** The machine's time of day, which somebody may set at any moment. */
  wall(): number;
  /** Milliseconds from wherever, which nobody sets. */
  steady(): number;
}

const THIS_MACHINE: LocalClocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Between two measurements time goes on by the steady clock: a machine whose clock is set stays right. That it was
 * set, or slept, is noticed at the next look and measured at once. Without a clock of the database, the machine's is
 * the only one.
 */
export function databaseClock(
  store: Pick<Store, "readClock">,
  { wall, steady }: LocalClocks = THIS_MACHINE,
): DatabaseClock {
  /** The database's time where the steady clock was 0; null: not measured so far. */
  let origin: number | null = null;
  let apart = wall() - steady();
  let measuring: Promise<void> | null = null;

  async function look(): Promise<void> {
    apart = wall() - steady();
    const sent = steady();
    const read = await store.readClock();
    const answered = steady();
    if (read === null || answered - sent > SLOW_ANSWER) return;
    // The answer was made somewhere in between; of less than a second nobody needs to know where.
    origin = read - (sent + answered) / 2;
  }

  function measure(): Promise<void> {
    measuring ??= look().finally(() => {
      measuring = null;
    });
    return measuring;
  }

  function now(): number {
    if (origin === null) return wall();
    // A database that is away is asked again by whoever measures now and then.
    if (Math.abs(wall() - steady() - apart) > STEP) measure().catch(() => {});
    return Math.round(origin + steady());
  }

  return {
    now,
    offset: () => (origin === null ? 0 : Math.round(origin + steady() - wall())),
    measure,
  };
}

/** For who needs the time once. */
export const readNow = async (store: Pick<Store, "readClock">): Promise<number> =>
  (await store.readClock()) ?? Date.now();
