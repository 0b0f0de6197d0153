/** A connection that is no longer what it was: a pooler or a failover took its statements, or the schema changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import {
  DatabaseUnavailable,
  NothingChanged,
  type SqlDriver,
  type Statement,
} from "../../src/store/sql/driver.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

/** With one connection, so that each statement meets what the one before left. */
async function withOne(see: (driver: SqlDriver) => Promise<void>, parameters = ""): Promise<void> {
  const url = `${await postgres.newDatabase()}${parameters}`;
  const driver = postgresDriver(url, { ...POOL_LIMITS, connections: 1 });
  try {
    await see(driver);
  } finally {
    await driver.close();
  }
}

const FORGET = { sql: "DEALLOCATE ALL", args: [] };
const PID = "SELECT pg_backend_pid() AS pid";
const pidOf = async (driver: SqlDriver) => (await driver.read(PID, []))[0]?.pid;

test("a connection whose prepared statements are gone is replaced, and the read or write repeated", async () => {
  await withOne(async (driver) => {
    await driver.write("CREATE TABLE counted (n BIGINT)", []);
    const add = { sql: "INSERT INTO counted VALUES (?)", args: [1] };
    await driver.writeAll([add]);
    const before = await pidOf(driver);
    await driver.writeAll([FORGET]);
    assert.notEqual(await pidOf(driver), before);
    await driver.writeAll([FORGET]);
    await driver.writeAll([add]);
    await driver.writeAll([FORGET]);
    await driver.writeAll([add, add]);
    assert.deepEqual(await driver.readValues("SELECT count(*) FROM counted", []), [[4]]);
  });
});

test("several connections whose prepared statements are gone are replaced, one after the other", async () => {
  const connections = 5;
  const driver = postgresDriver(await postgres.newDatabase(), { ...POOL_LIMITS, connections });
  const add = { sql: "INSERT INTO counted VALUES (?)", args: [1] };
  /** At once, so that each runs on a connection of its own. */
  const onEach = (statement: Statement) =>
    Promise.all(Array.from({ length: connections }, () => driver.writeAll([statement])));
  try {
    await driver.write("CREATE TABLE counted (n BIGINT)", []);
    await onEach(add);
    await onEach(FORGET);
    await driver.writeAll([add]);
    assert.deepEqual(await driver.readValues("SELECT count(*) FROM counted", []), [[6]]);
  } finally {
    await driver.close();
  }
});

test("a transaction that can't be undone takes its connection with it", async () => {
  await withOne(async (driver) => {
    await driver.write("CREATE TABLE counted (n BIGINT)", []);
    const nothing = { sql: "UPDATE counted SET n = 1", args: [], must_change: true };
    // From now on the connection knows ROLLBACK, and then forgets it alone.
    await assert.rejects(driver.writeAll([nothing, nothing]), NothingChanged);
    const known = "SELECT name FROM pg_prepared_statements WHERE statement = 'ROLLBACK'";
    const [rollback] = await driver.read(known, []);
    const forget = { sql: `DEALLOCATE ${rollback?.name}`, args: [] };
    await assert.rejects(driver.writeAll([forget, nothing]), NothingChanged);
    await driver.write("INSERT INTO counted VALUES (?)", [7]);
    assert.deepEqual(await driver.readValues("SELECT n FROM counted", []), [[7]]);
  });
});

test("a statement whose plan has become wrong by a change of the schema works again", async () => {
  await withOne(async (driver) => {
    await driver.write("CREATE TABLE counted (n BIGINT)", []);
    const all = "SELECT * FROM counted";
    assert.deepEqual(await driver.read(all, []), []);
    await driver.write("ALTER TABLE counted ADD COLUMN text TEXT", []);
    await driver.write("INSERT INTO counted VALUES (1, 'a')", []);
    assert.deepEqual(await driver.read(all, []), [{ n: 1, text: "a" }]);
  });
});

test("a statement that was skipped behind an error is not prepared under the same name", async () => {
  await withOne(async (driver) => {
    const marked = "SELECT 'behind an error' AS text";
    const reads = [driver.read("SELECT 1 / (0 * ?)", [1]), driver.read(marked, [])];
    const [failed, repeated] = await Promise.allSettled(reads);
    assert.equal(failed?.status, "rejected");
    assert.equal(repeated?.status, "fulfilled");
    const known = "SELECT name, statement FROM pg_prepared_statements";
    const names = (await driver.read(known, [])).flatMap(({ name, statement }) =>
      statement === marked ? [name] : [],
    );
    assert.deepEqual(names, ["valetkey_2"]);
  });
});

test("a time-out in the address of the database ends no statement that has been answered", async () => {
  await withOne(async (driver) => {
    for (let i = 0; i < 6; i += 1) {
      assert.deepEqual(await driver.readValues("SELECT CAST(? AS BIGINT)", [i]), [[i]]);
      assert.deepEqual(await driver.readValues(`SELECT ${i}`, []), [[i]]);
      await sleep(60);
    }
    assert.equal(await pidOf(driver), await pidOf(driver));
  }, "?query_timeout=150");
});

test("after it is closed, the driver refuses, and opens nothing", async () => {
  const driver = postgresDriver(await postgres.newDatabase(), POOL_LIMITS);
  const waiting = driver.read("SELECT 1", []);
  await driver.close();
  await assert.rejects(waiting, DatabaseUnavailable);
  await assert.rejects(driver.write("SELECT 1", []), DatabaseUnavailable);
  await driver.close();
});
