/** Imported by each process of a race: opens the store at an address. */
import { CONFORMANCE_LIFETIMES, type Store } from "../../src/store/conformance/conformance.ts";
import { parseDatabase } from "../../src/store/database_address.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";

export async function open(database: string): Promise<Store> {
  const address = parseDatabase(database);
  const driver =
    address.kind === "postgres" ? postgresDriver(address.url) : sqliteDriver(address.path);
  return sqlStore(driver, CONFORMANCE_LIFETIMES);
}
