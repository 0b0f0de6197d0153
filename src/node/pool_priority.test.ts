import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { test } from "node:test";
import { lowerPoolPriority } from "./pool_priority.ts";

test("on Linux the pool's threads have lower priority than the main thread", async () => {
  const before = getPriority();
  const lowered = await lowerPoolPriority();
  assert.equal(lowered > 0, process.platform === "linux");
  assert.equal(getPriority(), before);
});
