/** The background jobs of a running server. */
import type { Server } from "../context.ts";
import { databaseClock } from "./database_clock.ts";
import { endings } from "./endings.ts";
import { fetchLogo } from "./fetch_logo.ts";
import { type Repeating, repeat, within } from "./repeat.ts";
import { jobRunner } from "./runner.ts";
import { signingKeys } from "./signing_keys.ts";
import { sweep } from "./sweep.ts";

/** Kinds of stored jobs. */
const KINDS = [...endings, fetchLogo];
/** Seconds that a stopping server waits for the present round of a repeated job. */
const GRACE = 5;

/**
 * Safe on every node at once, since all writes are conditional.
 * @param options.keeps_house false: another process of this machine runs the jobs, and this one only measures the clock
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
