/** The reads of one turn share a batch, and nothing else: no error, no lost connection, no answer. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "../../src/store/postgres/limits.ts";
import {
  AlreadyThere,
  DatabaseUnavailable,
  type SqlDriver,
  type Value,
} from "../../src/store/sql/driver.ts";
import { fakeCitus } from "../support/fake_citus.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { postgresProxy } from "../support/postgres_proxy.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

interface Opened extends AsyncDisposable {
  driver: SqlDriver;
  url: string;
}
async function open(limits: Partial<PoolLimits> = {}, url?: string): Promise<Opened> {
  const address = url ?? (await postgres.newDatabase());
  const driver = postgresDriver(address, { ...POOL_LIMITS, ...limits });
  return { driver, url: address, [Symbol.asyncDispose]: () => driver.close() };
}

/** The connection and the transaction in which a read runs. */
const WHERE = "SELECT pg_backend_pid() || '/' || txid_current()::text AS place";
const places = async (reads: readonly Promise<readonly { place?: Value }[]>[]) =>
  (await Promise.all(reads)).map(([row]) => row?.place);

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const ended = async (reads: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(reads)).map((each) =>
    each.status === "fulfilled" ? JSON.stringify(each.value) : String(each.reason.message),
  );

describe("reads of one turn", () => {
  test("go to the database together, those of the next turn again together", async () => {
    await using opened = await open();
    const read = () => opened.driver.read(WHERE, []);
    const first = await places([read(), read(), read()]);
    const second = await places([read(), read()]);
    assert.deepEqual([new Set(first).size, new Set(second).size], [1, 1]);
    assert.notEqual(first[0], second[0]);
  });

  test("writes go beside the reads of their turn", async () => {
    await using opened = await open();
    const { driver } = opened;
    const named = `${WHERE} FROM (SELECT 0::bigint AS place) AS one WHERE place = ?`;
    const write = async () => (await driver.write(named, [0])).rows;
    const all = await places([driver.read(WHERE, []), write(), driver.read(WHERE, []), write()]);
    assert.deepEqual([all[0], all[1]], [all[2], all[3]]);
    assert.notEqual(all[0], all[1]);
  });

  test("reads are refused while too many transactions wait", async () => {
    await using opened = await open({ connections: 1, waiting: 3 });
    const { driver } = opened;
    const held = driver.write("SELECT pg_sleep(0.5)", []);
    await sleep(50);
    const one = { sql: "SELECT 1", args: [] };
    const waiting = [1, 2, 3].map(() => driver.writeAll([one, one]));
    await assert.rejects(driver.read("SELECT 1", []), /too many requests wait/);
    await Promise.all([held, ...waiting]);
    assert.deepEqual(await driver.readValues("SELECT 1", []), [[1]]);
  });

  test("reads that wait for a connection, each alone, count once", async () => {
    await using opened = await open({ connections: 2, waiting: 20 });
    const { driver } = opened;
    const slow = driver.read("SELECT pg_sleep(1)", []);
    const pause = { sql: "SELECT pg_sleep(1)", args: [] };
    const taken = driver.writeAll([pause, { sql: "SELECT 1", args: [] }]);
    // Longer than a batch may take before further reads go alone, over any network.
    await sleep(700);
    const waiting = Array.from({ length: 15 }, (_, i) => driver.read("SELECT ? AS n", [i]));
    assert.equal((await Promise.all(waiting)).length, 15);
    await Promise.all([slow, taken]);
  });

  test("over a slow network, reads go together too", async () => {
    await using proxy = await postgresProxy(await postgres.newDatabase());
    proxy.delay = 300;
    await using opened = await open({}, proxy.url);
    const read = () => opened.driver.read(WHERE, []);
    await read();
    const first = [read(), read()];
    await sleep(100);
    const second = [read(), read()];
    const [a, b, c, d] = await places([...first, ...second]);
    assert.deepEqual([a, c], [b, d]);
    assert.notEqual(a, c);
  });

  test("a thousand reads stay within the connections and the queue", async () => {
    await using opened = await open({ connections: 3, waiting: 500 });
    const pid = "SELECT pg_backend_pid() AS pid, CAST(? AS BIGINT) AS i";
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1000 }, (_, i) => opened.driver.read(pid, [i])),
    );
    const answered = outcomes.flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    assert.deepEqual(
      answered.map(({ i }) => i),
      Array.from({ length: 500 }, (_, i) => i),
    );
    assert.ok(new Set(answered.map((row) => row.pid)).size <= 3);
    for (const each of outcomes.slice(500))
      assert.ok(each.status === "rejected" && each.reason instanceof DatabaseUnavailable);
    assert.deepEqual(await opened.driver.readValues("SELECT 1", []), [[1]]);
  });

  test("with the only connection taken, reads that wait count for writes too, and all are refused in time", async () => {
    await using opened = await open({ connections: 1, waiting: 3, wait_timeout: 300 });
    const { driver } = opened;
    const held = driver.write("SELECT pg_sleep(1)", []);
    await sleep(50);
    const reads = [1, 2, 3, 4].map((i) => driver.readValues("SELECT CAST(? AS BIGINT)", [i]));
    const write = driver.write("SELECT 1", []);
    const began = performance.now();
    const why = await ended([...reads, write]);
    assert.ok(performance.now() - began < 900);
    for (const waited of why.slice(0, 3)) assert.match(waited, /does not answer in time/);
    for (const refused of why.slice(3)) assert.match(refused, /too many requests wait/);
    await held;
    assert.deepEqual(await driver.readValues("SELECT 1", []), [[1]]);
  });

  test("slow reads hold up no reads of other turns", async () => {
    await using opened = await open();
    const slow = [];
    for (let i = 0; i < 8; i += 1) {
      slow.push(opened.driver.read("SELECT pg_sleep(1.5)", []));
      await sleep(5);
    }
    const began = performance.now();
    await opened.driver.read("SELECT 1", []);
    assert.ok(performance.now() - began < 1000);
    await Promise.all(slow);
  });

  test("a text with a NUL is not found, and its neighbours are", async () => {
    await using opened = await open();
    const find = "SELECT CAST(? AS TEXT) AS text";
    const texts = ["one", "t\0wo", "three", "\0"];
    const rows = await Promise.all(texts.map((text) => opened.driver.read(find, [text])));
    assert.deepEqual(rows.flat(), [
      { text: "one" },
      { text: "t\ufffdwo" },
      { text: "three" },
      { text: "\ufffd" },
    ]);
  });

  test("values and columns are those of the database: numbers, texts, null, none", async () => {
    await using opened = await open();
    const { driver } = opened;
    const [row] = await driver.read(
      "SELECT CAST(? AS BIGINT) AS big, 7 AS small, 0.5::float8 AS half, CAST(? AS TEXT) AS empty, CAST(? AS TEXT) AS no",
      [1_700_000_000_123, "", null],
    );
    assert.deepEqual(row, { big: 1_700_000_000_123, small: 7, half: 0.5, empty: "", no: null });
    assert.deepEqual(await driver.readValues("SELECT 1 WHERE 1 = 0", []), []);
    assert.deepEqual(await driver.write("CREATE TABLE thing (id BIGINT)", []), {
      changed: 0,
      rows: [],
    });
    const two = await driver.write("INSERT INTO thing VALUES (1), (2) RETURNING id", []);
    assert.deepEqual(two, { changed: 2, rows: [{ id: 1 }, { id: 2 }] });
  });

  test("on a distributed database, reads for a node go alone", async () => {
    const citus = await fakeCitus(postgres, { nodes: 2 });
    await citus.query("CREATE TABLE session (place INTEGER)");
    await using opened = await open({}, citus.url);
    await opened.driver.learnNodes?.();
    const of = `${WHERE} FROM generate_series(0, 9) AS place WHERE place = ?`;
    const all = await places([1, 1, 2].map((place) => opened.driver.read(of, [place])));
    assert.equal(new Set(all).size, 3);
    const [one, other] = await places([1, 2].map(() => opened.driver.read(WHERE, [])));
    assert.equal(one, other);
  });
});

