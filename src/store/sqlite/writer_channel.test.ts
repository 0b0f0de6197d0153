/** The store of a process that sends its writes to another one; the messages here are text, as between processes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CONFORMANCE_LIFETIMES, testStore } from "../conformance/conformance.ts";
import {
  AlreadyThere,
  DatabaseError,
  DatabaseUnavailable,
  NothingChanged,
  type SqlDriver,
} from "../sql/driver.ts";
import { sqlStore } from "../sql/store.ts";
import { sqliteDriver } from "./driver.ts";
import { sqliteWorkerDriver } from "./worker_driver.ts";
import {
  type ChannelLimits,
  remoteWriter,
  type WriteMessage,
  type WrittenMessage,
  writerFor,
} from "./writer_channel.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-channel-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => {
  files += 1;
  return join(folder, `${files}.sqlite`);
};

type WriteAll = SqlDriver["writeAll"];

/** A remote writer, and all messages in both directions. */
function channel(writeAll: WriteAll, limits?: ChannelLimits) {
  const asked: WriteMessage[] = [];
  const answered: WrittenMessage[] = [];
  const write = writerFor(writeAll, (message) => {
    answered.push(message);
    setImmediate(() => remote.heard(JSON.parse(JSON.stringify(message))));
  });
  const remote = remoteWriter((message) => {
    asked.push(message);
    setImmediate(() => write(JSON.parse(JSON.stringify(message))));
  }, limits);
  return { remote, asked, answered };
}

/** One process that writes, and several that do not. */
function family(path: string) {
  const primary = sqliteDriver(path);
  const member = (): SqlDriver => {
    const { remote } = channel(primary.writeAll);
    const driver = sqliteWorkerDriver(path, remote);
    return {
      ...driver,
      async close() {
        await driver.close();
        await primary.close();
      },
    };
  };
  return { primary, member };
}

testStore("SQLite, writes sent to another process", async () =>
  sqlStore(family(newFile()).member(), CONFORMANCE_LIFETIMES),
);
testStore(
  "SQLite, two processes that write by a third",
  async () => sqlStore(family(newFile()).member(), CONFORMANCE_LIFETIMES),
  {
    openTwice: async () => {
      const { primary, member } = family(newFile());
      await sqlStore(primary, CONFORMANCE_LIFETIMES).migrate();
      return [sqlStore(member(), CONFORMANCE_LIFETIMES), sqlStore(member(), CONFORMANCE_LIFETIMES)];
    },
  },
);

describe("a remote writer", () => {
  const one = (sql: string, n = 1) => [{ sql, args: [n] }];

  test("the writes of one turn are one message, with each text once, and one answer", async () => {
    const { remote, asked, answered } = channel(async (statements) =>
      statements.map(({ args }) => ({ changed: Number(args[0]), rows: [] })),
    );
    const outcomes = await Promise.all([1, 2, 3, 4].map((n) => remote.writeAll(one("same", n))));
    assert.deepEqual(
      outcomes.map(([outcome]) => outcome?.changed),
      [1, 2, 3, 4],
    );
    assert.deepEqual([asked.length, answered.length], [1, 1]);
    assert.deepEqual(asked[0]?.texts, ["same"]);
  });

  test("messages that share a commit are answered together", async () => {
    const primary = sqliteDriver(newFile());
    await primary.write("CREATE TABLE thing (n INTEGER)", []);
    const answers: WrittenMessage[] = [];
    const write = writerFor(primary.writeAll, (message) => answers.push(message));
    for (const id of [1, 2, 3])
      write({
        kind: "write",
        id,
        texts: ["INSERT INTO thing VALUES (?)"],
        writes: [[[0, [id], true]]],
      });
    await pause(20);
    assert.equal(answers.length, 1);
    assert.deepEqual(
      answers[0]?.batches.map(({ id }) => id),
      [1, 2, 3],
    );
    await primary.close();
  });

  test("errors keep their class and message", async () => {
    const thrown = [
      new NothingChanged(),
      new AlreadyThere("UNIQUE constraint failed"),
      new DatabaseUnavailable("database is locked", { hint: "look there" }),
      new DatabaseError("damaged", "put back a backup"),
      new TypeError("a bug"),
    ];
    const { remote } = channel(async ([statement]) => {
      throw thrown[Number(statement?.args[0])];
    });
    const [nothing, there, unavailable, damaged, bug] = await Promise.all(
      thrown.map((_, n) => remote.writeAll(one("x", n)).catch((error: unknown) => error)),
    );
    assert.ok(nothing instanceof NothingChanged);
    assert.ok(there instanceof AlreadyThere);
    assert.ok(unavailable instanceof DatabaseUnavailable && unavailable.hint === "look there");
    assert.ok(damaged instanceof DatabaseError && damaged.hint === "put back a backup");
    assert.ok(bug instanceof Error && bug.message === "a bug");
  });

  test("of writes that share a commit, a failing one does not affect the others", async () => {
    const primary = sqliteDriver(newFile());
    await primary.write("CREATE TABLE thing (n INTEGER PRIMARY KEY)", []);
    const { remote } = channel(primary.writeAll);
    const insert = "INSERT INTO thing VALUES (?)";
    const results = await Promise.allSettled([
      remote.writeAll(one(insert, 1)),
      remote.writeAll([...one(insert, 2), ...one(insert, 1)]),
      remote.writeAll([{ ...one("DELETE FROM thing WHERE n = ?", 9)[0], sql: "x", args: [] }]),
      remote.writeAll(one(insert, 3)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "rejected", "fulfilled"],
    );
    const rows = await primary.read("SELECT n FROM thing", []);
    assert.deepEqual(
      rows.map(({ n }) => n),
      [1, 3],
    );
    await primary.close();
  });

  test("the number of waiting writes is limited; answers make room again", async () => {
    const { remote } = channel(async () => [], { waiting: 3, timeout: 1000 });
    const burst = () =>
      Promise.allSettled([1, 2, 3, 4, 5].map((n) => remote.writeAll(one("x", n))));
    const states = (results: PromiseSettledResult<unknown>[]) =>
      results.map((result) =>
        result.status === "fulfilled" ? "done" : result.reason instanceof DatabaseUnavailable,
      );
    assert.deepEqual(states(await burst()), ["done", "done", "done", true, true]);
    assert.deepEqual(states(await burst()), ["done", "done", "done", true, true]);
  });

  test("a writer that is silent or gone counts as an unavailable database", async () => {
    const mute = remoteWriter(() => {}, { waiting: 10, timeout: 30 });
    await assert.rejects(mute.writeAll(one("x")), DatabaseUnavailable);
    await mute.close();
    const gone = remoteWriter(() => {
      throw new Error("channel closed");
    });
    await assert.rejects(gone.writeAll(one("x")), DatabaseUnavailable);
  });

  test("closing waits for the writes sent", async () => {
    let written = 0;
    const { remote } = channel(async () => {
      await pause(20);
      written += 1;
      return [];
    });
    void remote.writeAll(one("x"));
    await remote.close();
    assert.equal(written, 1);
  });
});
