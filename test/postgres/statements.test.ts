/**
 * How many statements each kind of request takes, and how the database reaches the rows.
 * The numbers may fall but not grow.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { sampleSession } from "../../src/store/conformance/samples.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import type { SqlDriver } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { sqliteDriver } from "../../src/store/sqlite/driver.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { type CountingDriver, countingDriver } from "../support/counting_driver.ts";
import {
  authorize,
  introspect,
  post,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import { multiply } from "../support/multiply.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { ISSUER, NATIVE, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { SECRET } from "../support/two_nodes.ts";
import { scannedByPostgres, scannedBySqlite } from "./plans.ts";

const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
const LASTING = { scope: "openid offline_access photos.read" };

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

interface Database {
  driver: SqlDriver;
  /** Tables that this statement reads completely, or through a complete index. */
  scanned(sql: string): Promise<string[]>;
}

const databases: Record<string, () => Promise<Database>> = {
  async SQLite() {
    const driver = sqliteDriver(":memory:");
    return { driver, scanned: (sql) => scannedBySqlite(driver, sql) };
  },
  async PostgreSQL() {
    const url = await postgres.newDatabase();
    return { driver: postgresDriver(url), scanned: (sql) => scannedByPostgres(url, sql) };
  },
};

/** Small tables that are read completely, by commands or rarely. */
const SMALL = new Set(["client", "account", "signing_key", "server_state", "schema_version"]);

for (const [name, open] of Object.entries(databases))
  describe(name, () => {
    let driver: CountingDriver;
    let server: TestServer;
    let database: Database;
    before(async () => {
      database = await open();
      driver = countingDriver(database.driver);
      const store = sqlStore(driver, parseConfig({}).lifetimes);
      server = await testServer({}, { secret: SECRET, store });
      await server.addUser("ada");
    });
    after(() => server.close());

    /** The versions are read twice a second without any request; the sweep runs beside requests. */
    const HOUSEKEEPING = /FROM server_state|LIMIT \?|FROM signing_key ORDER/;
    async function count(work: () => Promise<unknown>): Promise<number> {
      driver.take();
      await work();
      return driver.take().filter(({ sql }) => !HOUSEKEEPING.test(sql)).length;
    }

    test("each kind of request takes its recorded number of statements", async () => {
      // The job that makes the first keys has statements of its own.
      await completeKeySet(server);
      const service = await server.addClient(SERVICE);
      const web = await server.addClient(WEB);
      const native = await server.addClient(NATIVE);
      const own = () =>
        post(server, "/token", { client: service, grant_type: "client_credentials" });
      const { browser, ...lasting } = await tokensFor(server, web, { parameters: LASTING });
      const local = await tokensFor(server, native, { browser, parameters: LOCAL });
      const tied = await tokensFor(server, web, { browser });
      await own();
      let code = "";

      const reached = {
        "metadata and keys": await count(async () => {
          await server.fetch(new Request(`${ISSUER}/jwks`));
          await server.fetch(new Request(`${ISSUER}/.well-known/openid-configuration`));
        }),
        client_credentials: await count(own),
        introspection: await count(() => introspect(server, web, lasting.access_token)),
        userinfo: await count(() => userinfo(server, lasting.access_token)),
        "refresh, not rotated": await count(() => refresh(server, web, lasting.refresh_token)),
        "refresh, rotated": await count(() => refresh(server, native, local.refresh_token)),
        "refresh, repeated": await count(() => refresh(server, native, local.refresh_token)),
        "refresh, tied to a session": await count(() => refresh(server, web, tied.refresh_token)),
        "request to code, signed in": await count(async () => {
          ({ code } = await authorize(server, web, { browser, parameters: LASTING }));
        }),
        "code to tokens": await count(() => redeem(server, web, code)),
        revocation: await count(() =>
          post(server, "/revoke", { client: web, token: lasting.refresh_token }),
        ),
        "sign-in to code": await count(async () => {
          const other = testBrowser(server);
          const page = await other.get(authorizationUrl(web, LASTING));
          assert.ok((await other.signIn(page, "ada")).url.searchParams.get("code"));
        }),
      };
      const most = {
        "metadata and keys": 0,
        client_credentials: 0,
        introspection: 1,
        userinfo: 1,
        "refresh, not rotated": 1,
        "refresh, rotated": 2,
        "refresh, repeated": 1,
        "refresh, tied to a session": 1,
        // One of them looks for grants beyond `limits.grants`.
        "request to code, signed in": 3,
        "code to tokens": 2,
        // One of each is the audit event, in the transaction of the change. A revocation also lists the grant for APIs.
        revocation: 4,
        "sign-in to code": 18,
      };
      assert.deepEqual(reached, most);
    });

    test("no statement of any story reads a growing table completely", async () => {
      driver.take();
      for (const story of Object.values(stories)) await story(server);
      await server.server.store.sweep(server.now(), 100);
      await server.server.store.removeClient("nobody", server.now());
      await server.server.store.removeAccount("nobody", server.now());
      const statements = new Set(driver.take().map(({ sql }) => sql));
      assert.ok(statements.size > 30, `${statements.size} statements`);
      const wrong: string[] = [];
      for (const sql of statements)
        for (const table of await database.scanned(sql))
          if (!SMALL.has(table)) wrong.push(`${table}: ${sql}`);
      assert.deepEqual(wrong, []);
    });
  });

