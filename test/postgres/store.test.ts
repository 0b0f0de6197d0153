/** The same store, on a real PostgreSQL. */
import { after, before } from "node:test";
import { CONFORMANCE_LIFETIMES, testStore } from "../../src/store/conformance/conformance.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const openAt = (url: string) => sqlStore(postgresDriver(url), CONFORMANCE_LIFETIMES);

testStore("PostgreSQL", async () => openAt(await postgres.newDatabase()), {
  openTwice: async () => {
    const url = await postgres.newDatabase();
    return [openAt(url), openAt(url)];
  },
});
