/** A read-only view of a database at one moment, while others go on writing to it. */
import { DatabaseSync } from "node:sqlite";
import type { PoolClient } from "pg";
import { parseDatabase, shownDatabase } from "../database_address.ts";
import { sqliteExists } from "../key_file.ts";
import { POSTGRES } from "../postgres/driver.ts";
import { postgresErrors } from "../postgres/errors.ts";
import { POOL_LIMITS } from "../postgres/limits.ts";
import { openPool } from "../postgres/pool.ts";
import { namedRows, send } from "../postgres/query.ts";
import { DatabaseError, type Row, type SqlDriver, type Value } from "../sql/driver.ts";
import { NEWEST_SCHEMA, schemaVersion } from "../sql/schema.ts";
import { SQLITE } from "../sqlite/driver.ts";
import { explainSqlite } from "../sqlite/errors.ts";

export interface Snapshot extends Pick<SqlDriver, "dialect" | "read" | "close"> {
  /** The number of rows; null: it takes too long to count them. */
  count(table: string): Promise<number | null>;
}

/** @throws DatabaseError when there is no schema of Valetkey, or one of another version */
export async function openSnapshot(database: string): Promise<Snapshot> {
  const address = parseDatabase(database);
  if (address.kind === "sqlite" && !sqliteExists(address.path))
    throw new DatabaseError(`no database at ${address.path}`, "name the file to read");
  const snapshot =
    address.kind === "sqlite" ? sqliteSnapshot(address.path) : await postgresSnapshot(address.url);
  try {
    checkVersion(await schemaVersion(snapshot), database);
    return snapshot;
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

const countOf = (table: string): string => `SELECT count(*) AS rows FROM ${table}`;

function checkVersion(version: number, database: string): void {
  const shown = shownDatabase(database);
  if (version === NEWEST_SCHEMA) return;
  throw new DatabaseError(
    version === 0
      ? `no tables of valetkey in ${shown}`
      : `${shown} has schema ${version}, and not ${NEWEST_SCHEMA}`,
    "`valetkey migrate` brings a database, or a copy of a backup, up to date",
  );
}

function sqliteSnapshot(path: string): Snapshot {
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    db.exec("BEGIN");
    const read: Snapshot["read"] = async (sql, args) => {
      try {
        return db.prepare(sql).all(...args) as Row[];
      } catch (error) {
        throw explainSqlite(error);
      }
    };
    return {
      dialect: SQLITE,
      read,
      count: async (table) => Number((await read(countOf(table), []))[0]?.rows),
      close: async () => db.close(),
    };
  } catch (error) {
    throw explainSqlite(error);
  }
}

/** Milliseconds for a statement. */
const PATIENCE = 60_000;
/** The target of a copy may be slower than any request. */
const OPENING = [
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
  "SET LOCAL idle_in_transaction_session_timeout = 0",
  `SET LOCAL statement_timeout = ${PATIENCE}`,
];

async function postgresSnapshot(url: string): Promise<Snapshot> {
  const explain = postgresErrors(url);
  const pool = await openPool(url, { ...POOL_LIMITS, connections: 1 });
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explain(error);
    }
  };
  let client: PoolClient | null = null;
  const close = async (): Promise<void> => {
    client?.release(true);
    await pool.end();
  };
  const ask = (sql: string, args: readonly Value[] = []): Promise<Row[]> =>
    explained(async () => {
      client ??= await pool.connect();
      return namedRows(await send(client, { sql, args }, PATIENCE + 1000));
    });
  try {
    for (const sql of OPENING) await ask(sql);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    dialect: POSTGRES,
    async count(table) {
      await ask("SAVEPOINT before_count");
      try {
        return Number((await ask(countOf(table)))[0]?.rows);
      } catch {
        // Most likely the time is up. The transaction goes on, and so does the copy.
        await ask("ROLLBACK TO SAVEPOINT before_count");
        return null;
      }
    },
    read: ask,
    close,
  };
}
