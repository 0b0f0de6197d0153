/** Ids that can be used once, over all nodes. */
import assert from "node:assert/strict";
import { START } from "./samples.ts";
import { atOnce, type Scenarios, trueOnes } from "./scenario.ts";

const times = { now: START, expires_at: START + 60 };

export const claimScenarios: Scenarios = {
  async "of 100 concurrent claims of an id, one succeeds"(store) {
    assert.equal(await store.isClaimed("jti", "a"), false);
    const outcomes = await atOnce(100, () => store.claimOnce("jti", "a", times));
    assert.equal(trueOnes(outcomes), 1);
    assert.equal(await store.isClaimed("jti", "a"), true);
  },

  async "an id is claimed until it expires; then one of 100 claims succeeds again"(store) {
    await store.claimOnce("jti", "a", times);
    const before = { now: START + 59, expires_at: START + 1000 };
    assert.equal(await store.claimOnce("jti", "a", before), false);
    const after = { now: START + 60, expires_at: START + 120 };
    assert.equal(trueOnes(await atOnce(100, () => store.claimOnce("jti", "a", after))), 1);
    const later = { now: START + 119, expires_at: START + 1000 };
    assert.equal(await store.claimOnce("jti", "a", later), false);
  },

  async "kind and id count together, and no two pairs are confused"(store) {
    const pairs = [
      ["jti", "a"],
      ["jti", "b"],
      ["jti", ""],
      ["jti", "A"],
      ["jti", "a "],
      ["jti a", ""],
      ["jti a", "b"],
      ["jti", "a b"],
      ["jt", "ia"],
      ["jti", "\u00e4"],
      ["jti", "a\u0308"],
      ["jti", "a\0"],
      ["jti", "x".repeat(100_000)],
      ["jti", `${"x".repeat(99_999)}y`],
    ] as const;
    for (const [kind, id] of pairs) {
      assert.equal(await store.isClaimed(kind, id), false);
      assert.equal(await store.claimOnce(kind, id, times), true);
    }
    for (const [kind, id] of pairs) {
      assert.equal(await store.isClaimed(kind, id), true);
      assert.equal(await store.claimOnce(kind, id, times), false);
    }
  },
};
