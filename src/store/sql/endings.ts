/** Rows that end together with a person or a client. */
import { END_CLIENTS, END_PERSON, endedSessionsJob, endingJob } from "../ending_jobs.ts";
import { placeOf } from "../place.ts";
import type { AccountRecord, ClientRecord } from "../records.ts";
import type { Ends, PersonEnds } from "../store.ts";
import { DIRECTORY_JOB, insertJob } from "./alongside.ts";
import { firstIdAt } from "./audit.ts";
import type { Statement, Value } from "./driver.ts";
import type { Listing } from "./ended_tokens.ts";

/**
 * Each statement names the place of the person.
 * @param late whether time has passed since `ends.now`: rows that began later then go on
 */
export function endingsOfPerson(sub: string, ends: PersonEnds, late = false): Statement[] {
  const { now, sessions, grants, consents, client_id } = ends;
  const end = (sql: string, began: string, ...args: Value[]): Statement => ({
    sql: `${sql} place = ? AND sub = ?${late ? ` AND ${began} <= ?` : ""}`,
    args: [...args, placeOf(sub), sub, ...(late ? [now] : [])],
  });
  const statements: Statement[] = [];
  if (typeof sessions === "object") {
    const others = end("DELETE FROM session WHERE session_id <> ? AND", "proved_at");
    statements.push({ ...others, args: [sessions.except, ...others.args] });
  } else if (sessions) statements.push(end("DELETE FROM session WHERE", "proved_at"));
  const [where, at_client] =
    client_id === undefined ? ["", []] : [" client_id = ? AND", [client_id]];
  if (consents) statements.push(end(`DELETE FROM consent WHERE${where}`, "since", ...at_client));
  const revoke = `UPDATE authorization_grant SET revoked_at = ? WHERE revoked_at IS NULL AND${where}`;
  if (grants) statements.push(end(revoke, "created_at", now, ...at_client));
  return statements;
}

/**
 * Lists the access tokens of grants that `endingsOfPerson` has ended, or that no longer hold although they stay. It is
 * the last statement of the transaction.
 */
export function listEndings(
  sub: string,
  ends: PersonEnds | undefined,
  { grants }: Listing,
  late = false,
): Statement[] {
  if (!ends) return [];
  const { now, sessions, client_id } = ends;
  const ended: string[] = [];
  const args: Value[] = [];
  const add = (condition: string, ...values: Value[]): void => {
    ended.push(condition);
    args.push(...values);
  };
  if (ends.grants && client_id === undefined) add("revoked_at = ?", now);
  if (ends.grants && client_id !== undefined)
    add("(client_id = ? AND revoked_at = ?)", client_id, now);
  if (ends.access_tokens) add("revoked_at IS NULL");
  if (typeof sessions === "object") add("session_id <> ?", sessions.except);
  else if (sessions) add("session_id IS NOT NULL");
  if (ended.length === 0) return [];
  const where = `place = ? AND sub = ? AND (${ended.join(" OR ")})${late ? " AND created_at <= ?" : ""}`;
  return [grants(where, [placeOf(sub), sub, ...args, ...(late ? [now] : [])])];
}

/**
 * The value of `ends_before` in the directory, which takes effect at once, so that the rows may end later. Times are
 * whole seconds, and a request in progress in this second must not outlive the end: so the next second is written.
 */
const endsBefore = ({ now }: Ends): number => now + 1;

export const endedAccount = (account: AccountRecord, ends: Ends | undefined): AccountRecord => ({
  ...account,
  ...(ends?.grants && { ends_before: endsBefore(ends) }),
  ...(ends?.sessions === true && { sessions_end_before: endsBefore(ends) }),
});

/** Access tokens end when somebody is disabled, although grants stay. */
export const endsOf = <T extends { disabled_at: number | null }>(
  { disabled_at }: T,
  before: T | undefined,
  ends: Ends | undefined,
): Ends | undefined =>
  disabled_at !== null && (before?.disabled_at ?? null) === null
    ? { now: disabled_at, ...ends, access_tokens: true }
    : ends;

export const endedClient = (client: ClientRecord, ends: Ends | undefined): ClientRecord =>
  ends?.grants ? { ...client, ends_before: endsBefore(ends) } : client;

/** The job is added in the transaction of the change. */
export const personJob = (sub: string, ends: Ends): Statement =>
  insertJob(endingJob(END_PERSON, { sub, ends }, ends.now));

/** The clients of a person's sessions are told at the person's place. */
export const tellClientsThere = (sub: string, ends: Ends): Statement[] =>
  ends.sessions ? [insertJob({ ...endedSessionsJob(sub, ends.now), place: placeOf(sub) })] : [];

/** The same in a transaction of the directory, where both are in one database: only if there are such clients. */
export function tellClients(sub: string, ends: Ends): Statement[] {
  if (!ends.sessions) return [];
  const job = endedSessionsJob(sub, ends.now);
  const some = "EXISTS (SELECT 1 FROM client_session WHERE place = ? AND sub = ?)";
  const args = [...DIRECTORY_JOB.values(job), placeOf(sub), sub];
  return [{ sql: `${DIRECTORY_JOB.insert_select} WHERE ${some}`, args }];
}

/** The members of a client that its end needs. */
export type EndedClient = Pick<ClientRecord, "client_id" | "created_at">;

/** Seconds by which the clocks of nodes may differ. */
const SLACK = 3600;

/** The ids of grants begin with their time, so the job passes over those that are older than the clients. */
export function clientsJob(clients: readonly EndedClient[], ends: Ends): Statement {
  const since = Math.min(...clients.map(({ created_at }) => created_at)) - SLACK;
  const after = firstIdAt(Math.max(0, since));
  const client_ids = clients.map(({ client_id }) => client_id);
  return insertJob(endingJob(END_CLIENTS, { client_ids, ends, after }, ends.now));
}
