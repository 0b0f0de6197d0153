import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type LogFields, silentLog } from "../context.ts";
import { pauseBefore, type SupervisorOptions, startSupervisor } from "./supervisor.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-supervisor-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A program that a worker runs. */
function program(name: string, text: string): URL {
  const file = join(folder, name);
  writeFileSync(file, text);
  return pathToFileURL(file);
}
const LIVES = program("lives.mjs", "process.on('message', () => process.exit());");
const ENDS = program("ends.mjs", "process.exit(3);");

function supervisorOf(options: Partial<SupervisorOptions> & { entry: URL }) {
  const ends: LogFields[] = [];
  let begun = 0;
  const supervisor = startSupervisor({
    count: 1,
    log: { ...silentLog, error: (_, fields = {}) => ends.push(fields) },
    begun: () => {
      begun += 1;
    },
    heard: () => {},
    ended: () => true,
    ...options,
  });
  return { supervisor, ends, begun: () => begun };
}

test("a worker that ends right after its start is replaced after growing pauses", async () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 8, 9, 50].map(pauseBefore),
    [0, 0, 250, 500, 1000, 16_000, 30_000, 30_000],
  );
  const { supervisor, ends, begun } = supervisorOf({ entry: ENDS });
  while (ends.length < 3) await pause(20);
  await supervisor.stop();
  assert.deepEqual(
    ends.slice(0, 3).map(({ code, again_in_ms }) => [code, again_in_ms]),
    [
      [3, 0],
      [3, 250],
      [3, 500],
    ],
  );
  const before = begun();
  await pause(600);
  assert.equal(begun(), before, "after stopping, no worker begins");
});

test("all workers stop on request, without being reported as ended", async () => {
  const { supervisor, ends } = supervisorOf({ entry: LIVES, count: 3 });
  const pids = supervisor.members().map(({ pid }) => pid ?? 0);
  assert.equal(new Set(pids).size, 3);
  await pause(300);
  await supervisor.stop();
  assert.deepEqual(supervisor.members(), []);
  assert.deepEqual([ends, supervisor.deaths()], [[], 0]);
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), /ESRCH/);
});

test("a worker is not replaced if its owner does not want it", async () => {
  const { supervisor, ends, begun } = supervisorOf({ entry: ENDS, ended: () => false });
  while (supervisor.members().length > 0) await pause(20);
  await pause(100);
  assert.deepEqual([begun(), ends], [1, []]);
});
