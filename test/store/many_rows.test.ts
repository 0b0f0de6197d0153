/**
 * A database that has lived: 100,000 grants, and as many again of other rows; `npm run test:large` does it with 1,000,000.
 * What requests ask for is found by its index by the database's own choice, clean-up goes by small steps, and no page
 * grows with what is stored.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { parseClientMetadata } from "../../src/oauth/client_metadata.ts";
import { placeOf } from "../../src/store/place.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { scannedByPostgres, scannedBySqlite } from "../postgres/plans.ts";
import { testBrowser } from "../support/browser.ts";
import { type CountingDriver, countingDriver } from "../support/counting_driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { START, type TestServer, testServer, WEB } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { SECRET } from "../support/two_nodes.ts";

const MANY = Number(process.env.TEST_ROWS ?? 100_000);
/** Grants that are over, among all those that are not. */
const OVER = 3000;
/** Of one person. */
const CONNECTED = 3000;
const BATCH = 500;
const CHUNK = 100_000;

const folder = mkdtempSync(join(tmpdir(), "valetkey-many-rows-"));
let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Database {
  driver: SqlDriver;
  /** Tables that are read as a whole for this statement. */
  scanned(statement: { sql: string; args: readonly (string | number | null)[] }): Promise<string[]>;
}

const databases: Record<string, () => Promise<Database>> = {
  async SQLite() {
    const driver = sqliteDriver(join(folder, "database.sqlite"));
    return { driver, scanned: ({ sql }) => scannedBySqlite(driver, sql) };
  },
  async PostgreSQL() {
    const url = await postgres.newDatabase();
    const driver = postgresDriver(url, { ...POOL_LIMITS, statement_timeout: 60_000 });
    const scanned: Database["scanned"] = ({ sql, args }) =>
      scannedByPostgres(url, sql, { args, as_it_would: true });
    return { driver, scanned };
  },
};

/** Rows `from` to `to`: `SELECT … FROM n`, with `i` as their number. */
async function fill(driver: SqlDriver, count: number, insert: string): Promise<void> {
  for (let from = 1; from <= count; from += CHUNK) {
    const to = Math.min(count, from + CHUNK - 1);
    const numbers = `WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})`;
    const [head = "", rows = ""] = insert.split(" SELECT ");
    await driver.write(`${head} ${numbers} SELECT ${rows} FROM n`, []);
  }
}

const GRANT = `INSERT INTO authorization_grant (grant_id, place, client_id, sub, salt, secret_id, generation, advanced_at,
  used_at, access_epoch, code_expires_at, created_at, expires_at, revoked_at, check_at, fixed)`;
/** As large as it really is; nobody reads it here. */
const FIXED = JSON.stringify({ scope: ["openid", "photos.read"], rest: "x".repeat(300) });
const grant = (id: string, client: string, sub: string, [created, revoked, check]: string[]) =>
  `${GRANT} SELECT '${id}' || CAST(10000000 + i AS TEXT) || '0000', ${PLACE}, ${client}, ${sub}, 'c2FsdCBzYWx0IHNhbHQ',
   '0badcafe', 1, ${created}, ${created}, 0, ${created} + 60, ${created}, ${START + 31_536_000}, ${revoked}, ${check},
   '${FIXED}'`;
/** Of the person `i` of those that nobody asks for. */
const PLACE = "i % 32768";
const APP = JSON.stringify(parseClientMetadata(WEB, { short_schemes: "any" }));
const LIVE = [`${START}`, "NULL", `${START + 86_400} + i`];

/** @param busy a person who has more of everything than anybody */
async function fillAll(driver: SqlDriver, busy: string): Promise<void> {
  const client = "'client ' || CAST(i % 50 AS TEXT)";
  const own = "'client ' || CAST(i AS TEXT)";
  const at_busy = placeOf(busy);
  const person = `'person ' || CAST(i % ${MANY / 5} AS TEXT)`;
  await fill(driver, MANY, grant("019000000000700080000001", client, person, LIVE));
  const over = [`${START - 1_000_000}`, `${START - 10}`, `${START - 10}`];
  await fill(driver, OVER, grant("019000000000700080000000", client, person, over));
  await fill(driver, CONNECTED, grant("019000000000700080000002", own, `'${busy}'`, LIVE));
  const app =
    "INSERT INTO client (client_id, metadata, secrets, created_by, trusted, require_pkce, created_at)";
  await fill(driver, CONNECTED, `${app} SELECT ${own}, '${APP}', '[]', 'operator', 0, 1, ${START}`);
  const consent =
    "INSERT INTO consent (sub, place, client_id, scope, declined, resources, since, used_at)";
  const agreed = `'["openid"]', '[]', '[]', ${START}, ${START} + i`;
  await fill(
    driver,
    MANY / 2,
    `${consent} SELECT 'person ' || CAST(i AS TEXT), ${PLACE}, ${client}, ${agreed}`,
  );
  await fill(driver, CONNECTED, `${consent} SELECT '${busy}', ${at_busy}, ${own}, ${agreed}`);
  const session = `INSERT INTO session (session_id, place, secret_hash, sub, auth_time, amr, user_agent, created_at, seen_at, expires_at)`;
  const signed_in = `${START}, '["pwd"]', 'Browser', ${START}, ${START}, ${START + 86_400} + i`;
  await fill(
    driver,
    MANY / 5,
    `${session} SELECT 's ' || CAST(i AS TEXT), ${PLACE}, 'hash', ${person}, ${signed_in}`,
  );
  await fill(
    driver,
    1000,
    `${session} SELECT 'busy ' || CAST(i AS TEXT), ${at_busy}, 'hash', '${busy}', ${signed_in}`,
  );
  const claim = "INSERT INTO claimed_id (id, expires_at)";
  await fill(driver, MANY / 5, `${claim} SELECT 'id ' || CAST(i AS TEXT), ${START + 86_400} + i`);
  const counter = "INSERT INTO sign_in_counter (slot, failures, wait, wait_until, expires_at)";
  await fill(driver, MANY / 10, `${counter} SELECT 2000000000 + i, 1, 0, 0, ${START + 86_400} + i`);
  const event = "(audit_id, at, event, actor, sub, client_id, details, expires_at";
  const told = `SELECT '0190000000007000' || CAST(10000000 + i AS TEXT), ${START}, 'signed_in', 'person', ${person},
    ${client}, '{}', ${START + 86_400} + i`;
  await fill(driver, MANY / 5, `INSERT INTO person_event ${event}, place) ${told}, ${PLACE}`);
  await fill(driver, MANY / 5, `INSERT INTO directory_event ${event}) ${told}`);
  const job = "(job_id, kind, payload, due_at, leased_until, lease_no, attempts, expires_at";
  const work = `SELECT 'job ' || CAST(i AS TEXT), 'mail', '{}', ${START + 3600} + i, 0, 0, 0, ${START + 86_400} + i`;
  await fill(driver, MANY / 10, `INSERT INTO person_job ${job}, place) ${work}, ${PLACE}`);
  await fill(driver, MANY / 10, `INSERT INTO directory_job ${job}) ${work}`);
}

