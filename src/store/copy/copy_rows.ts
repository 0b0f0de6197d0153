/**
 * Copies all rows from one database to another, in batches by primary key. The source is only read. Rows that exist in
 * the target are compared and left, so that an interrupted copy can be resumed.
 */
import { createHash } from "node:crypto";
import { unwatched, type Watch } from "../progress.ts";
import { DatabaseError, type Row, type SqlDriver, type Value } from "../sql/driver.ts";
import { TABLES, type Table } from "../sql/tables.ts";
import type { Snapshot } from "./snapshot.ts";

const BATCH = 500;
/** Rows that one INSERT takes. */
const CHUNK = 100;

export interface CopiedTable {
  table: string;
  rows: number;
  /** Rows that were missing or different. */
  written: number;
  /** Over all rows, independent of their order: equal for source and target. */
  checksum: string;
}

/** Each row is copied once, and read three times to be compared. */
const COPYING = 1 / 2;
const COMPARING = 1 / 6;

/**
 * @param skipped names of tables that stay as they are
 * @throws DatabaseError when the checksums of the two differ after the copy
 */
export async function copyRows(
  source: Snapshot,
  target: SqlDriver,
  { skipped = [], watch = unwatched }: { skipped?: readonly string[]; watch?: Watch } = {},
): Promise<CopiedTable[]> {
  const tables = TABLES.filter(({ name }) => !skipped.includes(name));
  const total = await countAll(tables, source, watch);
  const copied: CopiedTable[] = [];
  let before = 0;
  for (const table of tables) {
    let part = 0;
    const counted = (what: string, share: number) => (rows: number) => {
      part += rows * share;
      watch({ what: `${what} ${table.name}`, unit: "rows", done: before + part, total });
    };
    const comparing = counted("comparing", COMPARING);
    const written = await copyTable(table, { source, target, passed: counted("copying", COPYING) });
    await prune(table, { source, target, passed: comparing });
    const wanted = await sum(table, source, comparing);
    const found = await sum(table, target, comparing);
    before += wanted.rows;
    if (wanted.rows !== found.rows || wanted.checksum !== found.checksum)
      throw new DatabaseError(
        `${table.name} differs after it was copied: ${wanted.rows} rows there, ${found.rows} here`,
        "somebody else writes to the target: stop every server that uses it, and copy again",
      );
    copied.push({ table: table.name, written, ...wanted });
  }
  return copied;
}

/** Null: it can't be said. */
async function countAll(
  tables: readonly Table[],
  source: Snapshot,
  watch: Watch,
): Promise<number | null> {
  let total: number | null = 0;
  for (const { name } of tables) {
    watch({ what: "counting rows", unit: "rows", done: 0, total: null });
    const rows: number | null = await source.count(name);
    total = total === null || rows === null ? null : total + rows;
  }
  return total;
}

interface Copying {
  source: Snapshot;
  target: SqlDriver;
  passed: Passed;
}
/** Called with the number of rows of each page, when they are done with. */
type Passed = (rows: number) => void;

async function copyTable(table: Table, { source, target, passed }: Copying): Promise<number> {
  let written = 0;
  for await (const rows of pages(table, source, passed)) {
    const there = new Set((await withKeysOf(rows, table, target)).map(hash));
    const missing = rows.filter((row) => !there.has(hash(row)));
    written += missing.length;
    const chunks = Math.floor(missing.length / CHUNK) * CHUNK;
    for (let i = 0; i < chunks; i += CHUNK)
      await upsert(table, missing.slice(i, i + CHUNK), target);
    await target.writeAll(missing.slice(chunks).map((row) => upsertion(table, [row])));
  }
  return written;
}

