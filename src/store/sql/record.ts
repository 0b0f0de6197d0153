/** How a record becomes a row and back: each column once, with how it is written. */
import type { Row, Statement, Value } from "./driver.ts";

/** `text` and `integer`: as it is, or null. `flag`: 0 or 1. `json`: text of an array or object. */
export type Column = "text" | "integer" | "flag" | "json";

export interface SqlRecord<T> {
  readonly columns: readonly string[];
  /**
   * `SELECT columns FROM table`. Each is named: what is prepared goes on working when a newer version of
   * Valetkey adds a column.
   */
  readonly select: string;
  /** `INSERT INTO table (columns) SELECT values`, to be followed by WHERE: for an insert with a condition. */
  readonly insert_select: string;
  values(record: T): Value[];
  parse(row: Row): T;
  /** @param tail what follows VALUES (…), such as ON CONFLICT */
  insert(record: T, tail?: string): Statement;
  /**
   * Sets every column but the key.
   * @param before what the row has to be, still
   */
  update(record: T, before?: T): Statement;
}

export function sqlRecord<T extends object>(
  table: string,
  key: keyof T & string,
  columns: { readonly [K in keyof T & string]: Column },
): SqlRecord<T> {
  const entries = Object.entries<Column>(columns);
  const names = entries.map(([name]) => name);
  const marks = names.map(() => "?").join(", ");
  const insert_sql = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`;
  // In a SELECT nothing says of which type a value is, but for the cast.
  const casts = entries.map(([, column]) => `CAST(? AS ${isNumber(column) ? "BIGINT" : "TEXT"})`);
  const insert_select = `INSERT INTO ${table} (${names.join(", ")}) SELECT ${casts.join(", ")}`;
  const isKey = ([name]: readonly [string, Column]) => name === key;
  const others = entries.filter((entry) => !isKey(entry));
  const update_sql = `UPDATE ${table} SET ${others.map(([name]) => `${name} = ?`).join(", ")} WHERE ${key} = ?`;
  const update_order = [...others, ...entries.filter(isKey)];
  const unchanged_sql = others.map(([name]) => ` AND ${name} IS NOT DISTINCT FROM ?`).join("");

  // Straight into a list: a row object with so many computed keys took ten times as long.
  const valuesOf = (record: T, order: typeof entries): Value[] => {
    const fields = record as Record<string, unknown>;
    return order.map(([name, column]) => write(fields[name], column));
  };
  const values = (record: T) => valuesOf(record, entries);
  return {
    columns: names,
    select: `SELECT ${names.join(", ")} FROM ${table}`,
    insert_select,
    values,
    parse(row) {
      const record: Record<string, unknown> = {};
      for (const [name, column] of entries) record[name] = read(row[name] ?? null, column);
      return record as T;
    },
    insert: (record, tail = "") => ({ sql: insert_sql + tail, args: values(record) }),
    update: (record, before) => ({
      sql: before ? update_sql + unchanged_sql : update_sql,
      args: [...valuesOf(record, update_order), ...(before ? valuesOf(before, others) : [])],
      must_change: true,
    }),
  };
}

const isNumber = (column: Column): boolean => column === "integer" || column === "flag";

function write(value: unknown, column: Column): Value {
  if (column === "json") return JSON.stringify(value);
  if (column === "flag") return value ? 1 : 0;
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function read(value: Value, column: Column): unknown {
  if (column === "json") return JSON.parse(String(value));
  return column === "flag" ? value === 1 : value;
}
