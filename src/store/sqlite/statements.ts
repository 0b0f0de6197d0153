/** Statements on one connection to SQLite: each is prepared once. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Row, Value } from "../sql/driver.ts";
import { explainSqlite } from "./errors.ts";

export type Prepare = (sql: string) => StatementSync;

export function preparer(db: DatabaseSync): Prepare {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

/** To its last row: a cursor that stays open would keep the file from shrinking, and see old rows. */
export function reader(prepare: Prepare) {
  return async (sql: string, args: readonly Value[]): Promise<Row[]> => {
    try {
      return prepare(sql).all(...args) as Row[];
    } catch (error) {
      throw explainSqlite(error);
    }
  };
}
