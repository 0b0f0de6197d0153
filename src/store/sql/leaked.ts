/** Grants whose keys depend on a leaked secret, ended by an operator, in SQL. */
import { placeIn } from "../place.ts";
import type { GrantRecord } from "../records.ts";
import type { GrantStore } from "../store.ts";
import { writeApart } from "./apart.ts";
import type { Row, SqlDriver } from "./driver.ts";

/** By primary key: an index is not worth its cost for an operation that is needed once in years. */
const NEXT = `SELECT grant_id, secret_id, replaced_key, revoked_at FROM authorization_grant
  WHERE grant_id > ? ORDER BY grant_id LIMIT ?`;
const REVOKE = `UPDATE authorization_grant SET revoked_at = ?
  WHERE grant_id = ? AND place = ? AND revoked_at IS NULL`;

/** @param isSpread whether a transaction must keep to one place, since the database is distributed */
export const sqlLeaked = (
  db: SqlDriver,
  isSpread: () => boolean,
): Pick<GrantStore, "revokeGrantsUnder"> => ({
  async revokeGrantsUnder(secret_ids, { after, limit, now }) {
    const rows = await db.read(NEXT, [after, limit]);
    const due = rows.filter(
      (row) => row.revoked_at === null && secretsOf(row).some((id) => secret_ids.includes(id)),
    );
    const revocations = due.map((row) => {
      const grant_id = String(row.grant_id);
      const place = placeIn(grant_id);
      return { sql: REVOKE, args: [now, grant_id, place], place };
    });
    await writeApart(db, revocations, isSpread());
    const last = rows.at(-1);
    return {
      revoked: due.length,
      next: last && rows.length === limit ? String(last.grant_id) : null,
    };
  },
});

/** The present secret and the replaced one: a stranger may have used a key under the replaced one first. */
function secretsOf({ secret_id, replaced_key }: Row): string[] {
  const replaced: GrantRecord["replaced_key"] = JSON.parse(String(replaced_key));
  return [String(secret_id), ...(replaced ? [replaced.secret_id] : [])];
}
