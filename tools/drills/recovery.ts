/** The time of recovery: from now to the last failed request. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "./ledger.ts";

/** Milliseconds without a failure after which the server counts as recovered. */
const QUIET = 3000;
const PATIENCE = 60_000;

/** Milliseconds to the last failure of the load; a minute when it does not end. */
export async function untilSteady({ figures }: Ledger): Promise<number> {
  const failures = (): number => (figures.unavailable ?? 0) + (figures.unanswered ?? 0);
  const successes = (): number => figures.answers ?? 0;
  const began = performance.now();
  let [seen, answered, last] = [failures(), successes(), began];
  while (performance.now() - last < QUIET || successes() === answered) {
    if (performance.now() - began > PATIENCE) return PATIENCE;
    await sleep(20);
    if (failures() === seen) continue;
    [seen, answered, last] = [failures(), successes(), performance.now()];
  }
  return Math.round(last - began);
}