/** Removes rows that an interrupted copy has brought, and that the source has removed since. */
async function prune(table: Table, { source, target, passed }: Copying): Promise<void> {
  const where = table.key.map((name) => `${name} = ?`).join(" AND ");
  for await (const rows of pages(table, target, passed)) {
    const wanted = new Set(
      (await withKeysOf(rows, table, source)).map((row) => keyText(row, table)),
    );
    const gone = rows.filter((row) => !wanted.has(keyText(row, table)));
    await target.writeAll(
      gone.map((row) => ({
        sql: `DELETE FROM ${table.name} WHERE ${where}`,
        args: keyOf(row, table),
      })),
    );
  }
}

type Reader = Pick<Snapshot, "read">;

async function sum(
  table: Table,
  reader: Reader,
  passed: Passed,
): Promise<{ rows: number; checksum: string }> {
  let count = 0;
  const total = Buffer.alloc(32);
  for await (const rows of pages(table, reader, passed)) {
    count += rows.length;
    for (const row of rows)
      for (const [i, byte] of Buffer.from(hash(row), "hex").entries())
        total.writeUInt8((total.readUInt8(i) + byte) & 255, i);
  }
  return { rows: count, checksum: total.toString("hex", 0, 16) };
}

async function* pages({ name, key }: Table, reader: Reader, passed: Passed): AsyncGenerator<Row[]> {
  const columns = key.join(", ");
  const marks = key.map(() => "?").join(", ");
  const tail = `ORDER BY ${columns} LIMIT ${BATCH}`;
  let rows = await reader.read(`SELECT * FROM ${name} ${tail}`, []);
  const next = `SELECT * FROM ${name} WHERE (${columns}) > (${marks}) ${tail}`;
  while (rows.length > 0) {
    yield rows;
    passed(rows.length);
    const last = rows.at(-1);
    if (!last || rows.length < BATCH) return;
    rows = await reader.read(
      next,
      key.map((column) => last[column] ?? null),
    );
  }
}

/** The number of keys is always the same, so that one prepared statement serves all batches. */
async function withKeysOf(rows: readonly Row[], table: Table, reader: Reader): Promise<Row[]> {
  const [first] = rows;
  if (!first) return [];
  const types = keyOf(first, table).map((value) => (typeof value === "number" ? "BIGINT" : "TEXT"));
  const marks = `(${types.map((type) => `CAST(? AS ${type})`).join(", ")})`;
  const list = Array.from({ length: BATCH }, () => marks).join(", ");
  const keys = Array.from({ length: BATCH }, (_, i) => keyOf(rows[i] ?? first, table)).flat();
  const [only] = table.key;
  return reader.read(
    table.key.length === 1
      ? `SELECT * FROM ${table.name} WHERE ${only} IN (${list})`
      : `SELECT * FROM ${table.name} WHERE (${table.key.join(", ")}) IN (VALUES ${list})`,
    keys,
  );
}

const upsert = (table: Table, rows: readonly Row[], target: SqlDriver) =>
  target.writeAll([upsertion(table, rows)]);

function upsertion({ name, key }: Table, rows: readonly Row[]): { sql: string; args: Value[] } {
  const columns = Object.keys(rows[0] ?? {}).sort();
  const marks = `(${columns.map(() => "?").join(", ")})`;
  const set = columns
    .filter((column) => !key.includes(column))
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");
  return {
    sql: `INSERT INTO ${name} (${columns.join(", ")}) VALUES ${rows.map(() => marks).join(", ")}
      ON CONFLICT (${key.join(", ")}) DO ${set === "" ? "NOTHING" : `UPDATE SET ${set}`}`,
    args: rows.flatMap((row) => columns.map((column) => row[column] ?? null)),
  };
}

const keyOf = (row: Row, { key }: Table): Value[] => key.map((column) => row[column] ?? null);
const keyText = (row: Row, table: Table): string => JSON.stringify(keyOf(row, table));

/** Hash of the values, ordered by column name: the order of a table's columns may differ between databases. */
const hash = (row: Row): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(row).sort(([one], [two]) => (one < two ? -1 : 1))))
    .digest("hex");
