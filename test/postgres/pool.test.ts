/** The pool refuses in time, and uses a database again by itself once it is back. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { parseConfig } from "../../src/config.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "../../src/store/postgres/limits.ts";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { migrate } from "../../src/store/sql/schema.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { post, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/postgres.ts";
import { ISSUER, NATIVE, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
let postgres: OwnPostgres;
before(async () => {
  postgres = await startOwnPostgres();
});
after(() => postgres.stop());

const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));

async function open(limits: Partial<PoolLimits> = {}, url?: string): Promise<TestServer> {
  const driver = postgresDriver(url ?? (await postgres.newDatabase()), {
    ...POOL_LIMITS,
    ...limits,
  });
  const store = sqlStore(driver, parseConfig({}).lifetimes);
  const server = await testServer({}, { secret: SECRET, store });
  await server.addUser("ada");
  return server;
}

test("a pool of one connection keeps answering with 50 concurrent flows and refreshes", async () => {
  await using server = await open({ connections: 1 });
  const client = await server.addClient(WEB);
  const local = await server.addClient(NATIVE);
  const { browser, ...tokens } = await tokensFor(server, local, { parameters: LOCAL });
  const done = await times(50, async (i) => {
    if (i % 2 === 0) return (await refresh(server, local, tokens.refresh_token)).status;
    const { access_token } = await tokensFor(server, client, { browser });
    return (await userinfo(server, access_token)).status;
  });
  assert.deepEqual(new Set(done), new Set([200]));
});

/** Locks a table, so that writes to it wait. */
async function holding(url: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN; LOCK TABLE authorization_grant IN ACCESS EXCLUSIVE MODE");
  try {
    await work();
  } finally {
    await client.end();
  }
}

test("a full queue or a slow statement is 503 with Retry-After, and recovers", async () => {
  const url = await postgres.newDatabase();
  const limits = { connections: 2, waiting: 3, statement_timeout: 700, wait_timeout: 1000 };
  await using server = await open(limits, url);
  // The first round of the jobs alone fills so short a queue.
  await completeKeySet(server);
  const client = await server.addClient(NATIVE);
  const tokens = await tokensFor(server, client, { parameters: LOCAL });
  await holding(url, async () => {
    const from = server.lines.length;
    const answers = await times(50, async () => {
      const { status, headers, body } = await refresh(server, client, tokens.refresh_token);
      return { status, retry: headers.get("retry-after"), body };
    });
    for (const { status, retry, body } of answers)
      assert.deepEqual([status, retry, body.error], [503, "2", "temporarily_unavailable"]);
    const full = server.lines
      .slice(from)
      .filter(({ fields }) => /too many requests wait/.test(String(fields.why)));
    assert.ok(
      full.length >= 45,
      `${full.length}: all but those for two connections and three places`,
    );
  });
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
});

test("a transaction whose connection is cut leaves nothing behind", async () => {
  const url = await postgres.newDatabase();
  const driver = postgresDriver(url, { ...POOL_LIMITS, connections: 1 });
  await driver.write("CREATE TABLE thing (id BIGINT PRIMARY KEY)", []);
  const insert = (id: number) => ({ sql: "INSERT INTO thing (id) VALUES (?)", args: [id] });
  const ends = { sql: "SELECT pg_terminate_backend(pg_backend_pid())", args: [] };
  await assert.rejects(driver.writeAll([insert(1), ends, insert(2)]), DatabaseUnavailable);
  await assert.rejects(driver.writeAll([insert(1), insert(1)]), /duplicate key/);
  assert.deepEqual(await driver.read("SELECT id FROM thing", []), []);
  await driver.writeAll([insert(1), insert(2)]);
  assert.equal((await driver.read("SELECT id FROM thing", [])).length, 2);
  await driver.close();
});