const count = async (driver: SqlDriver, table: string): Promise<number> =>
  Number((await driver.read(`SELECT count(*) AS rows FROM ${table}`, []))[0]?.rows);

/** Rarely written and small, or of a fixed size. */
const SMALL = new Set([
  "server_state",
  "client",
  "account",
  "login",
  "signing_key",
  "schema_version",
]);

for (const [name, open] of Object.entries(databases))
  describe(`${name}, with ${MANY.toLocaleString("en")} grants`, () => {
    let database: Database;
    let driver: CountingDriver;
    let server: TestServer;
    let busy: string;
    const lifetimes = parseConfig({}).lifetimes;
    before(async () => {
      database = await open();
      driver = countingDriver(database.driver);
      const store = sqlStore(driver, lifetimes);
      await store.migrate();
      // Clean-up is what a test does here, and not what goes on beside it.
      const given = { ...store, sweep: async () => false };
      server = await testServer({ your_apps: "everyone" }, { secret: SECRET, store: given });
      busy = await server.addUser("busy");
      await fillAll(driver, busy);
      if (name === "PostgreSQL") await driver.write("ANALYZE", []);
    });
    after(() => server.close());

    test("what requests ask for is found by its index, as the database itself chooses", async () => {
      driver.take();
      for (const story of Object.values(stories)) await story(server);
      const { store } = server.server;
      await store.listAudit({ limit: 100, since: START });
      await store.listAudit({ limit: 100, sub: "person 1", since: START });
      await store.listAudit({ limit: 100, client_id: "client 1", since: START });
      await store.revokeOtherGrants("person 1", "client 1", "none", START);
      await store.removeConsent({ sub: "person 7", client_id: "client 7" }, START);
      await store.endSessions({ sub: "person 1", except: null });
      await store.removeAccount("person 8", START);
      await store.leaseJobs({ kinds: ["mail"], now: START, until: START + 60, limit: 10 });
      const statements = new Map(driver.take().map((each) => [each.sql, each]));
      assert.ok(statements.size > 35, `${statements.size} statements`);
      const wrong: string[] = [];
      for (const statement of statements.values())
        for (const table of await database.scanned(statement))
          if (!SMALL.has(table)) wrong.push(`${table}: ${statement.sql}`);
      assert.deepEqual(wrong, []);
    });

    test("clean-up takes small steps, each found by its index, and comes to an end", async () => {
      const store = sqlStore(driver, lifetimes);
      const before = await count(driver, "authorization_grant");
      driver.take();
      assert.equal(await store.sweep(START, BATCH), true);
      const statements = driver.take();
      assert.equal(before - (await count(driver, "authorization_grant")), BATCH);
      for (const statement of statements)
        assert.deepEqual(await database.scanned(statement), [], statement.sql);
      let rounds = 1;
      while (await store.sweep(START, BATCH)) rounds += 1;
      assert.ok(rounds <= OVER / BATCH + 1, `${rounds} rounds`);
      assert.equal(before - (await count(driver, "authorization_grant")), OVER);
    });

    test("what a page lists is bounded, whatever is stored", async () => {
      const { store } = server.server;
      const consents = await store.listConsents(busy, { limit: 1000 });
      assert.equal(consents.length, 1000);
      assert.equal(consents[0]?.used_at, START + CONNECTED, "the ones used last");
      assert.equal((await store.listSessions(busy, { limit: 200 })).length, 200);
      assert.equal((await store.listAudit({ limit: 100 })).length, 100);
      const browser = testBrowser(server);
      await browser.signIn(await browser.get("/sign-in"), "busy");
      for (const path of ["/account", "/account/apps", "/account/security"]) {
        const page = await browser.get(path);
        assert.equal(page.status, 200, path);
        assert.ok(page.html.length < 2_000_000, `${path}: ${page.html.length}`);
      }
    });
  });
