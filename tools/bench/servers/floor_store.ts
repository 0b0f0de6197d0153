/** The database of a bare server: one row is read, inserted or changed by its key, durably. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { postgresDriver } from "../../../src/store/postgres/driver.ts";

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

/** The driver of Valetkey, so that reads and writes of one turn go together here too, and no rule above it. */
async function postgresStore(url: string): Promise<FloorStore> {
  const db = postgresDriver(url);
  await db.write(TABLE, []);
  return {
    async insert(id) {
      await db.write("INSERT INTO entry (id, text, generation) VALUES (?, ?, 0)", [id, TEXT]);
    },
    async find(id) {
      const [row] = await db.readValues("SELECT id, text, generation FROM entry WHERE id = ?", [
        id,
      ]);
      return row;
    },
    async advance(id) {
      await db.write("UPDATE entry SET generation = generation + 1 WHERE id = ?", [id]);
    },
    async replaceAll(ids) {
      await db.write("TRUNCATE entry", []);
      const sql =
        "INSERT INTO entry (id, text, generation) SELECT id, ?, 0 FROM json_array_elements_text(CAST(? AS json)) AS id";
      await db.write(sql, [TEXT, JSON.stringify(ids)]);
    },
    close: () => db.close(),
  };
}
