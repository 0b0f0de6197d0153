/** What the server does by itself: clean-up of expired rows, and the schedule of signing keys. */
import type { Server } from "../context.ts";
import { keepSigningKeys } from "../keys/keyring.ts";
import { CLOCK_WARNING } from "../store/database_clock.ts";

/** Milliseconds. */
const EVERY = 30_000;
const PAUSE = 50;
/** Rows a statement: small, so that no request waits long for it. */
const BATCH = 500;

function warnOfClock({ database_clock, log }: Server): void {
  const offset = database_clock?.offset() ?? 0;
  if (Math.abs(offset) > CLOCK_WARNING)
    log.warn("clock is off", { ms: offset, why: "this machine and the database differ" });
}

export interface Housekeeping {
  start(): void;
  stop(): void;
}

/**
 * Safe on every node at once: all that it writes is conditional.
 * @param options.keeps_house false: of this node another process does it, and only the clock is looked at here
 */
export function housekeeping(
  server: Server,
  { keeps_house = true }: { keeps_house?: boolean } = {},
): Housekeeping {
  const { store, secrets, clock, database_clock, log } = server;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  async function round(): Promise<number> {
    try {
      await database_clock?.measure();
      if (!keeps_house) return EVERY;
      warnOfClock(server);
      const now = Math.floor(clock() / 1000);
      const more = await store.sweep(now, BATCH);
      if (more) return PAUSE;
      await keepSigningKeys(store, secrets, now);
    } catch (error) {
      log.warn("clean-up failed", { why: error instanceof Error ? error.message : String(error) });
    }
    return EVERY;
  }

  function later(ms: number): void {
    if (stopped) return;
    timer = setTimeout(async () => later(await round()), ms);
    timer.unref();
  }

  return {
    start: () => later(PAUSE),
    stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
    },
  };
}
