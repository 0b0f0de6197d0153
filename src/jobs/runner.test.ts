import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { CONFIG, type LogLine, START } from "../../test/support/server.ts";
import { assemble } from "../authorization_server.ts";
import { parseConfig } from "../config.ts";
import type { Log, Server } from "../context.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { sampleJob } from "../store/conformance/samples.ts";
import type { JobRecord } from "../store/records.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import type { JobKind } from "./run_job.ts";
import { jobRunner, type RunnerOptions } from "./runner.ts";

const FAST: RunnerOptions = { lease: 60, renew: 20, every: 0.02, grace: 5, at_once: 4 };
const job = (given: Partial<JobRecord> = {}) => sampleJob({ due_at: START, ...given });

interface Running {
  store: Server["store"];
  lines: LogLine[];
  now(): number;
  advance(seconds: number): void;
  /** Ids of jobs, in the order in which they began. */
  began: string[];
  stop(): Promise<void>;
}

/** A runner on a store of its own. @param run the work of each job */
async function running(
  t: TestContext,
  run: JobKind["run"],
  given: Partial<RunnerOptions & { store(store: Server["store"]): Partial<Server["store"]> }> = {},
): Promise<Running> {
  const { store: change, ...options } = given;
  const lines: LogLine[] = [];
  const write =
    (level: keyof Log) =>
    (event: string, fields: LogLine["fields"] = {}) => {
      lines.push({ level, event, fields });
    };
  const log = { info: write("info"), warn: write("warn"), error: write("error") };
  let time = START;
  const config = parseConfig(CONFIG);
  const opened = {
    store: sqlStore(sqliteDriver(":memory:"), config.lifetimes),
    secrets: serverSecrets(Buffer.alloc(32, 9).toString("base64url")),
  };
  await opened.store.migrate();
  const server = assemble(config, { clock: () => time * 1000, log }, opened);
  const began: string[] = [];
  const kind: JobKind = {
    kind: "mail",
    run(each, env) {
      began.push(each.job_id);
      return run(each, env);
    },
  };
  const { store } = server;
  const changed = { ...server, store: { ...store, ...change?.(store) } };
  const runner = jobRunner(changed, [kind], { ...FAST, ...options });
  runner.start();
  t.after(async () => {
    await runner.stop();
    await store.close();
  });
  const advance = (seconds: number) => {
    time += seconds;
  };
  return { store, lines, now: () => time, advance, began, stop: runner.stop };
}

/** The jobs that remain in the store, as another node would lease them at that time. */
const left = ({ store }: Running, now: number) =>
  store.leaseJobs({ kinds: ["mail", "other"], now, until: now + 1, limit: 100 });

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    if (await holds()) return;
    await wait(10);
  }
  assert.fail("it never came to that");
}

const linesOf = ({ lines }: Running, event: string) =>
  lines.filter((line) => line.event === event).map(({ fields }) => fields);

test("due jobs run and disappear; others stay, as do those of other kinds", async (t) => {
  const all = await running(t, async () => {});
  const due = Array.from({ length: 10 }, () => job());
  const later = job({ due_at: START + 5 });
  const other = job({ kind: "other" });
  await all.store.addJobs([...due, later, other]);
  await until(() => all.began.length === 10);
  assert.deepEqual([...all.began].sort(), due.map(({ job_id }) => job_id).sort());
  all.advance(5);
  await until(() => all.began.includes(later.job_id));
  await all.stop();
  assert.deepEqual(
    (await left(all, START + 1000)).map(({ job_id }) => job_id),
    [other.job_id],
  );
});

test("the number of concurrent jobs is limited, and every job gets its turn", async (t) => {
  let [now, most] = [0, 0];
  const all = await running(
    t,
    async () => {
      now += 1;
      most = Math.max(most, now);
      await wait(20);
      now -= 1;
    },
    { at_once: 3, every: 3600 },
  );
  await all.store.addJobs(Array.from({ length: 12 }, () => job()));
  await until(() => all.began.length === 12 && now === 0);
  assert.equal(most, 3);
});

test("a failed job is retried after growing pauses of an hour at most, with its error stored", async (t) => {
  const all = await running(t, async () => {
    throw new Error(`no ${"x".repeat(1000)}`);
  });
  await all.store.addJobs([job()]);
  let attempts = 0;
  for (const pause of [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]) {
    attempts += 1;
    await until(() => linesOf(all, "job failed").length === attempts);
    all.advance(pause - 1);
    await wait(60);
    assert.equal(all.began.length, attempts, `not before ${pause} s have passed`);
    all.advance(1);
  }
  await until(() => linesOf(all, "job failed").length === attempts + 1);
  await all.stop();
  const [stored] = await left(all, START + 900_000);
  assert.equal(stored?.error?.length, 300);
  assert.equal(linesOf(all, "job failed")[0]?.why, stored?.error);
});

