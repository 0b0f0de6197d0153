/** Sessions, in SQL. */
import type { SessionRecord } from "../records.ts";
import type { SessionStore } from "../store.ts";
import type { SqlDriver } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const SESSION = sqlRecord<SessionRecord>("session", "session_id", {
  session_id: "text",
  secret_hash: "text",
  sub: "text",
  auth_time: "integer",
  amr: "json",
  signed_in_for: "text",
  user_agent: "text",
  created_at: "integer",
  seen_at: "integer",
  expires_at: "integer",
});

const FIND = `${SESSION.select} WHERE session_id = ?`;

export function sqlSessions(db: SqlDriver): SessionStore {
  return {
    async createSession(session) {
      const { sql, args } = SESSION.insert(session);
      await db.write(sql, args);
    },

    async findSession(session_id) {
      const [row] = await db.read(FIND, [session_id]);
      return row ? SESSION.parse(row) : null;
    },

    async listSessions(sub) {
      const sql = `${SESSION.select} WHERE sub = ? ORDER BY created_at DESC LIMIT 200`;
      return (await db.read(sql, [sub])).map(SESSION.parse);
    },

    async touchSession(session_id, now) {
      await db.write("UPDATE session SET seen_at = ? WHERE session_id = ?", [now, session_id]);
    },

    async renewSession(session, secret_hash) {
      const { sql, args } = SESSION.update(session);
      const { changed } = await db.write(`${sql} AND secret_hash = ?`, [...args, secret_hash]);
      return changed === 1;
    },

    async endSession(session_id) {
      await db.write("DELETE FROM session WHERE session_id = ?", [session_id]);
    },

    async endOtherSessions(sub, except) {
      await db.write("DELETE FROM session WHERE sub = ? AND session_id <> ?", [sub, except ?? ""]);
    },
  };
}
