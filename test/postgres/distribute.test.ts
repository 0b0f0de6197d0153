/** `valetkey migrate --distribute`: what it changes, what it plans, and what it leaves alone. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { CONFORMANCE_LIFETIMES } from "../../src/store/conformance/conformance.ts";
import { sampleAccount, sampleClient, sampleSession } from "../../src/store/conformance/samples.ts";
import { planMigration } from "../../src/store/migration_plan.ts";
import { CITUS, distributeOverCitus } from "../../src/store/postgres/distribute.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { DatabaseError } from "../../src/store/sql/driver.ts";
import { migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { TABLES } from "../../src/store/sql/tables.ts";
import { fakeCitus } from "../support/fake_citus.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const SPREAD = TABLES.filter(({ is_spread }) => is_spread).map(({ name }) => name);
const planOf = async (url: string) => (await planMigration(url, { distribute: true })).sql;
const cleared = (name: string) => `SELECT truncate_local_data_after_distributing_table('${name}');`;

test("the plan is SQL that makes the schema, and printing it changes nothing", async () => {
  const url = await postgres.newDatabase();
  const plan = await planMigration(url, { distribute: false });
  assert.equal(plan.from, 0);
  assert.deepEqual(await planMigration(url, { distribute: false }), plan);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(plan.sql.join("\n"));
  await client.end();
  const driver = postgresDriver(url);
  assert.equal(await migrate(driver), 0);
  await driver.close();
  assert.deepEqual(
    await planOf(url),
    CITUS.flatMap(({ sql }) => sql.map((each) => `${each};`)),
  );

  const folder = mkdtempSync(join(tmpdir(), "valetkey-plan-"));
  const path = join(folder, "new.sqlite");
  const { sql } = await planMigration(`sqlite:${path}`, { distribute: false });
  assert.match(sql.join("\n"), /CREATE TABLE authorization_grant .*WITHOUT ROWID/s);
  assert.equal(existsSync(path), false);
  rmSync(folder, { recursive: true });
});

test("tables with a place are distributed by it and colocated; directory tables stay local", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  const driver = postgresDriver(citus.url);
  const store = sqlStore(driver, CONFORMANCE_LIFETIMES);
  await store.migrate();
  await store.createClient(sampleClient({ client_id: "printly" }));
  await store.createAccount(sampleAccount(), ["ada"]);
  await store.createSession(sampleSession());
  assert.deepEqual(await distributeOverCitus(citus.url), SPREAD);
  const rows = await citus.query(
    "SELECT logicalrelid::text AS name, by_column, with_table FROM pg_dist_partition",
  );
  assert.deepEqual(
    rows,
    SPREAD.map((name, i) => ({
      name,
      by_column: "place",
      with_table: i === 0 ? "none" : SPREAD[0],
    })),
  );
  // On a real Citus these rows are on the nodes now.
  assert.deepEqual(await citus.query("SELECT session_id FROM session"), []);
  assert.ok(await store.findClient("printly"));
  assert.ok(await store.findAccountByLogin("ada"));
  await store.close();
});

test("distributed tables are skipped; rows left behind by an interrupted run are removed", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  const store = sqlStore(postgresDriver(citus.url), CONFORMANCE_LIFETIMES);
  await store.migrate();
  await store.createSession(sampleSession());
  await citus.query("SELECT create_distributed_table('session', 'place', colocate_with => 'none')");
  const rest = CITUS.slice(1).flatMap(({ sql }) => sql.map((each) => `${each};`));
  assert.deepEqual(await planOf(citus.url), [cleared("session"), ...rest]);
  assert.deepEqual(await distributeOverCitus(citus.url), SPREAD);
  assert.deepEqual(await planOf(citus.url), []);
  assert.deepEqual(await distributeOverCitus(citus.url), []);
  await store.createSession(sampleSession());
  assert.deepEqual(await planOf(citus.url), [cleared("session")]);
  await store.close();
});

test("without Citus nothing is distributed, and the error says so", async () => {
  const url = await postgres.newDatabase();
  await assert.rejects(
    distributeOverCitus(url),
    (error) => error instanceof DatabaseError && /extension citus is not/.test(error.message),
  );
});
