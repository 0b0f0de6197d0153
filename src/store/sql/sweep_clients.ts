/** Removes clients that registered themselves and are not used (RFC 7591 §5), with everything that belongs to them. */
import type { Directory } from "./directory_writes.ts";
import type { Row, SqlDriver } from "./driver.ts";

/** All statements have to see the same rows, so the id orders rows that are due in the same second. */
const ORDER = "WHERE expires_at <= ? ORDER BY expires_at, client_id LIMIT ?";
const DUE = `SELECT client_id FROM client ${ORDER}`;
const UNUSED = `SELECT client_id FROM (SELECT client_id, kept_at FROM client ${ORDER}) AS due
  WHERE kept_at IS NULL`;

/**
 * Reads only, while nothing is due: a version that rises empties the cache of every node.
 * @returns the number of clients that were due
 */
export async function sweepClients(
  db: SqlDriver,
  { change, endClients }: Directory,
  { now, batch }: { now: number; batch: number },
): Promise<number> {
  const which = [now, batch];
  const due = await db.read(`SELECT client_id, created_at, kept_at FROM client ${ORDER}`, which);
  if (due.length === 0) return 0;
  const used = due.filter(({ kept_at }) => kept_at !== null);
  await change(
    ["clients"],
    [
      { sql: `DELETE FROM client_logo WHERE client_id IN (${DUE})`, args: which },
      // Nobody agreed to these, so no event is worth keeping: strangers must not fill the table with them.
      { sql: `DELETE FROM directory_event WHERE client_id IN (${UNUSED})`, args: which },
      // The condition is repeated, since a client may be used at this moment.
      {
        sql: `DELETE FROM client WHERE client_id IN (${DUE}) AND expires_at <= ?`,
        args: [...which, now],
      },
      // The grants of used ones have expired.
      ...endClients(used.map(ended), { now, consents: true }),
    ],
  );
  return due.length;
}

const ended = ({ client_id, created_at }: Row) => ({
  client_id: String(client_id),
  created_at: Number(created_at),
});
