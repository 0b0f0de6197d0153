import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseUnavailable } from "../sql/driver.ts";
import { nodeGates } from "./node_gates.ts";

const LIMITS = { connections: 8, waiting: 3, wait_timeout: 40, node_timeout: 2000 };
const TWO = [
  { node: 1, places: "0,2,4" },
  { node: 2, places: "1,3,5" },
];
const at = (place: number) => [{ sql: "DELETE FROM session WHERE place = ?", args: [place] }];
const DIRECTORY = [{ sql: "SELECT 1 FROM client WHERE client_id = ?", args: ["a"] }];

class Slow extends Error {}
const isSlow = (error: unknown): boolean => error instanceof Slow;

describe("the gates of several database nodes", () => {
  function setup(limits = LIMITS) {
    const gates = nodeGates(limits, isSlow);
    gates.learn(TWO);
    const running: { place: number; end: (error?: Error) => void }[] = [];
    const begin = (place: number): Promise<string> =>
      gates.pass(
        at(place),
        (asked) =>
          new Promise((resolve, reject) => {
            asked();
            running.push({ place, end: (error) => (error ? reject(error) : resolve("done")) });
          }),
      );
    return { gates, running, begin };
  }
  const many = (count: number, begin: (i: number) => Promise<string>) =>
    Array.from({ length: count }, (_, i) => {
      const outcome = begin(i);
      outcome.catch(() => {});
      return outcome;
    });

  test("one node gets half of the connections, and others do not wait for it", async () => {
    const { running, begin } = setup();
    many(6, () => begin(0));
    await sleep(0);
    assert.equal(running.length, 4);
    many(1, () => begin(1));
    await sleep(0);
    assert.deepEqual(
      running.map(({ place }) => place),
      [0, 0, 0, 0, 1],
    );
  });

  test("waiting statements run in order; too many are refused, and so is one that waits too long", async () => {
    const { running, begin } = setup();
    const all = many(8, () => begin(0));
    await assert.rejects(all[7] ?? Promise.resolve(), /too many requests wait for one/);
    running[0]?.end();
    await all[0];
    await sleep(0);
    assert.equal(running.length, 5);
    const outcomes = await Promise.allSettled(all.slice(5, 7));
    for (const outcome of outcomes)
      assert.ok(outcome.status === "rejected" && outcome.reason instanceof DatabaseUnavailable);
    for (const { end } of running) end();
    await Promise.all(all.slice(1, 5));
    many(4, () => begin(2));
    await sleep(0);
    assert.equal(running.length, 9, "refused statements hold nothing");
  });

  test("a silent node is tried by one statement at a time, and by all again once it answers", async () => {
    const { running, begin } = setup();
    const all = many(6, () => begin(0));
    await sleep(0);
    running[0]?.end(new Slow());
    for (const waiting of all.slice(4)) await assert.rejects(waiting, /does not answer/);
    await assert.rejects(begin(2), /does not answer/);
    for (const { end } of running.slice(1, 4)) end(new Slow());
    await Promise.allSettled(all);
    const probe = begin(4);
    await sleep(0);
    await assert.rejects(begin(4), /does not answer/);
    running[4]?.end();
    assert.equal(await probe, "done");
    many(4, () => begin(0));
    await sleep(0);
    assert.equal(running.length, 9);
  });

  test("any answer, even a refusal, shows that a node is available", async () => {
    const { running, begin } = setup();
    const silent = begin(0);
    await sleep(0);
    running[0]?.end(new Slow());
    await assert.rejects(silent);
    const refused = begin(0);
    await sleep(0);
    running[1]?.end(new Error("duplicate key"));
    await assert.rejects(refused, /duplicate key/);
    many(2, () => begin(0));
    await sleep(0);
    assert.equal(running.length, 4);
  });

  test("an error from before a statement was sent leaves a silent node silent", async () => {
    const { gates, running, begin } = setup();
    const silent = begin(0);
    await sleep(0);
    running[0]?.end(new Slow());
    await assert.rejects(silent);
    const unsent = gates.pass(at(0), () => Promise.reject(new Error("no connection is free")));
    await assert.rejects(unsent, /no connection/);
    const probe = begin(0);
    await sleep(0);
    await assert.rejects(begin(0), /does not answer/);
    running[1]?.end();
    assert.equal(await probe, "done");
  });

  test("a statement without a place passes and has the usual time limit", async () => {
    const { gates, begin } = setup();
    many(6, () => begin(0));
    assert.equal(await gates.pass(DIRECTORY, async () => "here"), "here");
    assert.equal(await gates.pass([], async () => "here"), "here");
    assert.equal(gates.timeoutOf(at(3)), 2000);
    assert.equal(gates.timeoutOf(DIRECTORY), undefined);
  });

  test("a transaction goes to the node of the first place that it names", async () => {
    const { gates, running, begin } = setup();
    many(4, () => begin(0));
    await sleep(0);
    const waiting = gates.pass([...DIRECTORY, ...at(2)], async () => "late");
    running[0]?.end();
    assert.equal(await waiting, "late");
  });

  test("a single node has no gate", async () => {
    const { gates, running, begin } = setup();
    gates.learn(TWO.slice(0, 1));
    many(9, () => begin(0));
    await sleep(0);
    assert.equal(running.length, 9);
    assert.equal(gates.timeoutOf(at(0)), undefined);
  });
});
