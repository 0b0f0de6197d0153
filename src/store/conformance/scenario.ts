/** A conformance test: a name, and a function that checks a fresh store or two nodes on one database. */
import { ENDING_KINDS, runEndingJob } from "../ending_jobs.ts";
import type { ConsentRecord, GrantRecord } from "../records.ts";
import type { Store } from "../store.ts";
import { START } from "./samples.ts";

export type Scenarios = Readonly<Record<string, (store: Store) => Promise<void>>>;
/** Two stores on one database, like those of two processes. */
export type RacingScenarios = Readonly<Record<string, (one: Store, two: Store) => Promise<void>>>;

/** Starts `count` operations at once. */
export const atOnce = <T>(count: number, operation: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => operation(i)));

export const trueOnes = (outcomes: readonly unknown[]): number =>
  outcomes.filter((outcome) => outcome === true).length;

/** Runs all pending ending jobs: on a distributed database some rows are ended by a job soon after the change. */
export async function settle(store: Store): Promise<void> {
  const later = { now: START + 1000, until: START + 1060, limit: 100 };
  for (const job of await store.leaseJobs({ kinds: ENDING_KINDS, ...later })) {
    await runEndingJob(job, store);
    await store.finishJob(job);
  }
}

/** Approves under the consent that stands (null), or with one that is written over it. */
export async function grantWith(
  store: Store,
  grant: GrantRecord,
  consent: ConsentRecord | null,
): Promise<Awaited<ReturnType<Store["approve"]>>> {
  const before = await store.findConsent(grant.sub, grant.client_id);
  if (consent) return store.approve({ grant, consent: { before, becomes: consent } });
  return before ? store.approve({ grant, consent: { stands: before } }) : "changed";
}
