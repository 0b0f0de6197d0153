/** Opens the database that the configuration names, with the secret that belongs to it. */
import type { ServerSecrets } from "../crypto/server_secret.ts";
import { parseDatabase, shownDatabase } from "./database_address.ts";
import {
  type GivenSecrets,
  givenSecrets,
  ownSecrets,
  readKeyFile,
  sqliteExists,
} from "./key_file.ts";
import { postgresDriver } from "./postgres/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "./postgres/limits.ts";
import { DatabaseError, type SqlDriver } from "./sql/driver.ts";
import { schemaVersion } from "./sql/schema.ts";
import { sqlStore } from "./sql/store.ts";
import type { GrantLifetimes } from "./sql/sweep.ts";
import { sqliteDriver } from "./sqlite/driver.ts";
import type { Store } from "./store.ts";

export { parseDatabase, shownDatabase } from "./database_address.ts";
export { type GivenSecrets, keyFileOf } from "./key_file.ts";

export interface StoreConfig {
  database: string;
  lifetimes: GrantLifetimes;
}

export interface OpenedStore {
  store: Store;
  secrets: ServerSecrets;
}

/**
 * Opens the database. A SQLite file is created where there is none, with its key file. PostgreSQL is not connected to
 * before the first use.
 * @throws DatabaseError for an address that is not understood, or a secret that is missing
 * @throws BadSecret for one that is malformed
 */
export function openStore(
  { database, lifetimes }: StoreConfig,
  given: GivenSecrets & GivenClock,
): OpenedStore {
  const { driver, secrets } = openDriver(database, given);
  return { store: sqlStore(driver, lifetimes), secrets };
}

interface GivenClock {
  /** Milliseconds since the epoch. Left out, or with PostgreSQL: the clock of the database. */
  clock?: () => number;
}

/** The driver alone. @throws DatabaseError or BadSecret */
export function openDriver(
  database: string,
  given: GivenSecrets & GivenClock,
  limits: PoolLimits = POOL_LIMITS,
): { driver: SqlDriver; secrets: ServerSecrets } {
  const address = parseDatabase(database);
  if (address.kind === "postgres") {
    const secrets = existingSecrets(database, given);
    return { driver: postgresDriver(address.url, limits), secrets };
  }
  const { path } = address;
  const given_secrets = givenSecrets(given);
  // The key is made together with the database, and only then: a lost key must not be replaced silently.
  if (!sqliteExists(path)) {
    const secrets = given_secrets ?? ownSecrets(path, given);
    return { driver: sqliteDriver(path, given.clock), secrets };
  }
  // Errors of the file itself are reported first.
  const driver = sqliteDriver(path, given.clock);
  try {
    return { driver, secrets: given_secrets ?? ownSecrets(path, given) };
  } catch (error) {
    driver.close().catch(() => {});
    throw error;
  }
}

/**
 * Opens an existing database without its secret, which many commands do not need. Creates nothing.
 * @throws DatabaseError
 */
export async function openExistingStore({ database, lifetimes }: StoreConfig): Promise<Store> {
  return sqlStore(await openExistingDriver(database), lifetimes);
}

/** The driver of an existing database alone, to copy rows. */
export async function openExistingDriver(database: string): Promise<SqlDriver> {
  const address = parseDatabase(database);
  if (address.kind === "postgres") {
    const driver = postgresDriver(address.url);
    if (await holdsSchema(driver)) return driver;
    await driver.close();
    throw new DatabaseError(
      `no tables of valetkey in ${shownDatabase(database)}`,
      "`valetkey migrate` and `valetkey start` make them",
    );
  }
  const { path } = address;
  if (!sqliteExists(path))
    throw new DatabaseError(
      path === ":memory:" ? "a database in memory is its server's alone" : `no database at ${path}`,
      "name it with --database sqlite:FILE; `valetkey start` makes a new one",
    );
  return sqliteDriver(path);
}

/**
 * The secret of an existing database. Creates nothing.
 * @throws DatabaseError when it is missing, BadSecret for one that is malformed
 */
export function existingSecrets(database: string, given: GivenSecrets): ServerSecrets {
  const address = parseDatabase(database);
  const secrets = givenSecrets(given);
  if (secrets !== null) return secrets;
  if (address.kind === "sqlite") return readKeyFile(address.path, given);
  throw new DatabaseError(
    "with PostgreSQL the server's secret has to be given, and it is not",
    "set VALETKEY_SECRET or name a file with --secret-file, the same on every node; `valetkey secret` prints one",
  );
}

/** Whether the database exists and has the schema of Valetkey. @throws DatabaseError or DatabaseUnavailable */
export async function databaseExists(database: string): Promise<boolean> {
  const address = parseDatabase(database);
  if (address.kind === "sqlite") return sqliteExists(address.path);
  const driver = postgresDriver(address.url);
  try {
    return (await schemaVersion(driver)) > 0;
  } finally {
    await driver.close();
  }
}

async function holdsSchema(driver: SqlDriver): Promise<boolean> {
  try {
    return (await schemaVersion(driver)) > 0;
  } catch (error) {
    await driver.close();
    throw error;
  }
}
