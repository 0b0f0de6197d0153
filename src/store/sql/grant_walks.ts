/**
 * Ends grants that no index finds, in SQL: an index would cost each new grant a write, for operations that are rare.
 * Each step reads the next grants by primary key, so that none takes long, however many rows there are.
 */
import { grantName } from "../../oauth/ended.ts";
import type { GrantWalk, GrantWalks } from "../grant_walks.ts";
import { placeIn } from "../place.ts";
import type { GrantRecord } from "../records.ts";
import { writeApart } from "./apart.ts";
import type { Row, SqlDriver } from "./driver.ts";
import { listing } from "./ended_tokens.ts";

const NEXT = `SELECT grant_id, client_id, secret_id, replaced_key, revoked_at
  FROM authorization_grant WHERE grant_id > ? ORDER BY grant_id LIMIT ?`;
const REVOKE = `UPDATE authorization_grant SET revoked_at = ?
  WHERE grant_id = ? AND place = ? AND revoked_at IS NULL`;
const REVOKE_OF = `UPDATE authorization_grant SET revoked_at = ?
  WHERE grant_id >= ? AND grant_id <= ? AND created_at <= ? AND revoked_at IS NULL AND client_id IN`;

/** @param isSpread whether a transaction must keep to one place, since the database is distributed */
export function sqlGrantWalks(db: SqlDriver, isSpread: () => boolean): GrantWalks {
  const listed = listing(db.dialect);
  /** Of the next grants, the live ones that are due. */
  async function step({ after, limit }: GrantWalk, isDue: (row: Row) => boolean) {
    const rows = await db.read(NEXT, [after, limit]);
    const due = rows.filter((row) => row.revoked_at === null && isDue(row));
    const last = rows.at(-1);
    return { due, next: last && rows.length === limit ? String(last.grant_id) : null };
  }

  return {
    async revokeGrantsUnder(secret_ids, walk) {
      const { due, next } = await step(walk, (row) =>
        secretsOf(row).some((id) => secret_ids.includes(id)),
      );
      const revocations = due.map((row) => {
        const grant_id = String(row.grant_id);
        const place = placeIn(grant_id);
        return { sql: REVOKE, args: [walk.now, grant_id, place] as const, place };
      });
      const lists = revocations.map(({ args: [, grant_id], place }) => ({
        ...listed.name(grantName(String(grant_id)), place),
        place,
      }));
      await writeApart(db, [...revocations, ...lists], isSpread());
      return { revoked: due.length, next };
    },

    async revokeGrantsOf(client_ids, walk) {
      const { now } = walk;
      const { due, next } = await step(walk, (row) => client_ids.includes(String(row.client_id)));
      const [first, last] = [due[0], due.at(-1)];
      if (!first || !last) return { revoked: 0, next };
      const marks = client_ids.map(() => "?").join(", ");
      const range = [String(first.grant_id), String(last.grant_id)];
      const args = [now, ...range, now, ...client_ids];
      const { changed } = await db.write(`${REVOKE_OF} (${marks})`, args);
      return { revoked: changed, next };
    },
  };
}

/** The present secret and the replaced one: a stranger may have used a key under the replaced one first. */
function secretsOf({ secret_id, replaced_key }: Row): string[] {
  const replaced: GrantRecord["replaced_key"] = JSON.parse(String(replaced_key));
  return [String(secret_id), ...(replaced ? [replaced.secret_id] : [])];
}
