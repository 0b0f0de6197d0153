import assert from "node:assert/strict";
import { test } from "node:test";
import { rateLimiter } from "./rate_limit.ts";

const LIMITS = {
  window: 60,
  client: 3,
  account: 0,
  address: 60,
  changes: 0,
  verifications: 0,
  fetches: 0,
};

test("a burst is allowed, then one request for each refilled token", () => {
  const limiter = rateLimiter(LIMITS);
  const allowed = (ms: number) => limiter.take("client", "app", ms)?.allowed;
  assert.deepEqual([0, 0, 0, 0].map(allowed), [true, true, true, false]);
  const refused = limiter.take("client", "app", 1000);
  assert.deepEqual([refused?.retry_after, refused?.full_in], [19, 59]);
  assert.deepEqual([20_000, 20_001, 40_000].map(allowed), [true, false, true]);
});

test("an idle client has one full bucket and no more", () => {
  const limiter = rateLimiter(LIMITS);
  limiter.take("client", "app", 0);
  const later = Array.from({ length: 5 }, () => limiter.take("client", "app", 86_400_000)?.allowed);
  assert.deepEqual(later, [true, true, true, false, false]);
});

test("each key has its own bucket; without a limit there is none", () => {
  const limiter = rateLimiter(LIMITS);
  for (let i = 0; i < 3; i += 1) limiter.take("client", "one", 0);
  assert.equal(limiter.take("client", "one", 0)?.allowed, false);
  assert.equal(limiter.take("client", "two", 0)?.allowed, true);
  assert.equal(limiter.take("address", "one", 0)?.allowed, true);
  assert.equal(limiter.take("account", "one", 0), null);
});

test("a clock that steps back neither adds nor removes tokens", () => {
  const limiter = rateLimiter(LIMITS);
  limiter.take("client", "app", 100_000);
  assert.equal(limiter.take("client", "app", 0)?.left, 1);
});

test("an active key is not evicted, however many others come", () => {
  const limiter = rateLimiter(LIMITS);
  for (let i = 0; i < 3; i += 1) limiter.take("client", "busy", 0);
  for (let i = 0; i < 100_000; i += 1) {
    limiter.take("client", `${i}`, 0);
    if (i % 1000 === 0) assert.equal(limiter.take("client", "busy", 0)?.allowed, false);
  }
});

test("an idle key is evicted, so that memory is bounded", () => {
  const limiter = rateLimiter(LIMITS);
  for (let i = 0; i < 4; i += 1) limiter.take("client", "idle", 0);
  for (let i = 0; i < 50_000; i += 1) limiter.take("client", `${i}`, 0);
  assert.equal(limiter.take("client", "idle", 0)?.left, 2, "begins anew");
});
