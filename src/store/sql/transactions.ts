/** Stored transactions, in SQL: each change of one is one conditional write. */
import { placeOf } from "../place.ts";
import type { StoredTransaction } from "../records.ts";
import type { TransactionStore } from "../store.ts";
import type { SqlDriver } from "./driver.ts";
import { sqlRecord } from "./record.ts";

const TRANSACTION = sqlRecord<StoredTransaction>({
  table: "stored_transaction",
  key: ["id", "place"],
  columns: {
    id: "text",
    kind: "text",
    client_id: "text",
    sub: "text",
    sealed: "text",
    state: "text",
    next_poll_at: "integer",
    poll_interval: "integer",
    expires_at: "integer",
  },
  computed: { place: ({ id }) => placeOf(id) },
});

const ONE = "id = ? AND place = ?";
const key = (id: string): [string, number] => [id, placeOf(id)];

export function sqlTransactions(db: SqlDriver): TransactionStore {
  const changes = async (sql: string, args: (string | number | null)[]): Promise<boolean> =>
    (await db.write(sql, args)).changed === 1;

  return {
    addTransaction(transaction) {
      const insert = TRANSACTION.insert(transaction, " ON CONFLICT (id, place) DO NOTHING");
      return changes(insert.sql, [...insert.args]);
    },

    async findTransaction(id) {
      const [row] = await db.readValues(`${TRANSACTION.select} WHERE ${ONE}`, key(id));
      return row ? TRANSACTION.parse(row) : null;
    },

    claimTransaction: (id, { sub, previous, now }) =>
      changes(
        `UPDATE stored_transaction SET sub = ?
         WHERE ${ONE} AND state = 'pending' AND expires_at > ? AND (sub IS NULL OR sub = ? OR sub = ?)`,
        [sub, ...key(id), now, sub, previous ?? sub],
      ),

    settleTransaction: (id, { sub, state, now }) =>
      changes(
        `UPDATE stored_transaction SET state = ?
         WHERE ${ONE} AND sub = ? AND state <> 'denied' AND expires_at > ?`,
        [state, ...key(id), sub, now],
      ),

    // `next_poll_at - poll_interval` is the time of the last accepted poll. A refused poll adds a millisecond, so that
    // two polls in one millisecond can be told apart.
    async pollTransaction(id, { now_ms, early_ms, slower }) {
      const { rows } = await db.write(
        `UPDATE stored_transaction SET
           next_poll_at = CASE WHEN next_poll_at <= ? THEN ? + poll_interval * 1000 ELSE next_poll_at + ? END,
           poll_interval = CASE WHEN next_poll_at <= ? THEN poll_interval ELSE poll_interval + ? END
         WHERE ${ONE} RETURNING next_poll_at - poll_interval * 1000 AS last_poll_at`,
        [now_ms + early_ms, now_ms, slower * 1000 + 1, now_ms + early_ms, slower, ...key(id)],
      );
      return Number(rows[0]?.last_poll_at) === now_ms;
    },
  };
}
