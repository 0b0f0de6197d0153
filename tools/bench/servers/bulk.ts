/** Writes many rows at once, bypassing the server, before a benchmark begins. */
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { parseDatabase } from "../../../src/store/database_address.ts";
import type { Row } from "../../../src/store/sql/driver.ts";

export interface Bulk {
  insert(table: string, rows: readonly Row[]): Promise<void>;
  removeAll(table: string): Promise<void>;
  /** Lets the database do its maintenance now instead of later. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** @param database the `database` of the configuration */
export async function openBulk(database: string): Promise<Bulk> {
  const address = parseDatabase(database);
  return address.kind === "postgres" ? postgresBulk(address.url) : sqliteBulk(address.path);
}

function sqliteBulk(path: string): Bulk {
  const db = new DatabaseSync(path, { timeout: 5000 });
  db.exec("PRAGMA synchronous = NORMAL");
  return {
    async insert(table, rows) {
      const names = Object.keys(rows[0] ?? {});
      if (names.length === 0) return;
      const marks = names.map(() => "?").join(", ");
      const insert = db.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${marks})`);
      db.exec("BEGIN IMMEDIATE");
      for (const row of rows) insert.run(...Object.values(row));
      db.exec("COMMIT");
    },
    async removeAll(table) {
      db.exec(`DELETE FROM ${table}`);
    },
    async settle() {
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    },
    close: async () => db.close(),
  };
}

async function postgresBulk(url: string): Promise<Bulk> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async insert(table, rows) {
      const names = Object.keys(rows[0] ?? {}).join(", ");
      if (names === "") return;
      const text = `INSERT INTO ${table} (${names}) SELECT ${names} FROM json_populate_recordset(null::${table}, $1)`;
      await client.query(text, [JSON.stringify(rows)]);
    },
    async removeAll(table) {
      await client.query(`TRUNCATE ${table}`);
    },
    async settle() {
      await client.query("VACUUM ANALYZE");
      await client.query("CHECKPOINT");
    },
    close: () => client.end(),
  };
}
