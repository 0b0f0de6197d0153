/** What `valetkey migrate` would do to a database, as SQL to read. Nothing is made and nothing is changed. */
import { parseDatabase } from "./database_address.ts";
import { sqliteExists } from "./key_file.ts";
import { CITUS } from "./postgres/distribute.ts";
import { POSTGRES, postgresDriver } from "./postgres/driver.ts";
import type { SqlDriver, Statement } from "./sql/driver.ts";
import { pendingStatements, schemaVersion } from "./sql/schema.ts";
import { SQLITE, sqliteDriver } from "./sqlite/driver.ts";

export interface Plan {
  from: number;
  /** Each ends with a semicolon. */
  sql: string[];
}

/** @throws DatabaseError or DatabaseUnavailable when the database can't be read */
export async function planMigration(
  database: string,
  { distribute }: { distribute: boolean },
): Promise<Plan> {
  const address = parseDatabase(database);
  const dialect = address.kind === "postgres" ? POSTGRES : SQLITE;
  const from = await versionOf(address);
  const pending = pendingStatements(from, dialect);
  const sql = pending.length === 0 ? [] : ["BEGIN", ...pending.map(written), "COMMIT"];
  if (distribute) sql.push(...CITUS.map((each) => each.sql));
  return { from, sql: sql.map((each) => `${each};`) };
}

async function versionOf(address: ReturnType<typeof parseDatabase>): Promise<number> {
  if (address.kind === "sqlite")
    return sqliteExists(address.path) ? ask(sqliteDriver(address.path)) : 0;
  return ask(postgresDriver(address.url));
}

async function ask(driver: SqlDriver): Promise<number> {
  try {
    return await schemaVersion(driver);
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
