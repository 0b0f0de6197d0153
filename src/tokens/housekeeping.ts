/** What the server does by itself: clean-up of expired rows, and the schedule of signing keys. */
import type { Server } from "../context.ts";
import { keepSigningKeys } from "./keyring.ts";

/** Milliseconds. */
const EVERY = 30_000;
const PAUSE = 50;
/** Rows a statement: small, so that no request waits long for it. */
const BATCH = 500;

export interface Housekeeping {
  start(): void;
  stop(): void;
}

/** Safe on every node at once: all that it writes is conditional. */
export function housekeeping(server: Server): Housekeeping {
  const { store, secrets, clock, log } = server;
  let timer: NodeJS.Timeout | null = null;
  let stopped = false;

  async function round(): Promise<number> {
    const now = Math.floor(clock() / 1000);
    try {
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
