/** The store on SQLite, and SQLite's own behaviour: group commit, a full disk, files that are not ours. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { CONFORMANCE_LIFETIMES, testStore } from "../conformance/conformance.ts";
import { START, sampleClient, sampleConsent, sampleGrant } from "../conformance/samples.ts";
import { grantWith } from "../conformance/scenario.ts";
import { DatabaseError, DatabaseUnavailable, type SqlDriver } from "../sql/driver.ts";
import { sqlStore } from "../sql/store.ts";
import { sqliteDriver } from "./driver.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-store-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};
const openAt = (path: string) => sqlStore(sqliteDriver(path), CONFORMANCE_LIFETIMES);

testStore("SQLite in memory", async () => openAt(":memory:"));
testStore("SQLite in a file", async () => openAt(newFile()), {
  openTwice: async () => {
    const path = newFile();
    return [openAt(path), openAt(path)];
  },
});

describe("SQLite driver", () => {
  async function withTable(run: (db: SqlDriver) => Promise<void>, path = ":memory:") {
    const db = sqliteDriver(path);
    try {
      await db.write("CREATE TABLE thing (id TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT", []);
      await run(db);
    } finally {
      await db.close();
    }
  }
  const insert = (id: string, n: number | string = 1) => ({
    sql: "INSERT INTO thing (id, n) VALUES (?, ?)",
    args: [id, n],
  });
  const ids = async (db: SqlDriver) =>
    (await db.read("SELECT id FROM thing ORDER BY id", [])).map(({ id }) => id);
  const states = (outcomes: PromiseSettledResult<unknown>[]) =>
    outcomes.map(({ status }) => (status === "fulfilled" ? "done" : "failed"));

  test("several statements are atomic: if a later one fails, none takes effect", () =>
    withTable(async (db) => {
      await assert.rejects(db.writeAll([insert("a"), insert("b"), insert("a")]), /UNIQUE/);
      await assert.rejects(db.writeAll([insert("a"), insert("b", "no number")]), /INTEGER/);
      await assert.rejects(db.writeAll([insert("a"), { sql: "NO SQL", args: [] }]), /syntax/);
      assert.deepEqual(await ids(db), []);
      const outcomes = await db.writeAll([
        insert("a"),
        { sql: "UPDATE thing SET n = 2 WHERE id = 'b'", args: [] },
        { sql: "UPDATE thing SET n = 3 RETURNING n", args: [] },
      ]);
      assert.deepEqual(
        outcomes.map(({ changed, rows }) => [changed, rows.map((row) => ({ ...row }))]),
        [
          [1, []],
          [0, []],
          [1, [{ n: 3 }]],
        ],
      );
    }));

  test("of writes that share a commit, a failing one does not affect the others", () =>
    withTable(async (db) => {
      const outcomes = await Promise.allSettled([
        db.writeAll([insert("a")]),
        db.writeAll([insert("b"), insert("a")]),
        db.writeAll([insert("a")]),
        db.writeAll([insert("c"), insert("d")]),
        db.write("NO SQL", []),
        db.writeAll([insert("e")]),
      ]);
      assert.deepEqual(states(outcomes), ["done", "failed", "failed", "done", "failed", "done"]);
      assert.deepEqual(await ids(db), ["a", "c", "d", "e"]);
    }));

  test("writes are executed in the order they were made", () =>
    withTable(async (db) => {
      await db.writeAll([insert("a", 0)]);
      const sql = "UPDATE thing SET n = n * 10 + ? RETURNING n";
      const outcomes = await Promise.all([1, 2, 3].map((n) => db.write(sql, [n])));
      assert.deepEqual(
        outcomes.map(({ rows }) => rows[0]?.n),
        [1, 12, 123],
      );
    }));

  test("a resolved write is in the file; another connection reads it", async () => {
    const path = newFile();
    await withTable(async (db) => {
      await db.writeAll([insert("a")]);
      const other = sqliteDriver(path);
      assert.deepEqual(await ids(other), ["a"]);
      assert.deepEqual(
        { ...(await other.read("PRAGMA journal_mode", []))[0] },
        { journal_mode: "wal" },
      );
      assert.deepEqual({ ...(await db.read("PRAGMA synchronous", []))[0] }, { synchronous: 2 });
      await other.close();
    }, path);
  });

  test("closing completes pending writes; afterwards writes are refused", async () => {
    const path = newFile();
    await withTable(async (db) => {
      const write = db.writeAll([insert("a")]);
      await db.close();
      await write;
      await assert.rejects(db.writeAll([insert("b")]));
      await assert.rejects(db.read("SELECT 1", []));
      await db.close();
    }, path);
    const again = sqliteDriver(path);
    assert.deepEqual(await ids(again), ["a"]);
    await again.close();
  });

  test("a full disk fails the whole turn and leaves nothing of it; later writes succeed", () =>
    withTable(async (db) => {
      await db.write("CREATE TABLE big (n INTEGER, x TEXT)", []);
      const [pages] = await db.read("PRAGMA page_count", []);
      await db.read(`PRAGMA max_page_count = ${Number(pages?.page_count) + 4}`, []);
      const fill = (n: number) =>
        db.writeAll([
          { sql: "INSERT INTO big VALUES (?, ?)", args: [n, "small"] },
          { sql: "INSERT INTO big VALUES (?, ?)", args: [n, "x".repeat(n === 2 ? 99_999 : 9)] },
        ]);
      const outcomes = await Promise.allSettled([1, 2, 3].map(fill));
      assert.deepEqual(states(outcomes), ["failed", "failed", "failed"]);
      for (const outcome of outcomes)
        assert.ok(outcome.status === "rejected" && outcome.reason instanceof DatabaseUnavailable);
      const count = async () => (await db.read("SELECT count(*) AS n FROM big", []))[0]?.n;
      assert.equal(await count(), 0);
      await fill(1);
      assert.equal(await count(), 2);
      await assert.rejects(fill(2), DatabaseUnavailable);
      await db.read("PRAGMA max_page_count = 1000", []);
      await fill(2);
      assert.equal(await count(), 4);
    }));

  test("a full disk leaves neither a grant nor its consent", async () => {
    const db = sqliteDriver(newFile());
    const store = sqlStore(db, CONFORMANCE_LIFETIMES);
    await store.migrate();
    const [pages] = await db.read("PRAGMA page_count", []);
    await db.read(`PRAGMA max_page_count = ${Number(pages?.page_count)}`, []);
    const large = sampleGrant({ left_out: ["x".repeat(50_000)] });
    const [first, second, third] = await Promise.allSettled([
      grantWith(store, large, sampleConsent()),
      store.createClient(sampleClient({ client_id: "c" })),
      store.claimOnce("jti", "a", { now: START, expires_at: START + 60 }),
    ]);
    assert.ok(first.status === "rejected" && first.reason instanceof DatabaseUnavailable);
    assert.equal(await store.findGrant(large.grant_id), null);
    assert.equal(await store.findConsent("ada", "printly"), null);
    // The others succeeded or failed; either way their answer is true.
    assert.equal((await store.findClient("c")) !== null, second.status === "fulfilled");
    assert.equal(await store.isClaimed("jti", "a"), third.status === "fulfilled");
    await db.read("PRAGMA max_page_count = 100000", []);
    assert.equal(await grantWith(store, large, sampleConsent()), "approved");
    await store.close();
  });

  test("while another process locks the file, reads go on", async () => {
    const path = newFile();
    await withTable(async (db) => {
      await db.writeAll([insert("a")]);
      const other = sqliteDriver(path);
      await other.read("BEGIN IMMEDIATE", []);
      assert.deepEqual(await ids(db), ["a"]);
      await other.read("ROLLBACK", []);
      await other.close();
    }, path);
  });

  test("L10 a write waits for another process without holding up anything else", async () => {
    const path = newFile();
    await withTable(async (db) => {
      const other = sqliteDriver(path);
      await other.read("BEGIN IMMEDIATE", []);
      const written = Promise.all([db.writeAll([insert("a")]), db.writeAll([insert("b")])]);
      // The event loop goes on: else neither this timer nor the release below would come before the end of the wait.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const later = db.writeAll([insert("c")]);
      assert.deepEqual(await ids(db), []);
      await other.read("COMMIT", []);
      await Promise.all([written, later]);
      assert.deepEqual(await ids(db), ["a", "b", "c"]);
      await other.close();
    }, path);
  });

  test("L10 a write that waits when the database is closed is still written", async () => {
    const path = newFile();
    const other = sqliteDriver(path);
    await withTable(async (db) => {
      await other.read("BEGIN IMMEDIATE", []);
      const written = db.writeAll([insert("a")]);
      const closed = db.close();
      await other.read("ROLLBACK", []);
      await Promise.all([written, closed]);
      assert.deepEqual(await ids(other), ["a"]);
    }, path);
    await other.close();
  });

  test("a file that is no database, or a missing folder, is reported in one line and left unchanged", () => {
    const text = newFile();
    writeFileSync(text, "these are my notes, and no database");
    const wrong = (path: string, message: RegExp) =>
      assert.throws(
        () => sqliteDriver(path),
        (error) => error instanceof DatabaseError && message.test(error.message) && !!error.hint,
      );
    wrong(text, /not a SQLite database/);
    assert.equal(readFileSync(text, "utf8"), "these are my notes, and no database");
    wrong(join(folder, "nowhere", "x.sqlite"), /cannot open/);
    wrong(folder, /./);
  });

  test("a database that a newer version wrote is refused", async () => {
    const path = newFile();
    const db = sqliteDriver(path);
    await sqlStore(db, CONFORMANCE_LIFETIMES).migrate();
    await db.write("UPDATE schema_version SET version = 999", []);
    await assert.rejects(sqlStore(db, CONFORMANCE_LIFETIMES).migrate(), DatabaseError);
    await db.close();
  });

  test("a migration that fails half-way leaves nothing and can be run again", async () => {
    const db = sqliteDriver(":memory:");
    const store = sqlStore(db, CONFORMANCE_LIFETIMES);
    await db.write("CREATE TABLE sign_in_counter (x)", []);
    await assert.rejects(store.migrate());
    const sql = "SELECT name FROM sqlite_master WHERE type = 'table'";
    assert.deepEqual(
      (await db.read(sql, [])).map(({ name }) => name),
      ["sign_in_counter"],
    );
    await db.write("DROP TABLE sign_in_counter", []);
    assert.ok((await store.migrate()) > 0);
    assert.equal(await store.migrate(), 0);
    await db.close();
  });
});
