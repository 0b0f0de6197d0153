/** Statements on one connection to SQLite: each is prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { SqlDriver, Value } from "../sql/driver.ts";
import { explainSqlite } from "./errors.ts";

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

/** Reads to the last row: an open cursor would keep the file from shrinking, and see old rows. */
function reader<Row>(prepare: Prepare) {
  return async (sql: string, args: readonly Value[]): Promise<Row[]> => {
    try {
      return prepare(sql).all(...args) as Row[];
    } catch (error) {
      throw explainSqlite(error);
    }
  };
}
