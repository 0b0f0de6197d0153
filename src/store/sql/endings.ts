/** Rows that end together with a person or a client. */
import { uuidv7 } from "../../crypto/hash.ts";
import type { END_CLIENT, END_PERSON } from "../ending_jobs.ts";
import { placeOf } from "../place.ts";
import type { AccountRecord, ClientRecord } from "../records.ts";
import type { Ends, PersonEnds } from "../store.ts";
import { insertJob } from "./alongside.ts";
import type { Statement, Value } from "./driver.ts";

const REVOKE = "UPDATE authorization_grant SET revoked_at = ? WHERE revoked_at IS NULL AND";

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
  if (grants) statements.push(end(REVOKE + where, "created_at", now, ...at_client));
  return statements;
}

/** The people of a client are at many places, so these statements go to all nodes. @param late as for a person */
export function endingsOfClient(client_id: string, ends: Ends, late = false): Statement[] {
  const { now, grants, consents } = ends;
  const end = (sql: string, began: string, ...args: Value[]): Statement => ({
    sql: `${sql} client_id = ?${late ? ` AND ${began} <= ?` : ""}`,
    args: [...args, client_id, ...(late ? [now] : [])],
  });
  const statements: Statement[] = [];
  if (consents) statements.push(end("DELETE FROM consent WHERE", "since"));
  if (grants) statements.push(end(REVOKE, "created_at", now));
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

/** The same for all apps of one person. */
export const endingsOfApps = (sub: string, { now }: Ends): Statement[] => [
  { sql: `DELETE FROM consent WHERE client_id IN (${APPS})`, args: [sub] },
  { sql: `${REVOKE} client_id IN (${APPS})`, args: [now, sub] },
];
const APPS = "SELECT client_id FROM client WHERE owner_sub = ?";

/** Seconds after which a job that never succeeded is given up. */
const LIFE = 30 * 86_400;

/** The job that ends rows on other nodes than the directory. It is added in the transaction of the change. */
export const endingJob = (
  kind: typeof END_PERSON | typeof END_CLIENT,
  id: string,
  ends: Ends,
): Statement =>
  insertJob({
    job_id: uuidv7(ends.now * 1000),
    place: null,
    kind,
    payload: JSON.stringify({ id, ends }),
    due_at: ends.now,
    leased_until: 0,
    lease_no: 0,
    attempts: 0,
    error: null,
    expires_at: ends.now + LIFE,
  });
