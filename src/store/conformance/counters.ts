/** Counters of tries: each is counted before it is judged, and a wait is neither skipped nor extended. */
import assert from "node:assert/strict";
import type { CounterRules } from "../single_use_store.ts";
import type { Store } from "../store.ts";
import { START } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

const SLOT = 1_048_575;
const rules: CounterRules = { now: START, window: 900, free: 5, wait: 2, longest_wait: 60 };

const tryAt = (store: Store, now: number, given: Partial<CounterRules> = {}) =>
  store.countTry(SLOT, { ...rules, now, ...given });

/** `count` tries, each as early as possible, and the wait that each one begins. */
async function waits(store: Store, count: number, from: number): Promise<number[]> {
  const found: number[] = [];
  let now = from;
  for (let i = 0; i < count; i += 1) {
    const { counted, wait_until } = await tryAt(store, now);
    assert.equal(counted, true);
    found.push(Math.max(0, wait_until - now));
    now = Math.max(now, wait_until);
  }
  return found;
}

export const counterScenarios: Scenarios = {
  async "after `free` tries the slot waits: 2 s, doubling to 60 s"(store) {
    const expected = [0, 0, 0, 0, 2, 4, 8, 16, 32, 60, 60, 60];
    assert.deepEqual(await waits(store, expected.length, START), expected);
  },

  async "tries during a wait are not counted and do not extend it"(store) {
    await waits(store, 6, START); // the sixth, two seconds later, begins a wait of four
    for (const now of [START + 2, START + 3, START + 3, START + 5])
      assert.deepEqual(await tryAt(store, now), { counted: false, wait_until: START + 6 });
    assert.deepEqual(await tryAt(store, START + 6), { counted: true, wait_until: START + 14 });
  },

  async "of 200 concurrent tries `free` pass, and one after the wait"(store) {
    for (const [now, through] of [
      [START, 5],
      [START + 2, 1],
      [START + 6, 1],
    ] as const) {
      const outcomes = await atOnce(200, () => tryAt(store, now));
      assert.equal(trueOnes(outcomes.map(({ counted }) => counted)), through);
    }
  },

  async "after the window the count starts again"(store) {
    assert.deepEqual(await waits(store, 5, START), [0, 0, 0, 0, 2]);
    assert.deepEqual(await waits(store, 6, START + 900), [0, 0, 0, 0, 2, 4]);
  },

  async "tries do not extend the window; a wait that began within it runs to its end"(store) {
    await waits(store, 4, START);
    assert.deepEqual(await tryAt(store, START + 899), { counted: true, wait_until: START + 901 });
    assert.equal((await tryAt(store, START + 900)).counted, false);
    assert.deepEqual(await waits(store, 5, START + 901), [0, 0, 0, 0, 2]);
  },

  async "with one free try the first one begins the wait"(store) {
    const given = { free: 1, wait: 3600, longest_wait: 3600 };
    const first = await tryAt(store, START, given);
    assert.deepEqual(first, { counted: true, wait_until: START + 3600 });
    assert.equal((await tryAt(store, START + 3599, given)).counted, false);
    const next = await tryAt(store, START + 3600, given);
    assert.deepEqual(next, { counted: true, wait_until: START + 7200 });
  },

  async "tries of one slot do not affect another"(store) {
    await waits(store, 5, START);
    assert.equal((await store.countTry(SLOT - 1, rules)).wait_until <= START, true);
    assert.equal((await store.countTry(0, rules)).counted, true);
  },

  async "when all tries are forgiven, the count starts again"(store) {
    await waits(store, 9, START);
    await store.forgiveTries(SLOT, { all: true, free: 5 });
    await store.forgiveTries(SLOT - 1, { all: true, free: 5 });
    assert.deepEqual(await waits(store, 6, START + 50), [0, 0, 0, 0, 2, 4]);
  },

  async "a forgiven try leaves no trace, including the wait that it began"(store) {
    for (const before of [0, 3, 4, 5, 6, 8]) {
      await store.forgiveTries(SLOT, { all: true, free: 5 });
      const from = START + before * 10_000;
      const begun = await waits(store, before, from);
      const now = from + begun.reduce((sum, wait) => sum + wait, 0);
      for (let i = 0; i < 3; i += 1) {
        assert.equal((await tryAt(store, now)).counted, true);
        await store.forgiveTries(SLOT, { all: false, free: 5 });
      }
      const expected = [0, 0, 0, 0, 2, 4, 8, 16, 32, 60].slice(before);
      assert.deepEqual(await waits(store, expected.length, now), expected);
    }
  },

  async "forgiving more tries than were made grants no extra ones"(store) {
    await waits(store, 1, START);
    await atOnce(5, () => store.forgiveTries(SLOT, { all: false, free: 5 }));
    assert.deepEqual(await waits(store, 6, START), [0, 0, 0, 0, 2, 4]);
  },
};
