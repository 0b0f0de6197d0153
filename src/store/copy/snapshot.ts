/** A read-only view of a database at one moment, while others go on writing to it. */
import { DatabaseSync } from "node:sqlite";
import { parseDatabase, shownDatabase } from "../database_address.ts";
import { sqliteExists } from "../key_file.ts";
import { POSTGRES } from "../postgres/driver.ts";
import { postgresErrors } from "../postgres/errors.ts";
import { POOL_LIMITS } from "../postgres/limits.ts";
import { openPool } from "../postgres/pool.ts";
import { DatabaseError, type Row, type SqlDriver } from "../sql/driver.ts";
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
  const client = await explained(() => pool.connect());
  // The target of a copy may be slower than any request.
  for (const sql of [
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL statement_timeout = '60s'",
  ])
    await explained(() => client.query(sql));
  return {
    dialect: POSTGRES,
    async count(table) {
      await explained(() => client.query("SAVEPOINT before_count"));
      try {
        return Number((await client.query<Row>(countOf(table))).rows[0]?.rows);
      } catch {
        // Most likely the time is up. The transaction goes on, and so does the copy.
        await explained(() => client.query("ROLLBACK TO SAVEPOINT before_count"));
        return null;
      }
    },
    async read(sql, args) {
      let count = 0;
      const text = sql.replaceAll("?", () => {
        count += 1;
        return `$${count}`;
      });
      return (await explained(() => client.query<Row>(text, [...args]))).rows;
    },
    async close() {
      client.release(true);
      await pool.end();
    },
  };
}
