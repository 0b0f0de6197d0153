/** Security events, in SQL. */
import type { AuditRecord, AuditStore } from "../audit.ts";
import type { SqlDriver, Value } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const AUDIT = sqlRecord<AuditRecord>("audit_event", "audit_id", {
  audit_id: "text",
  at: "integer",
  event: "text",
  actor: "text",
  sub: "text",
  client_id: "text",
  event_id: "text",
  address: "text",
  details: "json",
  expires_at: "integer",
});

export function sqlAudit(db: SqlDriver): AuditStore {
  return {
    async appendAudit(records) {
      const once = " ON CONFLICT (audit_id) DO NOTHING";
      await db.writeAll(records.map((record) => AUDIT.insert(record, once)));
    },

    async listAudit({ since, sub, client_id, limit }) {
      const wanted: [string, Value | undefined][] = [
        // Ids begin with the time: so the primary key finds where to begin.
        ["audit_id >= ?", since === undefined ? undefined : firstIdAt(since)],
        ["sub = ?", sub],
        ["client_id = ?", client_id],
      ];
      const given = wanted.filter((each): each is [string, Value] => each[1] !== undefined);
      const where = given.map(([condition]) => condition).join(" AND ");
      const sql = `${AUDIT.select}${where && ` WHERE ${where}`} ORDER BY audit_id DESC LIMIT ?`;
      const rows = await db.read(sql, [...given.map(([, value]) => value), limit]);
      return rows.map(AUDIT.parse);
    },
  };
}

const firstIdAt = (seconds: number): string => (seconds * 1000).toString(16).padStart(12, "0");