describe("a fault in a batch", () => {
  /** Counts how often each read was tried: a sequence keeps its value when a transaction is undone. */
  async function counted({ driver }: Opened, count: number) {
    for (let i = 0; i < count; i += 1) await driver.write(`CREATE SEQUENCE tries_${i}`, []);
    return {
      read: (i: number) => driver.readValues(`SELECT nextval('tries_${i}')`, []),
      async tries(): Promise<number[]> {
        const all = Array.from({ length: count }, (_, i) =>
          driver.readValues(
            `SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries_${i}`,
            [],
          ),
        );
        return (await Promise.all(all)).flat(2).map(Number);
      },
    };
  }

  test("an error is that of its read alone; reads before it are not repeated, those behind it once", async () => {
    await using opened = await open();
    const { read, tries } = await counted(opened, 4);
    const wrong = opened.driver.read("SELECT 1 / CAST(? AS BIGINT)", [0]);
    const missing = opened.driver.read("SELECT * FROM nowhere", []);
    const reads = [read(0), read(1), wrong, missing, read(2), read(3)];
    const [one, two, error, other, ...rest] = await ended([
      ...reads.slice(0, 2),
      ...reads.slice(2),
    ]);
    assert.deepEqual([one, two, ...rest], Array(4).fill("[[1]]"));
    assert.match(error ?? "", /division by zero/);
    assert.match(other ?? "", /"nowhere" does not exist/);
    assert.deepEqual(await tries(), [1, 1, 1, 1]);
  });

  test("a statement time-out is that of its read alone", async () => {
    await using opened = await open({ statement_timeout: 300 });
    const { read, tries } = await counted(opened, 2);
    const slow = opened.driver.read("SELECT pg_sleep(60)", []);
    const [first, late, last] = await ended([read(0), slow, read(1)]);
    assert.deepEqual([first, last], ["[[1]]", "[[1]]"]);
    assert.match(late ?? "", /due to statement timeout/);
    assert.deepEqual(await tries(), [1, 1]);
  });

  test("each statement of a batch has the whole time-out", async () => {
    await using opened = await open({ statement_timeout: 300 });
    const read = () => opened.driver.readValues("SELECT pg_sleep(0.2) IS NULL", []);
    assert.deepEqual(await Promise.all([read(), read(), read()]), Array(3).fill([["f"]]));
  });

  test("reads that together take longer than the time-out are answered", async () => {
    await using opened = await open({ statement_timeout: 800, batch_timeout: 200 });
    const nap = () => opened.driver.readValues("SELECT pg_sleep(0.7) IS NULL", []);
    assert.deepEqual(await Promise.all([nap(), nap(), nap()]), Array(3).fill([["f"]]));
  });

  test("nothing is tried again when its time is over", async () => {
    await using opened = await open({ connections: 1, repeat_within: 0 });
    const wrong = opened.driver.read("SELECT 1 / 0", []);
    const skipped = opened.driver.read("SELECT 2", []);
    await assert.rejects(wrong, /division by zero/);
    await assert.rejects(skipped, DatabaseUnavailable);
    await opened.driver.write("DEALLOCATE ALL", []);
    await assert.rejects(opened.driver.write("DEALLOCATE ALL", []), DatabaseUnavailable);
  });

  test("after the end of their connection, the reads without an answer are repeated on another one", async () => {
    await using opened = await open();
    const { driver } = opened;
    const { read, tries } = await counted(opened, 3);
    const sleeping = "SELECT pg_sleep(1) IS NULL, 'sleeping in a batch'";
    const reads = [read(0), driver.readValues(sleeping, []), read(1), read(2)];
    const active = `pg_stat_activity WHERE query = '${sleeping.replaceAll("'", "''")}' AND state = 'active'`;
    const killer = new pg.Client({ connectionString: opened.url });
    await killer.connect();
    const kill = async () =>
      (await killer.query(`SELECT pg_terminate_backend(pid) FROM ${active}`)).rowCount === 1;
    for (let polls = 0; !(await kill()); polls += 1) {
      assert.ok(polls < 80, "the read never slept");
      await sleep(10);
    }
    await killer.end();
    const [first, slept, ...rest] = await ended(reads);
    assert.deepEqual([first, ...rest], Array(3).fill("[[1]]"));
    assert.match(slept ?? "", /sleeping in a batch/);
    assert.deepEqual(await tries(), [1, 1, 1]);
  });

  test("a read that ends every connection is given up", async () => {
    await using opened = await open();
    const ends = opened.driver.read("SELECT pg_terminate_backend(pg_backend_pid())", []);
    const other = opened.driver.readValues("SELECT 1", []);
    await assert.rejects(ends, DatabaseUnavailable);
    assert.deepEqual(await other, [[1]]);
  });

  test("what was first sent behind an error is prepared when it is repeated", async () => {
    await using opened = await open({ connections: 1 });
    const { driver } = opened;
    for (const i of [1, 2]) {
      const wrong = driver.read("SELECT 1 / 0", []);
      const fresh = driver.readValues("SELECT CAST(? AS BIGINT), 'fresh'", [i]);
      await assert.rejects(wrong, /division by zero/);
      assert.deepEqual(await fresh, [[i, "fresh"]]);
    }
    await assert.rejects(driver.read("SELECT id FROM later", []), /"later" does not exist/);
    await driver.write("CREATE TABLE later (id BIGINT PRIMARY KEY)", []);
    assert.deepEqual(await driver.read("SELECT id FROM later", []), []);
    await driver.write("INSERT INTO later VALUES (1)", []);
    for (const _ of [1, 2, 3])
      await assert.rejects(driver.write("INSERT INTO later VALUES (1) -- again", []), AlreadyThere);
    const [row] = await driver.readValues(
      "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%-- again'",
      [],
    );
    assert.deepEqual(row, [1], "a statement that keeps failing is prepared once");
  });

  test("a write whose commit fails is not acknowledged", async () => {
    await using opened = await open();
    const { driver } = opened;
    await driver.write(
      "CREATE TABLE pair (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED, n BIGINT)",
      [],
    );
    await driver.write("INSERT INTO pair VALUES (1, 1)", []);
    await assert.rejects(driver.write("INSERT INTO pair VALUES (1, 2)", []), AlreadyThere);
    assert.deepEqual(await driver.readValues("SELECT n FROM pair", []), [[1]]);
  });
});

