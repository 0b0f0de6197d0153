/**
 * Jobs of a distributed database. After a change to the directory, they end rows that lie on other nodes. Each job is
 * written in the transaction of that change.
 */
import type { JobRecord } from "./records.ts";
import type { Ends, Store } from "./store.ts";

export const END_PERSON = "end_person";
export const END_CLIENT = "end_client";
export const ENDING_KINDS: readonly string[] = [END_PERSON, END_CLIENT];

/**
 * Safe to run twice.
 * @param job of one of `ENDING_KINDS`, leased
 */
export async function runEndingJob(
  { kind, payload }: JobRecord,
  store: Pick<Store, "endPerson" | "endClient">,
): Promise<void> {
  const { id, ends }: { id: string; ends: Ends } = JSON.parse(payload);
  await (kind === END_CLIENT ? store.endClient(id, ends) : store.endPerson(id, ends));
}
