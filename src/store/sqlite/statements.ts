/** Statements on one connection to SQLite: each is prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import type { SqlDriver, Value } from "../sql/driver.ts";
import { explainSqlite, isBusy } from "./errors.ts";
import { BUSY_TIMEOUT, TRY_AGAIN_EVERY } from "./file.ts";

export type Prepare = (sql: string) => StatementSync;

/** @param arrays whether rows are lists of values */
export function preparer(db: DatabaseSync, { arrays = false } = {}): Prepare {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    if (arrays) statement.setReturnArrays(true);
    prepared.set(sql, statement);
    return statement;
  };
}

/** The reading operations of one connection. */
export const readers = (db: DatabaseSync): Pick<SqlDriver, "read" | "readValues"> => ({
  read: reader(preparer(db)),
  readValues: reader(preparer(db, { arrays: true })),
});

/** A reader waits for a lock only where the file is being repaired after a crash. Other requests go on meanwhile. */
async function readLater<Row>(read: () => Row[]): Promise<Row[]> {
  const until = performance.now() + BUSY_TIMEOUT;
  for (;;) {
    await setTimeout(TRY_AGAIN_EVERY);
    try {
      return read();
    } catch (error) {
      if (!isBusy(error) || performance.now() > until) throw explainSqlite(error);
    }
  }
}

/** Reads to the last row: an open cursor would keep the file from shrinking, and see old rows. */
function reader<Row>(prepare: Prepare) {
  const began = (sql: string, args: readonly Value[]) => prepare(sql).all(...args) as Row[];
  return async (sql: string, args: readonly Value[]): Promise<Row[]> => {
    try {
      return began(sql, args);
    } catch (error) {
      if (!isBusy(error)) throw explainSqlite(error);
    }
    return readLater(() => began(sql, args));
  };
}