describe("a database that falls silent", () => {
  test("refuses every read of the batch in time, and is used again once it answers", async () => {
    await using proxy = await postgresProxy(await postgres.newDatabase());
    await using opened = await open(
      { statement_timeout: 300, wait_timeout: 1000, connections: 4 },
      proxy.url,
    );
    const { driver } = opened;
    const read = (i: number) => driver.readValues("SELECT CAST(? AS BIGINT)", [i]);
    assert.deepEqual(await read(0), [[0]]);
    proxy.silence();
    const began = performance.now();
    const reads = Array.from({ length: 100 }, (_, i) => read(i));
    for (const each of await Promise.allSettled(reads))
      assert.ok(each.status === "rejected" && each.reason instanceof DatabaseUnavailable);
    const took = performance.now() - began;
    assert.ok(took > 1200 && took < 5000, `${took} ms`);
    proxy.answer();
    assert.deepEqual((await Promise.all([read(1), read(2)])).flat(), [[1], [2]]);
  });
});

describe("answers are never swapped", () => {
  test("among readers of random sizes and delays, while reads fail and connections end", async () => {
    await using opened = await open({ connections: 6, waiting: 5000 });
    const { driver, url } = opened;
    const SIZES = [1, 2, 3, 7];
    const statementFor = (columns: number): string => {
      const texts = Array.from(
        { length: columns },
        (_, i) => `CAST(? AS TEXT) || '.${i}.' || row AS c${i}`,
      );
      return `SELECT ${texts.join(", ")} FROM generate_series(1, CAST(? AS BIGINT)) AS row`;
    };
    const random = (below: number): number => Math.floor(Math.random() * below);
    const asked: number[] = [];
    async function reader(me: number): Promise<void> {
      for (let turn = 0; turn < 25; turn += 1) {
        const id = `${me}-${turn}-${"x".repeat(random(10) === 0 ? random(40_000) : random(40))}`;
        const columns = SIZES[random(SIZES.length)] ?? 1;
        const rows = random(4);
        const args = [...Array.from({ length: columns }, () => id), rows];
        const wanted = Array.from({ length: rows }, (_, row) =>
          Array.from({ length: columns }, (_, i) => `${id}.${i}.${row + 1}`),
        );
        const fate = random(20);
        if (fate === 0) await assert.rejects(driver.read("SELECT 1 / 0", []), /division by zero/);
        if (fate === 1)
          await driver.read("SELECT pg_sleep(CAST(? AS float8))", [Math.random() / 50]);
        assert.deepEqual(await driver.readValues(statementFor(columns), args), wanted);
        asked.push(rows);
        if (fate > 10) await sleep(random(5));
      }
    }
    const killer = new pg.Client({ connectionString: url });
    await killer.connect();
    let is_over = false;
    const killing = (async () => {
      while (!is_over) {
        await sleep(60);
        await killer.query(
          `SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
             WHERE application_name = 'valetkey' AND datname = current_database()
             ORDER BY random() LIMIT 1) AS one`,
        );
      }
    })();
    await Promise.all(Array.from({ length: 100 }, (_, me) => reader(me)));
    is_over = true;
    await killing;
    await killer.end();
    assert.equal(asked.length, 2500);
    assert.ok(sum(asked) > 2500);
  });
});
