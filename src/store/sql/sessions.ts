/** Sessions, in SQL. */
import { placeIn, placeOf } from "../place.ts";
import type { SessionRecord } from "../records.ts";
import type { SessionStore } from "../store.ts";
import { withPerson } from "./alongside.ts";
import { forgetClientSession } from "./client_sessions.ts";
import { CONSENT } from "./consents.ts";
import { changedCount, type SqlDriver } from "./driver.ts";
import { listing } from "./ended_tokens.ts";
import { pageAfter } from "./page.ts";
import { joinedColumns, sqlRecord } from "./record.ts";

export const SESSION = sqlRecord<SessionRecord>({
  table: "session",
  key: ["session_id", "place"],
  columns: {
    session_id: "text",
    secret_hash: "text",
    sub: "text",
    proofs: "json",
    signed_in_for: "text",
    user_agent: "text",
    network: "text",
    created_at: "integer",
    seen_at: "integer",
    expires_at: "integer",
  },
  computed: {
    place: ({ session_id }) => placeIn(session_id),
    // The oldest proof, for statements that end sessions by the time of their proof.
    proved_at: ({ proofs }) => Math.min(...proofs.map(({ at }) => at)),
  },
});

const ONE = "session_id = ? AND place = ?";
const TOUCH = `UPDATE session SET seen_at = ?, network = COALESCE(?, network) WHERE ${ONE}`;
const FIND = `${SESSION.select} WHERE ${ONE}`;

/** The position of the consent's columns. The first is of its key: null means that there is no consent. */
const CONSENT_AT = SESSION.columns.length;
const parseConsent = CONSENT.parser(CONSENT_AT);
// Both are at the place of the person, so on one node.
const LOAD = `SELECT ${joinedColumns(["s", SESSION], ["c", CONSENT])}
  FROM session s
  LEFT JOIN consent c ON c.place = s.place AND c.sub = s.sub AND c.client_id = ?
  WHERE s.session_id = ? AND s.place = ?`;

export function sqlSessions(db: SqlDriver): SessionStore {
  const listed = listing(db.dialect);
  return {
    async createSession(session, alongside) {
      await db.writeAll([SESSION.insert(session), ...withPerson(alongside)]);
    },

    async findSession(session_id) {
      const [row] = await db.readValues(FIND, [session_id, placeIn(session_id)]);
      return row ? SESSION.parse(row) : null;
    },

    async loadSession(session_id, client_id) {
      const args = [client_id, session_id, placeIn(session_id)];
      const [row] = await db.readValues(LOAD, args);
      if (!row) return null;
      const consent = row[CONSENT_AT] === null ? null : parseConsent(row);
      return { session: SESSION.parse(row), consent };
    },

    async listSessions(sub, page) {
      const { where, args, tail } = pageAfter(page, { created_at: "DESC", session_id: "ASC" });
      const sql = `${SESSION.select} WHERE place = ? AND sub = ?${where} ${tail}`;
      return (await db.readValues(sql, [placeOf(sub), sub, ...args])).map(SESSION.parse);
    },

    async touchSession(session_id, now, network) {
      const args = [now, network, session_id, placeIn(session_id)];
      await db.write(TOUCH, args);
    },

    async renewSession(session, secret_hash, alongside) {
      const { sql, args } = SESSION.update(session);
      const renewal = {
        sql: `${sql} AND secret_hash = ?`,
        args: [...args, secret_hash],
        must_change: true,
      };
      return (await changedCount(db.writeAll([renewal, ...withPerson(alongside)]))) === 1;
    },

    async endSessions(which, alongside) {
      const end =
        "session_id" in which
          ? {
              // The person is part of the key: an id that a form names may be somebody else's session.
              sql: `DELETE FROM session WHERE ${ONE} AND sub = ?`,
              args: [which.session_id, placeIn(which.session_id), which.sub],
            }
          : {
              sql: "DELETE FROM session WHERE place = ? AND sub = ? AND session_id <> ?",
              args: [placeOf(which.sub), which.sub, which.except ?? ""],
            };
      const forget = (alongside?.told ?? []).map(forgetClientSession);
      const [tied, id, place] =
        "session_id" in which
          ? ["=", which.session_id, placeIn(which.session_id)]
          : ["<>", which.except ?? "", placeOf(which.sub)];
      const where = `place = ? AND sub = ? AND session_id ${tied} ?`;
      const list = listed.grants(where, [place, which.sub, id]);
      const all = [{ ...end, must_change: true }, ...forget, ...withPerson(alongside), list];
      return changedCount(db.writeAll(all));
    },
  };
}
