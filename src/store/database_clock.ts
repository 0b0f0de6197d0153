/** Time is the database's: each node measures the offset of its own clock, and adds it. */
import type { Store } from "./store.ts";

/** An operator is told about a larger offset, in milliseconds. */
export const CLOCK_WARNING = 5000;
/** Milliseconds. A slower answer does not tell when it was made. */
const SLOW_ANSWER = 1000;

/** Milliseconds. When wall clock and steady clock differ by more, somebody has set the wall clock. */
const STEP = 1000;

export interface DatabaseClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** What is added to the clock of this machine, in milliseconds. */
  offset(): number;
  /** To be called now and then. While the database is away or slow, the last measurement stays in use. */
  measure(): Promise<void>;
}

export interface LocalClocks {
  /** The machine's time of day, which somebody may set at any moment. */
  wall(): number;
  /** Milliseconds since some moment; nobody sets it. */
  steady(): number;
}

const THIS_MACHINE: LocalClocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Between two measurements time advances by the steady clock, so that a machine whose clock is set stays right. When the
 * clock was set or the machine slept, the next look measures again at once. A database without a clock leaves the
 * machine's.
 */
export function databaseClock(
  store: Pick<Store, "readClock">,
  { wall, steady }: LocalClocks = THIS_MACHINE,
): DatabaseClock {
  /** The database's time when the steady clock was 0; null: not measured so far. */
  let origin: number | null = null;
  let apart = wall() - steady();
  let measuring: Promise<void> | null = null;

  async function look(): Promise<void> {
    apart = wall() - steady();
    const sent = steady();
    const read = await store.readClock();
    const answered = steady();
    if (read === null || answered - sent > SLOW_ANSWER) return;
    // The answer was made somewhere in between: the middle is less than half a second off.
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
    // While the database is away, this fails; the job that measures now and then asks again.
    if (Math.abs(wall() - steady() - apart) > STEP) measure().catch(() => {});
    return Math.round(origin + steady());
  }

  return {
    now,
    offset: () => (origin === null ? 0 : Math.round(origin + steady() - wall())),
    measure,
  };
}

/** The time in milliseconds, for commands, which need it once. */
export const readNow = async (store: Pick<Store, "readClock">): Promise<number> =>
  (await store.readClock()) ?? Date.now();
