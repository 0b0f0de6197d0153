/** Rows that end together with a person or a client. */
import { uuidv7 } from "../../crypto/hash.ts";
import { END_CLIENTS, END_PERSON, type EndClients, type EndPerson } from "../ending_jobs.ts";
import { placeOf } from "../place.ts";
import type { AccountRecord, ClientRecord } from "../records.ts";
import type { Ends, PersonEnds } from "../store.ts";
import { insertJob } from "./alongside.ts";
import { firstIdAt } from "./audit.ts";
import type { Statement, Value } from "./driver.ts";

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
 * The value of `ends_before` in the directory, which takes effect at once, so that the rows may end later. Times are
 * whole seconds, and a request in progress in this second must not outlive the end: so the next second is written.
 */
const endsBefore = ({ now }: Ends): number => now + 1;

export const endedAccount = (account: AccountRecord, ends: Ends | undefined): AccountRecord => ({
  ...account,
  ...(ends?.grants && { ends_before: endsBefore(ends) }),
  ...(ends?.sessions === true && { sessions_end_before: endsBefore(ends) }),
});

export const endedClient = (client: ClientRecord, ends: Ends | undefined): ClientRecord =>
  ends?.grants ? { ...client, ends_before: endsBefore(ends) } : client;

/** Seconds after which a job that never succeeded is given up. */
const LIFE = 30 * 86_400;

/** The job is added in the transaction of the change. */
const endingJob = (kind: string, { now }: Ends, payload: EndPerson | EndClients): Statement =>
  insertJob({
    job_id: uuidv7(now * 1000),
    place: null,
    kind,
    payload: JSON.stringify(payload),
    due_at: now,
    leased_until: 0,
    lease_no: 0,
    attempts: 0,
    error: null,
    expires_at: now + LIFE,
  });

export const personJob = (sub: string, ends: Ends): Statement =>
  endingJob(END_PERSON, ends, { sub, ends });

/** The members of a client that its end needs. */
export type EndedClient = Pick<ClientRecord, "client_id" | "created_at">;

/** Seconds by which the clocks of nodes may differ. */
const SLACK = 3600;

/** The ids of grants begin with their time, so the job passes over those that are older than the clients. */
export function clientsJob(clients: readonly EndedClient[], ends: Ends): Statement {
  const since = Math.min(...clients.map(({ created_at }) => created_at)) - SLACK;
  const after = firstIdAt(Math.max(0, since));
  const client_ids = clients.map(({ client_id }) => client_id);
  return endingJob(END_CLIENTS, ends, { client_ids, ends, after });
}
