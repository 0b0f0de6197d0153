/** Jobs of a distributed database: they end what lies on other nodes than the directory, once that has changed. */
import type { JobRecord } from "./records.ts";
import type { Ends, Store } from "./store.ts";

export const END_PERSON = "end_person";
export const END_CLIENT = "end_client";
export const ENDING_KINDS: readonly string[] = [END_PERSON, END_CLIENT];

/**
 * Safe to run twice. A job whose change to the directory was never made does nothing.
 * @param job of one of `ENDING_KINDS`, leased
 */
export async function runEndingJob(job: JobRecord, store: Store): Promise<void> {
  const { id, ends }: { id: string; ends: Ends } = JSON.parse(job.payload);
  if (job.kind === END_CLIENT) {
    const client = await store.findClient(id);
    const stands = client !== null && (client.ends_before ?? 0) < ends.now;
    if (!stands) await store.endClient(id, ends);
    return;
  }
  const account = await store.findAccount(id);
  const changed = (wanted: unknown, at: number | null) => !wanted || (at ?? 0) >= ends.now;
  const done =
    account === null ||
    (changed(ends.grants, account.ends_before) &&
      changed(ends.sessions === true, account.sessions_end_before));
  if (done) await store.endPerson(id, ends);
}
