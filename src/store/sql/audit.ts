/** Security events, in SQL: two tables, read as one list. */
import type { AuditFilter, AuditRecord, AuditStore } from "../audit.ts";
import { placeOf } from "../place.ts";
import { DIRECTORY_EVENT, PERSON_EVENT } from "./alongside.ts";
import { type Placed, writeApart } from "./apart.ts";
import type { SqlDriver, Value } from "./driver.ts";
import type { SqlRecord } from "./record.ts";

export function sqlAudit(db: SqlDriver, isSpread: () => boolean): AuditStore {
  async function list(
    table: SqlRecord<AuditRecord>,
    { since, after, sub, client_id, limit }: AuditFilter,
    place: number | undefined,
  ): Promise<AuditRecord[]> {
    const wanted: [string, Value | undefined][] = [
      // Ids begin with the time, so the primary key finds the start.
      ["audit_id >= ?", since === undefined ? undefined : firstIdAt(since)],
      ["audit_id < ?", after],
      ["place = ?", place],
      ["sub = ?", sub],
      ["client_id = ?", client_id],
    ];
    const given = wanted.filter((each): each is [string, Value] => each[1] !== undefined);
    const where = given.map(([condition]) => condition).join(" AND ");
    const sql = `${table.select}${where && ` WHERE ${where}`} ORDER BY audit_id DESC LIMIT ?`;
    const rows = await db.readValues(sql, [...given.map(([, value]) => value), limit]);
    return rows.map(table.parse);
  }

  return {
    async appendAudit(records) {
      await writeApart(db, records.map(inserted), isSpread());
    },

    async listAudit(filter) {
      const { sub, limit } = filter;
      const found = [
        ...(await list(PERSON_EVENT, filter, sub === undefined ? undefined : placeOf(sub))),
        ...(await list(DIRECTORY_EVENT, filter, undefined)),
      ];
      return found.sort((one, two) => (one.audit_id < two.audit_id ? 1 : -1)).slice(0, limit);
    },
  };
}

const inserted = (record: AuditRecord): Placed =>
  record.sub === null
    ? { ...DIRECTORY_EVENT.insert(record, " ON CONFLICT (audit_id) DO NOTHING"), place: null }
    : {
        ...PERSON_EVENT.insert(record, " ON CONFLICT (audit_id, place) DO NOTHING"),
        place: placeOf(record.sub),
      };

/** Sorts before all ids that were made from this second on. */
export const firstIdAt = (seconds: number): string =>
  (seconds * 1000).toString(16).padStart(12, "0");
