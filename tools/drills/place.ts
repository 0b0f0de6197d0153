/** The database of a drill's server: a real SQLite file or a real PostgreSQL, made for the drill. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { openExistingDriver } from "../../src/store/open_store.ts";
import type { Row } from "../../src/store/sql/driver.ts";
import { type OwnPostgres, startOwnPostgres } from "../../test/support/postgres.ts";

export interface Place {
  kind: "sqlite" | "postgres";
  folder: string;
  /** As `--database` takes it. */
  database: string;
  /** Null on SQLite. */
  postgres: OwnPostgres | null;
  /** Opens the database for this query only: on SQLite no other process may have it open when a server recovers it. */
  read(sql: string, args?: (string | number)[]): Promise<Row[]>;
  /** Checks every page and index. @returns the problem, or `ok` */
  integrity(): Promise<string>;
  /** Bytes on disk. */
  size(): Promise<number>;
  close(): Promise<void>;
}

export async function openPlace(kind: Place["kind"], at: string = tmpdir()): Promise<Place> {
  const folder = mkdtempSync(join(at, "valetkey-drill-"));
  if (kind === "sqlite") return sqlitePlace(folder);
  const postgres = await startOwnPostgres();
  return postgresPlace(folder, postgres);
}

export function sqlitePlace(folder: string): Place {
  const file = join(folder, "valetkey.sqlite");
  const database = `sqlite:${file}`;
  return {
    kind: "sqlite",
    folder,
    database,
    postgres: null,
    read: reader(database),
    async integrity() {
      const db = new DatabaseSync(file);
      const [row] = db.prepare("PRAGMA integrity_check").all();
      db.close();
      return String(row?.integrity_check);
    },
    async size() {
      const sizes = ["", "-wal"].map(
        (end) => statSync(file + end, { throwIfNoEntry: false })?.size,
      );
      return sizes.reduce((sum: number, size) => sum + (size ?? 0), 0);
    },
    async close() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function postgresPlace(folder: string, postgres: OwnPostgres): Promise<Place> {
  const database = await postgres.newDatabase();
  const read = reader(database);
  return {
    kind: "postgres",
    folder,
    database,
    postgres,
    read,
    async integrity() {
      // Reads each table in full, and checks that each index agrees with its table.
      await postgres.query("CREATE EXTENSION IF NOT EXISTS amcheck");
      const tables = await read(
        `SELECT c.oid::int AS oid, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'i')`,
      );
      for (const { oid, kind } of tables)
        if (kind === "i")
          await postgres.query(`SELECT bt_index_check(${Number(oid)}::oid::regclass, true)`);
      return tables.length > 0 ? "ok" : "there are no tables";
    },
    async size() {
      const [row] = await read("SELECT pg_database_size(current_database())::bigint AS size");
      return Number(row?.size);
    },
    async close() {
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function reader(database: string): Place["read"] {
  return async (sql, args = []) => {
    const driver = await openExistingDriver(database);
    try {
      return await driver.read(sql, args);
    } finally {
      await driver.close();
    }
  };
}

/** Simulates a power failure: no connection is closed in order, nothing is flushed. */
export async function crashPostgres(place: Place): Promise<void> {
  const [row] = await place.read(
    "SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int AS pid",
  );
  process.kill(Number(row?.pid), "SIGQUIT");
  while (
    await place.read("SELECT 1 AS one").then(
      () => true,
      () => false,
    )
  )
    await sleep(20);
  await place.postgres?.interrupt();
}
