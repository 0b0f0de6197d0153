/** Adds many rows to a table, copied from one of its rows, whatever columns the table has. */
import type { SqlDriver, Value } from "../../src/store/sql/driver.ts";

const CHUNK = 100_000;

/** @param columns SQL of the columns that differ, with `i` as the number of the row, from 1 on */
export async function multiply(
  driver: SqlDriver,
  table: string,
  { count, columns }: { count: number; columns: Readonly<Record<string, string | number>> },
): Promise<void> {
  const [row] = await driver.read(`SELECT * FROM ${table} LIMIT 1`, []);
  if (row === undefined) throw new Error(`no row stands in ${table}`);
  const names = Object.keys(row);
  const unknown = Object.keys(columns).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${table} has no ${unknown.join(", ")}`);
  const same = names.filter((name) => !(name in columns)).map((name) => row[name] ?? null);
  const values = names.map((name) => columns[name] ?? literal(row[name] ?? null)).join(", ");
  for (let from = 1; from <= count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK - 1);
    await driver.write(
      `INSERT INTO ${table} (${names.join(", ")})
       WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
       SELECT ${values} FROM n`,
      same.filter((value) => value !== null),
    );
  }
}

function literal(value: Value): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? "CAST(? AS BIGINT)" : "CAST(? AS TEXT)";
}
