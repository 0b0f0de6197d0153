/** The time of the database counts: each node measures the offset of its own clock, and adds it. */
import type { Store } from "./store.ts";

/** Milliseconds. A larger offset is logged for the operator. */
export const CLOCK_WARNING = 5000;
/** Milliseconds. A slower answer is not used, since its moment is too uncertain. */
const SLOW_ANSWER = 1000;

/** Milliseconds. A larger difference between wall clock and steady clock means that somebody has set the wall clock. */
const STEP = 1000;

export interface DatabaseClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds to add to the clock of this machine. */
  offset(): number;
  /** To be called regularly. While the database is away or slow, the last measurement stays in use. */
  measure(): Promise<void>;
}

export interface LocalClocks {
  /** The machine's time of day in milliseconds. Somebody may set it at any moment. */
  wall(): number;
  /** Milliseconds since an arbitrary moment. Nobody sets this clock. */
  steady(): number;
}

const THIS_MACHINE: LocalClocks = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * Between two measurements time advances by the steady clock, so that a machine whose clock is set stays right. After
 * the clock was set or the machine slept, the next `measure` does so at once. Without a clock of the database, the
 * machine's clock counts.
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
    // The answer was made between request and response: the middle is less than half a second off.
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
    // This fails while the database is away. The repeated job then measures again.
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
