/**
 * Jobs that end rows after a change to the directory, and are written in its transaction: rows of clients, which may be
 * any number, and those of people on other nodes of a distributed database. The gate refuses such grants from the change
 * on, so the jobs only tidy up.
 */
import { uuidv7 } from "../crypto/hash.ts";
import { newJob } from "./new_job.ts";
import type { JobRecord } from "./records.ts";
import type { Ends, Store } from "./store.ts";

export const END_PERSON = "end_person";
export const END_CLIENTS = "end_clients";
export const ENDING_KINDS: readonly string[] = [END_PERSON, END_CLIENTS];

/** Tells the clients of a person's sessions that these have ended. A node that serves requests runs it, since it needs keys. */
export const END_CLIENT_SESSIONS = "end_client_sessions";

export interface EndClientSessions {
  sub: string;
  /** Also of sessions that still exist: the person is disabled. */
  all: boolean;
}

export interface EndPerson {
  sub: string;
  ends: Ends;
}

export interface EndClients {
  client_ids: readonly string[];
  ends: Ends;
  /** Sorts before the ids of all grants of these clients. */
  after: string;
}

/** Seconds after which a job that never succeeded is given up. */
const LIFE = 30 * 86_400;

/** Beside the directory, to be added in the transaction of the change. */
export const endingJob = (
  kind: string,
  payload: EndPerson | EndClients | EndClientSessions,
  now: number,
): JobRecord =>
  newJob({ job_id: uuidv7(now * 1000), place: null, kind, payload }, { now, life: LIFE });

export const endedSessionsJob = (sub: string, now: number): JobRecord =>
  endingJob(END_CLIENT_SESSIONS, { sub, all: false }, now);

/** Tells the clients of all sessions of a person, although the sessions stay. */
export const clientSessionsJob = (sub: string, now: number): JobRecord =>
  endingJob(END_CLIENT_SESSIONS, { sub, all: true }, now);

/** Rows that one step reads: few, since SQLite answers no request meanwhile. */
const STEP = 500;

type ClientEndings = Pick<Store, "removeConsentsOf" | "revokeGrantsOf">;

/**
 * Safe to run twice.
 * @param job of one of `ENDING_KINDS`, leased
 * @param signal aborted: leaves the rest to the next run
 */
export async function runEndingJob(
  { kind, payload }: JobRecord,
  store: ClientEndings & Pick<Store, "endPerson">,
  signal?: AbortSignal,
): Promise<void> {
  if (kind === END_CLIENTS) return endClients(JSON.parse(payload), store, { signal });
  const { sub, ends }: EndPerson = JSON.parse(payload);
  await store.endPerson(sub, ends);
}

/** Begins anew after an interruption, and passes over rows that have ended. */
export async function endClients(
  { client_ids, ends: { now, grants, consents }, after }: EndClients,
  store: ClientEndings,
  { signal, limit = STEP }: { signal?: AbortSignal | undefined; limit?: number } = {},
): Promise<void> {
  for (const client_id of consents ? client_ids : [])
    for (let more = true; more && !signal?.aborted; )
      more = await store.removeConsentsOf(client_id, { until: now, limit });
  let next: string | null = grants ? after : null;
  while (next !== null && !signal?.aborted)
    ({ next } = await store.revokeGrantsOf(client_ids, { after: next, limit, now }));
}
