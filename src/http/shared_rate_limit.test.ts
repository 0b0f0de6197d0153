import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Spent, type SpentExchange, sharedRateLimiter } from "./shared_rate_limit.ts";

/** Processes that receive each other's messages. */
function processes(count: number, limits: { client: number }) {
  const heard: ((spent: readonly Spent[]) => void)[] = [];
  const told: (readonly Spent[])[] = [];
  const limiters = Array.from({ length: count }, (_, self) => {
    const exchange: SpentExchange = {
      tell(spent) {
        told.push(spent);
        for (const [other, hear] of heard.entries()) if (other !== self) hear(spent);
      },
      onHeard: (hear) => heard.push(hear),
    };
    return sharedRateLimiter(
      { window: 60, account: 0, address: 60, changes: 0, verifications: 0, fetches: 0, ...limits },
      exchange,
      () => 0,
    );
  });
  const take = (i: number) => limiters[i]?.take("client", "app", 0);
  return { take, told, limiters };
}

test("requests counted by one process are counted by the others", async () => {
  const { take } = processes(3, { client: 10 });
  for (let i = 0; i < 6; i += 1) assert.equal(take(0)?.allowed, true);
  await pause(150);
  assert.equal(take(1)?.left, 3);
  for (let i = 0; i < 3; i += 1) take(2);
  await pause(150);
  assert.deepEqual([take(0)?.allowed, take(1)?.allowed, take(2)?.allowed], [false, false, false]);
});

test("small counts are not sent; a hundredth of the limit is", async () => {
  const { take, told } = processes(2, { client: 10_000 });
  for (let i = 0; i < 99; i += 1) take(0);
  await pause(150);
  assert.equal(told.length, 0);
  for (let i = 0; i < 21; i += 1) take(0);
  await pause(150);
  assert.deepEqual(told, [[{ kind: "client", name: "app", count: 120 }]]);
  assert.equal(take(1)?.left, 10_000 - 121);
});

test("without a limit nothing is sent", async () => {
  const { limiters, told } = processes(2, { client: 10 });
  assert.equal(limiters[0]?.take("account", "ada", 0), null);
  await pause(150);
  assert.deepEqual(told, []);
});