test("updates of hot rows stay in their page and touch no index (HOT)", async () => {
  const url = await postgres.newDatabase();
  const server = await testServer({ database: url }, { secret: SECRET });
  await server.addUser("ada");
  const native = await server.addClient(NATIVE);
  const { browser } = await tokensFor(server, native, { parameters: LOCAL });
  for (let i = 0; i < 20; i += 1) {
    let { refresh_token } = await tokensFor(server, native, { browser, parameters: LOCAL });
    for (let j = 0; j < 10; j += 1)
      refresh_token = (await refresh(server, native, refresh_token)).body.refresh_token;
  }
  await server.close(); // makes each connection report its statistics
  const driver = postgresDriver(url);
  const [row] = await driver.read(
    `SELECT n_tup_upd AS updated, n_tup_hot_upd AS hot FROM pg_stat_user_tables
     WHERE relname = 'authorization_grant' AND schemaname = current_schema()`,
    [],
  );
  await driver.close();
  const [updated, hot] = [Number(row?.updated), Number(row?.hot)];
  assert.ok(updated >= 200 && hot / updated > 0.9, `${hot} of ${updated}`);
});

test("the sweep finds expired rows by an index among 50,000 rows that stay", async () => {
  const url = await postgres.newDatabase();
  const driver = postgresDriver(url);
  const store = sqlStore(driver, parseConfig({}).lifetimes);
  await store.migrate();
  const end = 2_000_000_000;
  await store.claimOnce("jti", "one", { now: end, expires_at: end + 1 });
  await store.createSession(sampleSession({ expires_at: end + 1 }));
  const rows = { count: 50_000, columns: { expires_at: `${end} + i` } };
  const claims = { ...rows.columns, id: "'id ' || i" };
  await multiply(driver, "claimed_id", { ...rows, columns: claims });
  const sessions = { ...rows.columns, session_id: "'s' || i", place: "i % 32768" };
  await multiply(driver, "session", { ...rows, columns: sessions });
  await driver.write("ANALYZE", []);
  const counting = countingDriver(driver);
  await sqlStore(counting, parseConfig({}).lifetimes).sweep(end + 200, 500);
  const wrong: string[] = [];
  for (const { sql, args } of counting.take()) {
    const tables = await scannedByPostgres(url, sql, { args, as_it_would: true });
    for (const table of tables)
      if (["claimed_id", "session"].includes(table)) wrong.push(`${table}: ${sql}`);
  }
  assert.deepEqual(wrong, []);
  await driver.close();
});
