import assert from "node:assert/strict";
import { test } from "node:test";
import { peers, type Turn } from "./peers.ts";

const end = (turn: Turn, outcome: "answered" | "failed") =>
  "end" in turn ? turn.end(outcome) : assert.fail(`it waits ${turn.wait} s`);

test("a client has two calls at a time; others do not wait for it", () => {
  const all = peers();
  const turns = [all.take("a", 0), all.take("a", 0)];
  assert.deepEqual(all.take("a", 0), { wait: 2 });
  assert.ok("end" in all.take("b", 0));
  for (const turn of turns) end(turn, "answered");
  assert.ok("end" in all.take("a", 0));
});

test("a client that fails rests longer each time, until it answers", () => {
  const all = peers();
  let now = 0;
  for (const pause of [5, 10, 20, 40, 80, 160, 320, 600, 600]) {
    end(all.take("a", now), "failed");
    assert.deepEqual(all.take("a", now), { wait: pause });
    assert.deepEqual(all.take("a", now + pause - 1), { wait: 1 });
    now += pause;
  }
  end(all.take("a", now), "answered");
  end(all.take("a", now), "failed");
  assert.deepEqual(all.take("a", now), { wait: 5 });
});

test("only so many clients are remembered, and never one that is being called is forgotten", () => {
  const all = peers();
  const open = [all.take("busy", 0), all.take("busy", 0)];
  for (let i = 0; i < 10_000; i += 1) end(all.take(`client ${i}`, 0), "failed");
  assert.ok("end" in all.take("client 0", 0), "forgotten");
  assert.deepEqual(all.take("busy", 0), { wait: 2 });
  for (const turn of open) end(turn, "answered");
});
