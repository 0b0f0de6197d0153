/** Two processes race for the rows of one database: two nodes on PostgreSQL, a server and a command on SQLite. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { testStoreInProcesses } from "../../src/store/conformance/conformance.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-races-"));
const module = new URL("./open_store.ts", import.meta.url);
let postgres: TestPostgres;
let files = 0;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

testStoreInProcesses("SQLite", {
  module,
  newDatabase: async () => {
    files += 1;
    return `sqlite:${join(folder, `${files}.sqlite`)}`;
  },
});
testStoreInProcesses("PostgreSQL", { module, newDatabase: () => postgres.newDatabase() });
testStoreInProcesses("statements that keep to one key", {
  module: new URL("./open_spread_store.ts", import.meta.url),
  newDatabase: () => postgres.newDatabase(),
});
