/** The clients that people are signed in to by their sessions, in SQL. */

import type { ClientSessionStore } from "../client_sessions.ts";
import { placeIn, placeOf } from "../place.ts";
import type { ClientSessionRecord } from "../records.ts";
import { insertJob } from "./alongside.ts";
import { changedCount, type SqlDriver, type Statement } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const CLIENT_SESSION = sqlRecord<ClientSessionRecord>({
  table: "client_session",
  key: ["session_id", "client_id", "place"],
  columns: {
    session_id: "text",
    client_id: "text",
    sub: "text",
    sent_sub: "text",
    sent_sid: "text",
    check_at: "integer",
  },
  computed: { place: ({ session_id }) => placeIn(session_id) },
});

const ONE = "session_id = ? AND client_id = ? AND place = ?";
const keyOf = ({ session_id, client_id }: ClientSessionRecord) => [
  session_id,
  client_id,
  placeIn(session_id),
];

/** A client whose subjects were changed gets the present ones. */
export const keepClientSession = (kept: ClientSessionRecord): Statement =>
  CLIENT_SESSION.insert(
    kept,
    ` ON CONFLICT (session_id, client_id, place)
      DO UPDATE SET sent_sub = excluded.sent_sub, sent_sid = excluded.sent_sid
      WHERE client_session.sent_sub <> excluded.sent_sub OR client_session.sent_sid <> excluded.sent_sid`,
  );

export const forgetClientSession = (kept: ClientSessionRecord): Statement => ({
  sql: `DELETE FROM client_session WHERE ${ONE}`,
  args: keyOf(kept),
});

export function sqlClientSessions(db: SqlDriver): ClientSessionStore {
  return {
    async listClientSessions({ sub, session_id }, limit) {
      const [of_one, args] =
        session_id === undefined ? ["", []] : [" AND session_id = ?", [session_id]];
      const sql = `${CLIENT_SESSION.select} WHERE place = ? AND sub = ?${of_one} ORDER BY check_at LIMIT ?`;
      const rows = await db.readValues(sql, [placeOf(sub), sub, ...args, limit]);
      return rows.map(CLIENT_SESSION.parse);
    },

    async listDueClientSessions(now, limit) {
      const sql = `${CLIENT_SESSION.select} WHERE check_at <= ? ORDER BY check_at LIMIT ?`;
      return (await db.readValues(sql, [now, limit])).map(CLIENT_SESSION.parse);
    },

    async endClientSession(which, job) {
      const forget = { ...forgetClientSession(which), must_change: true };
      return (await changedCount(db.writeAll([forget, insertJob(job)]))) === 1;
    },

    async postponeClientSession(which, check_at) {
      const sql = `UPDATE client_session SET check_at = ? WHERE ${ONE}`;
      await db.write(sql, [check_at, ...keyOf(which)]);
    },
  };
}