test("the database cancels a statement that takes too long, and the connection stays usable", async () => {
  const url = await postgres.newDatabase();
  const limits = { ...POOL_LIMITS, connections: 1, statement_timeout: 300 };
  const driver = postgresDriver(url, limits);
  await assert.rejects(driver.read("SELECT pg_sleep(60)", []), /due to statement timeout/);
  assert.deepEqual(await driver.read("SELECT 1 AS one", []), [{ one: 1 }]);
  // A statement that the database does not cancel, as behind a dead network: the pool drops its connection.
  await driver.read("SET statement_timeout = 0", []);
  await assert.rejects(driver.read("SELECT pg_sleep(60)", []), DatabaseUnavailable);
  assert.deepEqual(await driver.read("SELECT 2 AS two", []), [{ two: 2 }]);
  await driver.close();
});

test("a transaction with a serialization conflict is retried, a limited number of times", async () => {
  const driver = postgresDriver(await postgres.newDatabase());
  await driver.write("CREATE SEQUENCE tries", []);
  // A sequence keeps its value when the transaction is rolled back.
  await driver.write(
    `CREATE FUNCTION met(often BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('tries') < often THEN RAISE 'met another' USING ERRCODE = '40001'; END IF;
       RETURN currval('tries'); END $$`,
    [],
  );
  const meet = "SELECT met(CAST(? AS BIGINT)) AS tries";
  assert.deepEqual((await driver.write(meet, [3])).rows, [{ tries: 3 }]);
  await driver.write("SELECT setval('tries', 1)", []);
  const twice = [
    { sql: meet, args: [3] },
    { sql: meet, args: [3] },
  ];
  assert.equal((await driver.writeAll(twice)).length, 2);
  await assert.rejects(driver.write(meet, [1000]), DatabaseUnavailable);
  await driver.close();
});

describe("the database goes away and comes back", () => {
  test("requests that need it get 503, others are served; afterwards all work without a restart", async () => {
    await using server = await open();
    const service = await server.addClient(SERVICE);
    const client = await server.addClient(NATIVE);
    const tokens = await tokensFor(server, client, { parameters: LOCAL });
    const own = () => post(server, "/token", { client: service, grant_type: "client_credentials" });
    assert.equal((await own()).status, 200);
    // Requests in progress when it goes away are answered too, one way or the other.
    const in_flight = times(40, () => refresh(server, client, tokens.refresh_token));
    await postgres.interrupt();
    for (const { status } of await in_flight) assert.ok([200, 503].includes(status), `${status}`);

    await new Promise((resolve) => setTimeout(resolve, 600)); // lets the server check the versions again
    for (const refused of await times(20, () => refresh(server, client, tokens.refresh_token))) {
      assert.equal(refused.status, 503);
      assert.equal(refused.headers.get("retry-after"), "2");
    }
    const revoked = await post(server, "/revoke", { client, token: tokens.refresh_token });
    assert.equal(revoked.status, 503, "a revocation that is not written is never acknowledged");
    for (const path of ["/jwks", "/.well-known/openid-configuration"])
      assert.equal((await server.fetch(new Request(ISSUER + path))).status, 200);
    assert.equal((await own()).status, 200, "a token that needs no row");

    await postgres.resume();
    const { refresh_token } = (await refresh(server, client, tokens.refresh_token)).body;
    assert.ok(refresh_token);
    assert.equal((await refresh(server, client, refresh_token)).status, 200);
    const again = await tokensFor(server, client, { parameters: LOCAL });
    assert.equal((await redeem(server, client, again.code)).status, 400);
  });

  test("cutting connections one by one revokes nothing", async () => {
    await using server = await open({ connections: 4 });
    const client = await server.addClient(NATIVE);
    let { refresh_token } = await tokensFor(server, client, { parameters: LOCAL });
    for (let i = 0; i < 10; i += 1) {
      await postgres.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'valetkey'",
      );
      const { status, body } = await refresh(server, client, refresh_token);
      assert.ok([200, 503].includes(status), `${status}`);
      if (status === 200) refresh_token = body.refresh_token;
    }
    assert.equal((await refresh(server, client, refresh_token)).status, 200);
  });
});

test("a migration waits for another one without the time limit of requests", async () => {
  const url = await postgres.newDatabase();
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  await other.query("BEGIN; SELECT pg_advisory_xact_lock(8216549901)");
  const driver = postgresDriver(url, { ...POOL_LIMITS, statement_timeout: 100 });
  const migrating = migrate(driver);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await other.end();
  assert.ok((await migrating) > 0);
  await driver.close();
});
