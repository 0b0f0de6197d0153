/** What the server does by itself while it runs. */
import type { Server } from "../context.ts";
import { databaseClock } from "./database_clock.ts";
import { endings } from "./endings.ts";
import { type Repeating, repeat, within } from "./repeat.ts";
import { jobRunner } from "./runner.ts";
import { signingKeys } from "./signing_keys.ts";
import { sweep } from "./sweep.ts";

/** Kinds of stored jobs. */
const KINDS = [...endings];
/** Seconds that a stopping server waits for a round of what is repeated. */
const GRACE = 5;

/**
 * Safe on every node at once: all that is written is conditional.
 * @param options.keeps_house false: another process of this machine does it, and only the clock is measured here
 */
export function backgroundJobs(
  server: Server,
  { keeps_house }: { keeps_house: boolean },
): Pick<Repeating, "start" | "stop"> {
  const { log } = server;
  const clock = repeat(databaseClock(server, keeps_house), log);
  const repeated = keeps_house
    ? [clock, repeat(sweep(server), log), repeat(signingKeys(server), log)]
    : [clock];
  const runner = keeps_house ? jobRunner(server, KINDS) : null;
  return {
    start() {
      for (const each of repeated) each.start();
      runner?.start();
    },
    async stop() {
      const ended = Promise.all(repeated.map((each) => each.stop()));
      await Promise.all([within(GRACE, ended), runner?.stop()]);
    },
  };
}
