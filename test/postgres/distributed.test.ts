/** What makes the schema fit for a distributed PostgreSQL: shown on a plain one, since none is at hand here. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import pg from "pg";
import { parseConfig } from "../../src/config.ts";
import { CONFORMANCE_LIFETIMES, testStore } from "../../src/store/conformance/conformance.ts";
import { planMigration } from "../../src/store/migration_plan.ts";
import { CITUS, distributeOverCitus } from "../../src/store/postgres/distribute.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { DatabaseError } from "../../src/store/sql/driver.ts";
import { migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { TABLES } from "../../src/store/sql/tables.ts";
import { countingDriver } from "../support/counting_driver.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { NATIVE, testServer, WEB } from "../support/server.ts";
import { spreadingDriver } from "../support/spreading.ts";
import { SECRET } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const openAt = (url: string) => sqlStore(spreadingDriver(url), CONFORMANCE_LIFETIMES);

testStore("statements that keep to one key", async () => openAt(await postgres.newDatabase()), {
  openTwice: async () => {
    const url = await postgres.newDatabase();
    return [openAt(url), openAt(url)];
  },
});

test("no unique index leaves out the column that a table is distributed by, and no foreign key stands anywhere", async () => {
  const driver = postgresDriver(await postgres.newDatabase());
  await migrate(driver);
  const keys = await driver.read(
    `SELECT c.relname AS name, string_agg(a.attname, ',') AS columns
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
     WHERE i.indisunique AND c.relnamespace = current_schema()::regnamespace
     GROUP BY c.relname, i.indexrelid`,
    [],
  );
  const foreign = await driver.read("SELECT conname FROM pg_constraint WHERE contype = 'f'", []);
  await driver.close();
  assert.deepEqual(foreign, []);
  for (const { name, distributed_by } of TABLES) {
    const own = keys.filter((key) => key.name === name);
    assert.ok(own.length > 0, name);
    for (const { columns } of own)
      if (distributed_by !== null)
        assert.ok(String(columns).split(",").includes(distributed_by), `${name}: ${columns}`);
  }
  assert.deepEqual(
    CITUS.map(({ table }) => table),
    ["schema_version", ...TABLES.map(({ name }) => name)],
  );
});

test("each statement of a hot request names one row of one distributed table by its key", async () => {
  const driver = countingDriver(spreadingDriver(await postgres.newDatabase()));
  const store = sqlStore(driver, parseConfig({}).lifetimes);
  await using server = await testServer({}, { secret: SECRET, store });
  await server.addUser("ada");
  const web = await server.addClient(WEB);
  const native = await server.addClient(NATIVE);
  driver.take();
  const LASTING = { scope: "openid offline_access photos.read" };
  const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid" };
  const { browser, ...tokens } = await tokensFor(server, web, { parameters: LASTING });
  const { refresh_token } = await tokensFor(server, native, { browser, parameters: LOCAL });
  await refresh(server, native, refresh_token);
  await introspect(server, web, tokens.access_token);
  const { code } = await authorize(server, web, { browser, parameters: LASTING });
  await redeem(server, web, code);
  await refresh(server, web, tokens.refresh_token);
  await post(server, "/revoke", { client: web, token: tokens.access_token });
  await post(server, "/revoke", { client: web, token: tokens.refresh_token });
  await store.claimOnce("jti", "one", { now: 1, expires_at: 2 });

  const sent = new Set(driver.take().map(({ sql }) => sql.replaceAll(/\s+/g, " ").trim()));
  const spread = TABLES.filter(({ distributed_by }) => distributed_by !== null);
  for (const sql of sent) {
    if (/LIMIT \?/.test(sql)) continue; // clean-up, which belongs to no request
    const named = spread.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(sql));
    assert.ok(named.length <= 1, `two tables: ${sql}`);
    for (const { name, distributed_by } of named) {
      const plain = new RegExp(`^INSERT INTO ${name}( AS c)? \\([^)]*\\) VALUES`).test(sql);
      assert.ok(plain || new RegExp(`\\b${distributed_by} = \\?`).test(sql), sql);
    }
  }
  assert.ok(sent.size > 10);
});

test("the plan is SQL that makes the schema, and reading it changes nothing", async () => {
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
  const distributed = await planMigration(url, { distribute: true });
  assert.deepEqual(
    distributed.sql,
    CITUS.map(({ sql }) => `${sql};`),
  );

  const folder = mkdtempSync(join(tmpdir(), "valetkey-plan-"));
  const path = join(folder, "new.sqlite");
  const { sql } = await planMigration(`sqlite:${path}`, { distribute: false });
  assert.match(sql.join("\n"), /CREATE TABLE authorization_grant .*WITHOUT ROWID/s);
  assert.equal(existsSync(path), false);
  rmSync(folder, { recursive: true });
});

test("without Citus, nothing is distributed, and that is said", async () => {
  const url = await postgres.newDatabase();
  await assert.rejects(
    distributeOverCitus(url),
    (error) => error instanceof DatabaseError && /extension citus is not/.test(error.message),
  );
});
