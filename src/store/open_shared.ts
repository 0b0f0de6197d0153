/**
 * Opens the database for a node of several processes: a primary that runs the background jobs, and workers that answer
 * requests.
 */

import { parseDatabase } from "./database_address.ts";
import type { GivenSecrets } from "./key_file.ts";
import { existingSecrets, type OpenedStore, openDriver, type StoreConfig } from "./open_store.ts";
import { postgresDriver } from "./postgres/driver.ts";
import { POOL_LIMITS } from "./postgres/limits.ts";
import type { SqlDriver } from "./sql/driver.ts";
import { sqlStore } from "./sql/store.ts";
import { sqliteWorkerDriver } from "./sqlite/worker_driver.ts";
import type { RemoteWriter } from "./sqlite/writer_channel.ts";

/** Connections of the process that answers no request. */
const FOR_THE_HOUSE = 2;
const LEAST = 4;

/** A node of several processes holds about as many connections as a node of one process. */
const connectionsOf = (workers: number): number =>
  Math.max(LEAST, Math.floor((POOL_LIMITS.connections - FOR_THE_HOUSE) / workers));

/**
 * For the primary, which creates and migrates the database. With SQLite it is the only process that writes.
 * @throws DatabaseError or BadSecret
 */
export function openForPrimary(
  { database, lifetimes }: StoreConfig,
  given: GivenSecrets,
): OpenedStore & { writeAll: SqlDriver["writeAll"] } {
  const limits = { ...POOL_LIMITS, connections: FOR_THE_HOUSE };
  const { driver, secrets } = openDriver(database, given, limits);
  return { store: sqlStore(driver, lifetimes), secrets, writeAll: driver.writeAll };
}

/**
 * For a worker, after the primary has opened the database.
 * @param writer takes the writes to a SQLite file; PostgreSQL needs none
 * @throws DatabaseError or BadSecret
 */
export function openForWorker(
  { database, lifetimes }: StoreConfig,
  given: GivenSecrets,
  { writer, workers }: { writer: RemoteWriter; workers: number },
): OpenedStore {
  const secrets = existingSecrets(database, given);
  const address = parseDatabase(database);
  const driver =
    address.kind === "sqlite"
      ? sqliteWorkerDriver(address.path, writer)
      : postgresDriver(address.url, { ...POOL_LIMITS, connections: connectionsOf(workers) });
  return { store: sqlStore(driver, lifetimes), secrets };
}
