/** What ends together with a person or a client. */
import { uuidv7 } from "../../crypto/hash.ts";
import type { END_CLIENT, END_PERSON } from "../ending_jobs.ts";
import { placeOf } from "../place.ts";
import type { AccountRecord, ClientRecord, JobRecord } from "../records.ts";
import type { Ends } from "../store.ts";
import type { Statement, Value } from "./driver.ts";

const REVOKE = "UPDATE authorization_grant SET revoked_at = ? WHERE revoked_at IS NULL AND";

/** Each names the place of the person. */
export function endingsOfPerson(sub: string, ends: Ends): Statement[] {
  const { now, sessions, grants, consents } = ends;
  const place = placeOf(sub);
  const of = (sql: string, ...args: Value[]): Statement => ({ sql, args: [...args, place, sub] });
  return [
    ...(sessions === true ? [of("DELETE FROM session WHERE place = ? AND sub = ?")] : []),
    ...(typeof sessions === "object"
      ? [
          {
            sql: "DELETE FROM session WHERE place = ? AND sub = ? AND session_id <> ?",
            args: [place, sub, sessions.except],
          },
        ]
      : []),
    ...(consents ? [of("DELETE FROM consent WHERE place = ? AND sub = ?")] : []),
    ...(grants ? [of(`${REVOKE} place = ? AND sub = ?`, now)] : []),
  ];
}

/** A client's people live at many places: these statements go to all of them. */
export const endingsOfClient = (
  client_id: string,
  { now, grants, consents }: Ends,
): Statement[] => [
  ...(consents ? [{ sql: "DELETE FROM consent WHERE client_id = ?", args: [client_id] }] : []),
  ...(grants ? [{ sql: `${REVOKE} client_id = ?`, args: [now, client_id] }] : []),
];

/** What the directory itself says from then on, so that the rest may end later. */
export const endedAccount = (account: AccountRecord, ends: Ends | undefined): AccountRecord => ({
  ...account,
  ...(ends?.grants && { ends_before: ends.now }),
  ...(ends?.sessions === true && { sessions_end_before: ends.now }),
});

export const endedClient = (client: ClientRecord, ends: Ends | undefined): ClientRecord =>
  ends?.grants ? { ...client, ends_before: ends.now } : client;

/** The same for all apps of one person. */
export const endingsOfApps = (sub: string, { now }: Ends): Statement[] => [
  { sql: `DELETE FROM consent WHERE client_id IN (${APPS})`, args: [sub] },
  { sql: `${REVOKE} client_id IN (${APPS})`, args: [now, sub] },
];
const APPS = "SELECT client_id FROM client WHERE owner_sub = ?";

/** Seconds that the change to the directory has, before a job looks whether it was made; and until it gives up. */
const HEAD_START = 10;
const LIFE = 30 * 86_400;

/** The job that ends what lies on other nodes than the directory. It is added before the directory changes. */
export function endingJob(
  kind: typeof END_PERSON | typeof END_CLIENT,
  id: string,
  ends: Ends,
): JobRecord {
  return {
    job_id: uuidv7(ends.now * 1000),
    place: placeOf(id),
    kind,
    payload: JSON.stringify({ id, ends }),
    due_at: ends.now + HEAD_START,
    leased_until: 0,
    lease_no: 0,
    attempts: 0,
    error: null,
    expires_at: ends.now + LIFE,
  };
}