test("an expired job is dropped and logged with its last error", async (t) => {
  const all = await running(t, async () => {});
  const over = job({ expires_at: START, error: "the server said no" });
  await all.store.addJobs([over]);
  await until(() => linesOf(all, "job was given up").length === 1);
  const [line] = linesOf(all, "job was given up");
  assert.deepEqual([line?.job_id, line?.why], [over.job_id, "the server said no"]);
  await all.stop();
  assert.deepEqual(all.began, []);
  assert.deepEqual(await left(all, START + 1000), []);
});

test("a lease is renewed while its job runs, so that no other node takes it", async (t) => {
  const over = Promise.withResolvers<void>();
  const all = await running(t, () => over.promise, { renew: 0.02 });
  await all.store.addJobs([job()]);
  await until(() => all.began.length === 1);
  all.advance(59);
  await wait(200);
  all.advance(59);
  assert.deepEqual(await left(all, all.now()), []);
  over.resolve();
  await all.stop();
  assert.deepEqual(await left(all, START + 1000), []);
});

test("a job whose lease was taken over is aborted, and its outcome is ignored", async (t) => {
  const seen: { signal?: AbortSignal } = {};
  const over = Promise.withResolvers<void>();
  const all = await running(
    t,
    async (_, env) => {
      seen.signal = env.signal;
      await over.promise;
    },
    { renew: 0.02, store: () => ({ renewLease: async () => false }) },
  );
  await all.store.addJobs([job()]);
  await until(() => seen.signal?.aborted === true);
  over.resolve();
  await all.stop();
  assert.equal(linesOf(all, "job was taken over by another node").length, 1);
  assert.equal((await left(all, START + 60)).length, 1, "it is still there for the other node");
});

test("a job that ends after a takeover does not finish it", async (t) => {
  const over = Promise.withResolvers<void>();
  const all = await running(t, () => over.promise);
  await all.store.addJobs([job()]);
  await until(() => all.began.length === 1);
  const [taken] = await left(all, START + 60);
  assert.ok(taken);
  over.resolve();
  await until(() => linesOf(all, "job was taken over by another node").length === 1);
  assert.equal(await all.store.finishJob(taken), true);
});

test("a renewal that fails for lack of a database does not stop the job", async (t) => {
  const over = Promise.withResolvers<void>();
  const away = () => Promise.reject(new Error("the database is away"));
  const all = await running(t, () => over.promise, {
    renew: 0.02,
    store: () => ({ renewLease: away }),
  });
  await all.store.addJobs([job()]);
  await until(() => all.began.length === 1);
  await wait(100);
  over.resolve();
  await all.stop();
  assert.deepEqual(await left(all, START + 1000), []);
});

test("stopping the server lets a running job finish and starts no other", async (t) => {
  const over = Promise.withResolvers<void>();
  const all = await running(t, () => over.promise, { at_once: 1 });
  await all.store.addJobs([job(), job()]);
  await until(() => all.began.length === 1);
  const stopped = all.stop();
  await wait(50);
  over.resolve();
  await stopped;
  assert.equal(all.began.length, 1);
  const waiting = await left(all, START);
  assert.equal(waiting.length, 1);
  assert.ok(!all.began.includes(waiting[0]?.job_id ?? ""));
});

test("stopping the server returns a job that takes too long", async (t) => {
  const seen: { signal?: AbortSignal } = {};
  const all = await running(
    t,
    async (_, env) => {
      seen.signal = env.signal;
      await new Promise(() => {});
    },
    { grace: 0.05 },
  );
  await all.store.addJobs([job()]);
  await until(() => all.began.length === 1);
  await all.stop();
  assert.equal(seen.signal?.aborted, true);
  const [back] = await left(all, START);
  assert.deepEqual([back?.job_id, back?.error], [all.began[0], "the server stopped"]);
});

test("an unreachable database is logged, and jobs are looked for again", async (t) => {
  let looks = 0;
  const all = await running(t, async () => {}, {
    store: (store) => ({
      leaseJobs: (lease) => {
        looks += 1;
        return looks === 1 ? Promise.reject(new Error("away")) : store.leaseJobs(lease);
      },
    }),
  });
  await all.store.addJobs([job()]);
  await until(() => all.began.length === 1);
  assert.equal(linesOf(all, "jobs failed").length, 1);
});
