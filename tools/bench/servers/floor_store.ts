/** The database of a bare server: one row is read, inserted or changed by its key, durably. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { POOL_LIMITS } from "../../../src/store/postgres/limits.ts";

export interface FloorStore {
  insert(id: string): Promise<void>;
  find(id: string): unknown;
  advance(id: string): Promise<void>;
  /** Replaces all entries by these. */
  replaceAll(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export const TEXT = "x".repeat(300);
const TABLE = "CREATE TABLE entry (id TEXT PRIMARY KEY, text TEXT, generation INTEGER)";

/** @param place a folder, or the URL of a PostgreSQL database */
export const floorStore = (place: string): Promise<FloorStore> =>
  place.startsWith("postgres:") ? postgresStore(place) : sqliteStore(join(place, "floor.sqlite"));

async function sqliteStore(path: string): Promise<FloorStore> {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${TABLE} STRICT, WITHOUT ROWID`);
  const insert = db.prepare("INSERT INTO entry (id, text, generation) VALUES (?, ?, 0)");
  const find = db.prepare("SELECT * FROM entry WHERE id = ?");
  const advance = db.prepare("UPDATE entry SET generation = generation + 1 WHERE id = ?");
  const commit = groupCommit(db);
  return {
    insert: (id) => commit(() => insert.run(id, TEXT)),
    find: (id) => find.get(id),
    advance: (id) => commit(() => advance.run(id)),
    async replaceAll(ids) {
      db.exec("BEGIN; DELETE FROM entry");
      for (const id of ids) insert.run(id, TEXT);
      db.exec("COMMIT");
    },
    close: async () => db.close(),
  };
}

/** The writes of one event-loop turn share one commit. */
function groupCommit(db: DatabaseSync): (write: () => unknown) => Promise<void> {
  let waiting: { write: () => unknown; resolve: () => void }[] = [];
  const commitAll = (): void => {
    const batch = waiting;
    waiting = [];
    db.exec("BEGIN IMMEDIATE");
    for (const { write } of batch) write();
    db.exec("COMMIT");
    for (const { resolve } of batch) resolve();
  };
  return (write) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setImmediate(commitAll);
      waiting.push({ write, resolve });
    });
}

async function postgresStore(url: string): Promise<FloorStore> {
  const pool = new pg.Pool({ connectionString: url, max: POOL_LIMITS.connections });
  await pool.query(TABLE);
  return {
    async insert(id) {
      const text = "INSERT INTO entry (id, text, generation) VALUES ($1, $2, 0)";
      await pool.query({ name: "insert", text, values: [id, TEXT] });
    },
    async find(id) {
      const text = "SELECT * FROM entry WHERE id = $1";
      const { rows } = await pool.query({ name: "find", text, values: [id] });
      return rows[0];
    },
    async advance(id) {
      const text = "UPDATE entry SET generation = generation + 1 WHERE id = $1";
      await pool.query({ name: "advance", text, values: [id] });
    },
    async replaceAll(ids) {
      await pool.query("TRUNCATE entry");
      const text =
        "INSERT INTO entry (id, text, generation) SELECT id, $2, 0 FROM unnest($1::text[]) AS id";
      await pool.query(text, [ids, TEXT]);
    },
    close: () => pool.end(),
  };
}
