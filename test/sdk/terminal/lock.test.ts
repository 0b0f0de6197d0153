/** The lock of a session file: one process at a time, and none for ever. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { breakLock, takeLock } from "../../../src/sdk/client/terminal/lock.ts";
import { failure } from "../failure.ts";
import { stateHome } from "./scene.ts";

const pathOf = (): string => join(stateHome(), "a.lock");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const contents = (path: string): Record<string, unknown> => JSON.parse(readFileSync(path, "utf8"));

/** A process that takes the lock and keeps it. */
async function holder(path: string) {
  const program = `import { breakLock, takeLock } from "./src/sdk/client/terminal/lock.ts";
    await takeLock(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1000);`;
  const flags = ["--conditions=valetkey-source", "--input-type=module", "-e", program];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

test("one holder at a time, and the next one when it releases", async () => {
  const path = pathOf();
  const first = await takeLock(path);
  assert.deepEqual(Object.keys(contents(path)), ["id", "pid", "host"]);
  let waits = 0;
  const next = takeLock(path, { onWait: () => (waits += 1) });
  await sleep(200);
  assert.ok(first.isMine());
  first.release();
  const second = await next;
  assert.deepEqual([first.isMine(), second.isMine(), waits], [false, true, 1]);
  // Of another one now: nothing happens.
  first.release();
  assert.ok(second.isMine());
  second.release();
  assert.equal(existsSync(path), false);
});

test("a lock that stays taken is an error that names the process", async () => {
  const path = pathOf();
  const lock = await takeLock(path);
  await assert.rejects(
    takeLock(path, { patience: 100 }),
    failure("storage_busy", new RegExp(`process ${process.pid} has been holding`), {
      retryable: true,
    }),
  );
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  await assert.rejects(
    takeLock(path, { signal: stop.signal }),
    failure("cancelled", /was stopped/),
  );
  lock.release();
});

test("a lock of a process that was killed is broken at once, by one of many", async () => {
  const path = pathOf();
  const child = await holder(path);
  child.kill("SIGKILL");
  await once(child, "exit");
  const began = performance.now();
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const lock = await takeLock(path);
      holders += 1;
      most = Math.max(most, holders);
      await sleep(5);
      holders -= 1;
      assert.ok(lock.isMine());
      lock.release();
    }),
  );
  assert.equal(most, 1);
  assert.ok(performance.now() - began < 8000);
  assert.deepEqual(readdirSync(join(path, "..")), []);
});

test("a process that stands still is thought dead after 10 seconds, and sees it when it goes on", async () => {
  const path = pathOf();
  const child = await holder(path);
  child.kill("SIGSTOP");
  const began = performance.now();
  const lock = await takeLock(path);
  const waited = performance.now() - began;
  assert.ok(waited > 9500, `${waited} ms`);
  child.kill("SIGCONT");
  await sleep(1500);
  assert.ok(lock.isMine());
  lock.release();
  child.kill("SIGKILL");
});

test("a holder that is alive keeps it, whatever the clocks say", async () => {
  const path = pathOf();
  const child = await holder(path);
  for (const hours of [-48, 48]) {
    const then = Date.now() / 1000 + hours * 3600;
    utimesSync(path, then, then);
    await assert.rejects(
      takeLock(path, { patience: 300 }),
      failure("storage_busy", /has been holding/, { retryable: true }),
    );
  }
  child.kill("SIGKILL");
});

test("a holder that works for long keeps it", async () => {
  const path = pathOf();
  const child = await holder(path);
  await assert.rejects(
    takeLock(path, { patience: 12_000 }),
    failure("storage_busy", /has been holding/, { retryable: true }),
  );
  child.kill("SIGKILL");
});

test("a process of another machine or container is not looked for by its number", async () => {
  const path = pathOf();
  const other = { id: "another", pid: 2 ** 30, host: "another-machine" };
  writeFileSync(path, JSON.stringify(other));
  await assert.rejects(
    takeLock(path, { patience: 500 }),
    failure("storage_busy", /process 1073741824/, { retryable: true }),
  );
  assert.deepEqual(contents(path), other);
});

test("a breaker that is late leaves the lock of the next holder alone", async () => {
  const path = pathOf();
  const lock = await takeLock(path);
  const { pid, host } = contents(path);
  breakLock(path, { id: "the dead one", pid: Number(pid), host: String(host) });
  assert.ok(lock.isMine());
  assert.deepEqual(readdirSync(join(path, "..")), ["a.lock"]);
  lock.release();
});

test("a breaker elsewhere is waited for, and holds up nothing else here", async () => {
  const path = pathOf();
  const child = await holder(path);
  child.kill("SIGKILL");
  await once(child, "exit");
  writeFileSync(
    `${path}.breaker`,
    JSON.stringify({ id: "other", pid: 1, host: "another-machine" }),
  );
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 50);
  await assert.rejects(
    takeLock(path, { patience: 1000 }),
    failure("storage_busy", /has been holding/, { retryable: true }),
  );
  clearInterval(timer);
  assert.ok(ticks > 5, `${ticks} ticks`);
});

test("a breaker that was killed does not keep a dead lock", async () => {
  const path = pathOf();
  const child = await holder(path);
  child.kill("SIGKILL");
  await once(child, "exit");
  writeFileSync(`${path}.breaker`, readFileSync(path));
  const lock = await takeLock(path, { patience: 3000 });
  lock.release();
});
