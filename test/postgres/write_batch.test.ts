/** The writes of one turn share a transaction, and nothing else; none is lost, and none is written twice. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "../../src/store/postgres/limits.ts";
import {
  AlreadyThere,
  DatabaseUnavailable,
  NothingChanged,
  type SqlDriver,
} from "../../src/store/sql/driver.ts";
import { fakeCitus } from "../support/fake_citus.ts";
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
  /** How often each row was counted. */
  counts(): Promise<unknown[]>;
}

/** A table of counters with the places from 0. */
async function open(rows: number, limits: Partial<PoolLimits> = {}, at?: string): Promise<Opened> {
  const url = at ?? (await postgres.newDatabase());
  const proxy = await postgresProxy(url);
  const driver = postgresDriver(proxy.url, { ...POOL_LIMITS, ...limits });
  await driver.write("CREATE TABLE counted (place BIGINT PRIMARY KEY, n BIGINT)", []);
  await driver.write("INSERT INTO counted SELECT i, 0 FROM generate_series(0, ? - 1) AS i", [rows]);
  return {
    ...{ driver, proxy, url },
    counts: async () =>
      (await driver.readValues("SELECT n FROM counted ORDER BY place", [])).flat(),
    async [Symbol.asyncDispose]() {
      await driver.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

const COUNT = "UPDATE counted SET n = n + 1 WHERE place = ?";
const WHERE = "SELECT pg_backend_pid() || '/' || txid_current()::text AS ran_in";
const WHERE_NAMED = `${WHERE} FROM counted WHERE place = ?`;
const END = "SELECT pg_terminate_backend(pg_backend_pid()) FROM counted";
const placesOf = async (driver: SqlDriver, count: number): Promise<unknown[]> => {
  const all = Array.from({ length: count }, () => driver.write(WHERE_NAMED, [0]));
  return (await Promise.all(all)).map(({ rows }) => rows[0]?.ran_in);
};
const reasons = async (writes: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(writes)).map((each) =>
    each.status === "fulfilled" ? "written" : String(each.reason.message),
  );

describe("writes of one turn", () => {
  test("share a transaction and one write, and each has its own outcome", async () => {
    await using opened = await open(3);
    const { driver, proxy } = opened;
    assert.equal(new Set(await placesOf(driver, 3)).size, 1);
    proxy.asked = 0;
    const outcomes = await Promise.all([
      driver.write(COUNT, [2]),
      driver.write(COUNT, [7]),
      driver.write("UPDATE counted SET n = 5 WHERE place = ? OR place = 0 RETURNING place", [1]),
      driver.write(COUNT, [1]),
    ]);
    assert.equal(proxy.asked, 1);
    assert.deepEqual(
      outcomes.map(({ changed }) => changed),
      [1, 0, 2, 1],
    );
    assert.deepEqual(outcomes[2]?.rows, [{ place: 0 }, { place: 1 }]);
    assert.deepEqual(await opened.counts(), [5, 6, 1]);
  });

  test("what had to change something and did not is undone alone", async () => {
    await using opened = await open(2);
    const must = (id: number) =>
      opened.driver.writeAll([{ sql: COUNT, args: [id], must_change: true }]);
    const [one, missed, other] = await Promise.allSettled([must(0), must(9), must(1)]);
    assert.deepEqual([one?.status, other?.status], ["fulfilled", "fulfilled"]);
    assert.ok(missed?.status === "rejected" && missed.reason instanceof NothingChanged);
    assert.deepEqual(await opened.counts(), [1, 1]);
  });

  test("of two that want the same change, one gets it", async () => {
    await using opened = await open(1);
    const take = () =>
      opened.driver.write("UPDATE counted SET n = 1 WHERE place = ? AND n = 0", [0]);
    const taken = await Promise.all(Array.from({ length: 10 }, take));
    assert.equal(taken.filter(({ changed }) => changed === 1).length, 1);
  });

  test("a write that names no place may concern many rows, and goes alone", async () => {
    await using opened = await open(1);
    const { driver } = opened;
    const [of_requests, housekeeping] = await Promise.all([
      placesOf(driver, 2),
      driver.write(WHERE, []),
    ]);
    assert.equal(new Set([...of_requests, housekeeping.rows[0]?.ran_in]).size, 2);
  });

  test("on a distributed database each goes alone", async () => {
    const citus = await fakeCitus(postgres, { nodes: 2 });
    await using opened = await open(1, {}, citus.url);
    await opened.driver.learnNodes?.();
    assert.equal(new Set(await placesOf(opened.driver, 3)).size, 3);
  });
});

describe("a fault among writes", () => {
  test("an error is that of its write alone, and the others are written once", async () => {
    await using opened = await open(4);
    const { driver } = opened;
    const outcomes = await reasons([
      driver.write(COUNT, [0]),
      driver.write("INSERT INTO counted (place, n) VALUES (?, 1)", [1]),
      driver.write(COUNT, [1]),
      driver.write("UPDATE counted SET n = 1 / (n - n) WHERE place = ?", [0]),
      ...[2, 3].map((id) => driver.write(COUNT, [id])),
    ]);
    assert.match(outcomes[1] ?? "", /duplicate key/);
    assert.match(outcomes[3] ?? "", /division by zero/);
    assert.equal(outcomes.filter((each) => each === "written").length, 4);
    assert.deepEqual(await opened.counts(), [1, 1, 1, 1]);
  });

  test("a commit that fails is the failure of one write", async () => {
    await using opened = await open(2);
    const { driver } = opened;
    await driver.write("CREATE TABLE pair (place BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)", []);
    const add = "INSERT INTO pair (place) VALUES (?)";
    await driver.write(add, [1]);
    const wrong = driver.write(add, [1]);
    const others = [0, 1].map((id) => driver.write(COUNT, [id]));
    await assert.rejects(wrong, AlreadyThere);
    await Promise.all(others);
    assert.deepEqual(await opened.counts(), [1, 1]);
  });

  test("a commit whose answer is lost is repeated for none", async () => {
    await using opened = await open(3);
    opened.proxy.cutAt("COMMIT");
    const outcomes = await Promise.allSettled(
      [0, 1, 2].map((id) => opened.driver.write(COUNT, [id])),
    );
    for (const each of outcomes)
      assert.ok(each.status === "rejected" && each.reason instanceof DatabaseUnavailable);
    assert.deepEqual(await opened.counts(), [1, 1, 1]);
  });

  test("a connection that is lost before the commit leaves nothing, and repeats nothing", async () => {
    await using opened = await open(2);
    const { driver } = opened;
    const ends = driver.write(`${END} WHERE place = ?`, [0]);
    const others = [0, 1].map((id) => driver.write(COUNT, [id]));
    for (const each of await Promise.allSettled([ends, ...others]))
      assert.ok(each.status === "rejected" && each.reason instanceof DatabaseUnavailable);
    assert.deepEqual(await opened.counts(), [0, 0]);
  });

  test("prepared statements that are gone are no failure", async () => {
    await using opened = await open(3, { connections: 1 });
    const { driver } = opened;
    const all = () => Promise.all([0, 1, 2].map((id) => driver.write(COUNT, [id])));
    await all();
    await driver.write("DEALLOCATE ALL", []);
    await all();
    assert.deepEqual(await opened.counts(), [2, 2, 2]);
  });

  test("a locked row holds up its own write alone", async () => {
    await using opened = await open(4);
    const { driver, url } = opened;
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("BEGIN; UPDATE counted SET n = 10 WHERE place = 1");
    const locked = driver.write(COUNT, [1]);
    const others = [0, 2, 3].map((id) => driver.write(COUNT, [id]));
    const began = performance.now();
    await Promise.all(others);
    assert.ok(performance.now() - began < 2000);
    await other.query("COMMIT");
    await other.end();
    await locked;
    assert.deepEqual(await opened.counts(), [1, 11, 1, 1]);
  });

  test("two processes that write the same rows in opposite order", async () => {
    await using opened = await open(30);
    await using second = postgresDriverAt(opened.url);
    const ids = Array.from({ length: 30 }, (_, i) => i);
    for (let round = 0; round < 10; round += 1)
      await Promise.all([
        ...ids.map((id) => opened.driver.write(COUNT, [id])),
        ...ids.map((id) => second.driver.write(COUNT, [29 - id])),
      ]);
    assert.deepEqual(await opened.counts(), Array(30).fill(20));
  });

  test("while connections end and writes fail, what is confirmed is written, and nothing twice", async () => {
    const WRITES = 2000;
    await using opened = await open(WRITES, { connections: 6, waiting: 5000 });
    const { driver, url } = opened;
    const killer = new pg.Client({ connectionString: url });
    await killer.connect();
    let is_over = false;
    const killing = (async () => {
      while (!is_over) {
        await sleep(40);
        await killer.query(
          `SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
             WHERE application_name = 'valetkey' AND datname = current_database()
             ORDER BY random() LIMIT 1) AS one`,
        );
      }
    })();
    const confirmed = new Set<number>();
    let next = 0;
    const writer = async (): Promise<void> => {
      while (next < WRITES) {
        const id = next;
        next += 1;
        const outcome = driver.write(COUNT, [id]).then(
          () => confirmed.add(id),
          (error: unknown) => assert.ok(error instanceof DatabaseUnavailable, String(error)),
        );
        if (Math.random() < 0.03)
          await assert.rejects(driver.write("UPDATE counted SET n = 1 / 0 WHERE place = ?", [0]));
        await outcome;
        if (Math.random() < 0.2) await sleep(Math.random() * 5);
      }
    };
    await Promise.all(Array.from({ length: 40 }, writer));
    is_over = true;
    await killing;
    await killer.end();
    const counts = await opened.counts();
    assert.deepEqual(
      counts.flatMap((n, id) => (n === 1 || (n === 0 && !confirmed.has(id)) ? [] : [[id, n]])),
      [],
    );
    assert.ok(confirmed.size > WRITES / 2);
  });
});

function postgresDriverAt(url: string): { driver: SqlDriver } & AsyncDisposable {
  const driver = postgresDriver(url);
  return { driver, [Symbol.asyncDispose]: () => driver.close() };
}
