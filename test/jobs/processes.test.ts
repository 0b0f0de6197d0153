/** Two processes run the jobs of one database; one is killed, stalls for longer than its lease, or stops in order. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { type StoreProcess, startProcess } from "../../src/store/conformance/process.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import type { RunnerProcess, RunnerSettings, Seen } from "./open_runner.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-jobs-"));
let postgres: TestPostgres;
let files = 0;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

const databases = {
  SQLite: async () => {
    files += 1;
    return `sqlite:${join(folder, `${files}.sqlite`)}`;
  },
  PostgreSQL: () => postgres.newDatabase(),
};

interface Runner {
  process: StoreProcess<RunnerProcess>;
  add(count: number): Promise<unknown>;
  start(): Promise<unknown>;
  seen(): Promise<Seen>;
}

/** The lease is 2 s and renewed in time, unless the settings say otherwise. */
async function runnerOn(
  t: TestContext,
  database: string,
  given: Pick<RunnerSettings, "takes"> & Partial<RunnerSettings>,
): Promise<Runner> {
  const process = await startProcess<RunnerProcess>(new URL("./open_runner.ts", import.meta.url));
  t.after(() => process.stop());
  const settings: RunnerSettings = { database, lease: 2, renew: 0.5, grace: 5, ...given };
  await process.open(JSON.stringify(settings));
  const runner: Runner = {
    process,
    add: async (count) => (await process.prepare([[["add", count]]]))(0),
    start: async () => (await process.prepare([[["start"]]]))(0),
    async seen() {
      const [[seen] = []] = await (await process.prepare([[["seen"]]]))(0);
      return seen ?? assert.fail("the process tells nothing");
    },
  };
  return runner;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    if (await holds()) return;
    await wait(50);
  }
  assert.fail(`it never came to that: ${what}`);
}

const any = (runner: Runner, what: keyof Seen) => async (): Promise<boolean> =>
  (await runner.seen())[what].length > 0;

/** Adds one job, which begins in this process. */
async function beginOne(runner: Runner): Promise<string> {
  await runner.add(1);
  await runner.start();
  await until("the job begins", any(runner, "began"));
  return (await runner.seen()).began[0] ?? "";
}

for (const [name, newDatabase] of Object.entries(databases))
  test(`each of 200 jobs on ${name} runs and is finished by one process`, async (t) => {
    const database = await newDatabase();
    const settings = { takes: 2, lease: 60 };
    const both = [await runnerOn(t, database, settings), await runnerOn(t, database, settings)];
    await both[0]?.add(200);
    const begins = await Promise.all(both.map(({ process }) => process.prepare([[["start"]]])));
    const at = Date.now() + 20;
    await Promise.all(begins.map((begin) => begin(at)));
    const all = async (what: keyof Seen) =>
      (await Promise.all(both.map((each) => each.seen()))).flatMap((seen) => seen[what]).sort();
    await until("200 are finished", async () => (await all("finished")).length >= 200);
    await wait(300);
    const finished = await all("finished");
    assert.equal(finished.length, 200);
    assert.equal(new Set(finished).size, 200);
    assert.deepEqual(await all("began"), finished);
    assert.deepEqual(await all("refused"), []);
    for (const each of both) assert.ok((await each.seen()).finished.length > 0);
  });

// These tests mostly wait.
describe("of two processes", { concurrency: 5 }, () => {
  for (const [name, newDatabase] of Object.entries(databases)) {
    test(`on ${name}, a job stays with its process while the lease is renewed, and is taken over after a kill`, async (t) => {
      const database = await newDatabase();
      const first = await runnerOn(t, database, { takes: 60_000 });
      const second = await runnerOn(t, database, { takes: 0 });
      const job = await beginOne(first);
      await second.start();
      await wait(4000);
      assert.deepEqual((await second.seen()).began, [], "twice the lease has passed");
      first.process.signal("SIGKILL");
      await until("the job is taken over", any(second, "finished"));
      assert.deepEqual((await second.seen()).finished, [job]);
    });

    test(`on ${name}, a process that stalls for longer than its lease cannot finish the job`, async (t) => {
      const database = await newDatabase();
      const stalled = await runnerOn(t, database, { takes: 1000, renew: 60 });
      const other = await runnerOn(t, database, { takes: 4000 });
      const job = await beginOne(stalled);
      stalled.process.signal("SIGSTOP");
      await other.start();
      await until("the job is taken over", any(other, "began"));
      stalled.process.signal("SIGCONT");
      await until("the stalled process is refused", any(stalled, "refused"));
      assert.deepEqual((await other.seen()).finished, [], "the job still runs there");
      await until("the job is finished", any(other, "finished"));
      assert.deepEqual((await other.seen()).finished, [job]);
      assert.deepEqual((await stalled.seen()).finished, []);
    });

    test(`on ${name}, a stalled process learns when renewing that another one has the job`, async (t) => {
      const database = await newDatabase();
      const stalled = await runnerOn(t, database, { takes: 60_000 });
      const other = await runnerOn(t, database, { takes: 0 });
      const job = await beginOne(stalled);
      stalled.process.signal("SIGSTOP");
      await other.start();
      await until("the job is finished", any(other, "finished"));
      stalled.process.signal("SIGCONT");
      await until("the job is told to stop", any(stalled, "lost"));
      assert.deepEqual((await stalled.seen()).finished, []);
      assert.deepEqual((await other.seen()).finished, [job]);
    });

    test(`on ${name}, a process that stops in order returns its job at once`, async (t) => {
      const database = await newDatabase();
      const first = await runnerOn(t, database, { takes: 60_000, lease: 600, grace: 0.1 });
      const second = await runnerOn(t, database, { takes: 0 });
      const job = await beginOne(first);
      await second.start();
      await first.process.close();
      await until("the job is taken over", any(second, "finished"));
      assert.deepEqual((await second.seen()).finished, [job]);
    });
  }
});
