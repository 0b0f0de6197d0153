/** The statements of `valetkey migrate`, as SQL to read. Nothing is created or changed. */
import { parseDatabase } from "./database_address.ts";
import { sqliteExists } from "./key_file.ts";
import { CITUS, type Distribution, undistributed } from "./postgres/distribute.ts";
import { POSTGRES, postgresDriver } from "./postgres/driver.ts";
import type { SqlDriver, Statement } from "./sql/driver.ts";
import { pendingStatements, schemaVersion } from "./sql/schema.ts";
import { SQLITE, sqliteDriver } from "./sqlite/driver.ts";

export interface MigrationPlan {
  from: number;
  /** Each ends with a semicolon. */
  sql: string[];
}

/** @throws DatabaseError or DatabaseUnavailable when the database can't be read */
export async function planMigration(
  database: string,
  { distribute }: { distribute: boolean },
): Promise<MigrationPlan> {
  const address = parseDatabase(database);
  const dialect = address.kind === "postgres" ? POSTGRES : SQLITE;
  const { from, missing } = await stateOf(address);
  const pending = pendingStatements(from, dialect);
  const sql = pending.length === 0 ? [] : ["BEGIN", ...pending.map(written), "COMMIT"];
  if (distribute) sql.push(...missing.flatMap((each) => each.sql));
  return { from, sql: sql.map((each) => `${each};`) };
}

interface State {
  /** The version of the schema that is there. */
  from: number;
  /** The tables that are not distributed yet, on a database with Citus. */
  missing: readonly Distribution[];
}

async function stateOf(address: ReturnType<typeof parseDatabase>): Promise<State> {
  if (address.kind === "postgres") return ask(postgresDriver(address.url));
  return sqliteExists(address.path) ? ask(sqliteDriver(address.path)) : { from: 0, missing: CITUS };
}

async function ask(driver: SqlDriver): Promise<State> {
  try {
    return {
      from: await schemaVersion(driver),
      missing: (await undistributed(driver)) ?? CITUS,
    };
  } finally {
    await driver.close();
  }
}

/** Only whole numbers are among the arguments of a migration. */
function written({ sql, args }: Statement): string {
  let count = 0;
  return sql.replaceAll("?", () => {
    const value = args[count];
    count += 1;
    return String(value);
  });
}
