/** A transaction goes in one or two writes, leaves nothing of what fails, and is never written twice. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "../../src/store/postgres/limits.ts";
import {
  AlreadyThere,
  DatabaseUnavailable,
  NothingChanged,
  type SqlDriver,
  type Statement,
} from "../../src/store/sql/driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type PostgresProxy, postgresProxy } from "../support/postgres_proxy.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

interface Opened extends AsyncDisposable {
  driver: SqlDriver;
  proxy: PostgresProxy;
  /** The address without the proxy. */
  url: string;
  ids(): Promise<unknown[]>;
}

/** One connection, and a table. */
async function open(limits: Partial<PoolLimits> = {}): Promise<Opened> {
  const url = await postgres.newDatabase();
  const proxy = await postgresProxy(url);
  const driver = postgresDriver(proxy.url, { ...POOL_LIMITS, connections: 1, ...limits });
  await driver.write("CREATE TABLE thing (id BIGINT PRIMARY KEY, n BIGINT)", []);
  return {
    ...{ driver, proxy, url },
    ids: async () => (await driver.readValues("SELECT id FROM thing ORDER BY id", [])).flat(),
    async [Symbol.asyncDispose]() {
      await driver.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

const insert = (id: number): Statement => ({
  sql: "INSERT INTO thing (id) VALUES (?)",
  args: [id],
});
const set = (id: number, n: number): Statement => ({
  sql: "UPDATE thing SET n = ? WHERE id = ?",
  args: [n, id],
});
const mustSet = (id: number, n: number): Statement => ({ ...set(id, n), must_change: true });

test("without conditions it is one write, with one two", async () => {
  await using opened = await open();
  const { driver, proxy } = opened;
  const asked = async (statements: Statement[]): Promise<number> => {
    proxy.asked = 0;
    await driver.writeAll(statements);
    return proxy.asked;
  };
  assert.equal(await asked([insert(1), insert(2), set(1, 5)]), 1);
  assert.equal(await asked([mustSet(1, 6), insert(3), set(2, 7)]), 2);
  assert.deepEqual(await opened.ids(), [1, 2, 3]);
});

test("each statement reports its own outcome", async () => {
  await using opened = await open();
  const returning = { sql: "DELETE FROM thing WHERE id > ? RETURNING id", args: [1] };
  const outcomes = await opened.driver.writeAll([insert(1), insert(2), set(9, 1), returning]);
  assert.deepEqual(outcomes, [
    { changed: 1, rows: [] },
    { changed: 1, rows: [] },
    { changed: 0, rows: [] },
    { changed: 1, rows: [{ id: 2 }] },
  ]);
  assert.deepEqual(await opened.driver.writeAll([]), []);
});

test("an error of any statement undoes all, and the connection is used further", async () => {
  await using opened = await open();
  const { driver } = opened;
  const pid = () => driver.readValues("SELECT pg_backend_pid()", []);
  await driver.write("INSERT INTO thing (id, n) VALUES (9, 1)", []);
  const before = await pid();
  for (const statements of [
    [insert(9), insert(1), insert(2)],
    [insert(1), insert(9), insert(2)],
    [insert(1), insert(2), insert(9)],
    [mustSet(9, 2), insert(1), insert(9)],
  ])
    await assert.rejects(driver.writeAll(statements), AlreadyThere);
  assert.deepEqual(await driver.readValues("SELECT id, n FROM thing", []), [[9, 1]]);
  assert.deepEqual(await pid(), before);
});

test("what had to change something and did not undoes all, whatever the statements behind it do", async () => {
  await using opened = await open();
  const { driver } = opened;
  await driver.writeAll([insert(1), insert(2)]);
  for (const statements of [
    [mustSet(7, 1), insert(3)],
    [insert(3), mustSet(7, 1)],
    [mustSet(7, 1), insert(1)],
    [mustSet(1, 1), mustSet(7, 1), { sql: "SELECT 1 / 0", args: [] }],
  ])
    await assert.rejects(driver.writeAll(statements), NothingChanged);
  // An error before it is met first.
  await assert.rejects(driver.writeAll([insert(1), mustSet(7, 1)]), AlreadyThere);
  assert.deepEqual(await opened.ids(), [1, 2]);
});

test("a commit that fails is no success", async () => {
  await using opened = await open();
  const { driver } = opened;
  await driver.write("CREATE TABLE pair (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)", []);
  const add = { sql: "INSERT INTO pair VALUES (1)", args: [] };
  await assert.rejects(driver.writeAll([add, add]), AlreadyThere);
  const must = { ...add, must_change: true };
  await assert.rejects(driver.writeAll([must, add]), AlreadyThere);
  assert.deepEqual(await driver.readValues("SELECT count(*) FROM pair", []), [[0]]);
});

for (const [name, first] of [
  ["in one write", set(1, 1)],
  ["in two", mustSet(1, 1)],
] as const)
  test(`a commit whose answer is lost is not repeated: ${name}`, async () => {
    await using opened = await open();
    const { driver, proxy } = opened;
    await driver.write("INSERT INTO thing VALUES (1, 0)", []);
    const add = { sql: "UPDATE thing SET n = n + 10 WHERE id = 1", args: [] };
    proxy.cutAt("COMMIT");
    await assert.rejects(driver.writeAll([first, add]), DatabaseUnavailable);
    assert.deepEqual(await driver.readValues("SELECT n FROM thing", []), [[11]]);
  });

test("a transaction whose time is up before its commit leaves nothing", async () => {
  await using opened = await open({ statement_timeout: 500 });
  const { driver, proxy, url } = opened;
  await driver.write("INSERT INTO thing VALUES (1, 0)", []);
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  // The answer to the batch comes so late that no time is left for the commit.
  proxy.delay = 1400;
  await assert.rejects(driver.writeAll([mustSet(1, 1), insert(2)]), DatabaseUnavailable);
  proxy.delay = 0;
  for (let polls = 0; polls < 100; polls += 1) {
    const { rows } = await other.query(
      "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in tr%'",
    );
    if (rows.length === 0) break;
    await sleep(20);
  }
  await other.end();
  assert.deepEqual(await driver.readValues("SELECT id, n FROM thing", []), [[1, 0]]);
});

test("hundreds of statements have more time than a few", async () => {
  await using opened = await open({ statement_timeout: 200 });
  const nap: Statement = { sql: "SELECT pg_sleep(0.02)", args: [] };
  assert.equal((await opened.driver.writeAll(Array(100).fill(nap))).length, 100);
});
