/** Repeats a job at intervals while the server runs. A failed round is logged, and does not stop the next one. */
import type { Log } from "../context.ts";

export interface Repeated {
  /** The name of the job in the log. */
  name: string;
  /** Seconds between two rounds. */
  every: number;
  /** Runs one round. True: there is more to do at once. */
  run(): Promise<boolean>;
}

export interface Repeating {
  start(): void;
  /** Starts the next round now, or right after the present one. */
  wake(): void;
  /** Begins no more rounds. Resolves when the present one has ended. */
  stop(): Promise<void>;
}

/** Milliseconds between rounds while there is more to do: requests go first. */
const PAUSE = 50;

export function repeat({ name, every, run }: Repeated, log: Log): Repeating {
  let timer: NodeJS.Timeout | null = null;
  let present: Promise<void> | null = null;
  let woken = false;
  let stopped = false;

  async function round(): Promise<void> {
    woken = false;
    const more = await run().catch((error: unknown) => {
      log.warn(`${name} failed`, { why: error instanceof Error ? error.message : String(error) });
      return false;
    });
    present = null;
    later(more || woken ? PAUSE : every * 1000);
  }

  function later(ms: number): void {
    if (timer) clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      present = round();
    }, ms);
    timer.unref();
  }

  return {
    start: () => later(PAUSE),
    wake() {
      woken = true;
      if (!present) later(PAUSE);
    },
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      await present;
    },
  };
}

/** Resolves with the promise, or after these seconds without it. */
export async function within(seconds: number, promise: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, seconds * 1000);
  try {
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
