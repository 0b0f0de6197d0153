import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { silentLog } from "../context.ts";
import { repeat, within } from "./repeat.ts";

/** Counts rounds; `outcomes` are the results of the first ones. */
function counted(every: number, outcomes: (boolean | Error)[] = []) {
  const count = { rounds: 0 };
  const run = async () => {
    const outcome = outcomes[count.rounds] ?? false;
    count.rounds += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { count, repeated: { name: "counting", every, run } };
}

/** Waits until this holds, however busy the machine is; the time limit of the tests ends a wait in vain. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await wait(10);
}

test("rounds follow one another at once while there is more to do", async () => {
  const { count, repeated } = counted(3600, [true, true, false, false]);
  const loop = repeat(repeated, silentLog);
  loop.start();
  await until(() => count.rounds >= 3);
  await wait(100);
  assert.equal(count.rounds, 3);
  await loop.stop();
});

test("a failing round is logged, and the next one comes in time", async () => {
  const { count, repeated } = counted(0.05, [new Error("no"), false]);
  const lines: unknown[] = [];
  const warn = (event: string, fields: unknown = {}) => lines.push([event, fields]);
  const loop = repeat(repeated, { ...silentLog, warn });
  loop.start();
  await until(() => count.rounds >= 2);
  assert.deepEqual(lines, [["counting failed", { why: "no" }]]);
  await loop.stop();
});

test("waking starts the next round early, also from within a round", async () => {
  const { count, repeated } = counted(3600);
  const loop = repeat(
    {
      ...repeated,
      async run() {
        if (count.rounds === 1) loop.wake();
        return repeated.run();
      },
    },
    silentLog,
  );
  loop.start();
  await until(() => count.rounds === 1);
  await wait(100);
  assert.equal(count.rounds, 1);
  loop.wake();
  await until(() => count.rounds >= 3);
  await loop.stop();
  loop.wake();
  await wait(150);
  assert.equal(count.rounds, 3, "nothing wakes it after the end");
});

test("waiting for a promise ends with it or with the time limit", async () => {
  const ended: string[] = [];
  const never = new Promise(() => {});
  await Promise.all([
    within(0.05, never).then(() => ended.push("limit")),
    within(60, Promise.resolve()).then(() => ended.push("promise")),
  ]);
  assert.deepEqual(ended, ["promise", "limit"]);
  await assert.rejects(within(60, Promise.reject(new Error("no"))), /no/);
});
