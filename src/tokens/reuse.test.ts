import assert from "node:assert/strict";
import { test } from "node:test";
import { reuseOf } from "./reuse.ts";

test("the state of a genuine code or refresh token in its grant", () => {
  const AT = 1000;
  for (const [presented, generation, now, refresh_replay, expected] of [
    // a code
    [0, 0, AT, 60, "live"],
    [0, 1, AT, 60, "reused"],
    [0, 1, AT, 3600, "reused"],
    [0, 5, AT, 60, "reused"],
    // the refresh token that is live
    [1, 1, AT + 9_999_999, 60, "live"],
    // the one before, within the window and after it
    [1, 2, AT, 60, "replayed"],
    [1, 2, AT + 60, 60, "replayed"],
    [1, 2, AT + 61, 60, "reused"],
    [1, 2, AT, 0, "reused"],
    [1, 2, AT + 1, 0, "reused"],
    // once its successor was used
    [1, 3, AT, 60, "reused"],
    [1, 3, AT + 1, 60, "reused"],
    [7, 8, AT + 1, 60, "replayed"],
    // a replica that lags knows less than the client
    [5, 2, AT, 60, "live"],
    [1, 0, AT, 60, "live"],
    // a clock that went back
    [1, 2, AT - 30, 60, "replayed"],
  ] as const) {
    const grant = { generation, advanced_at: AT };
    assert.equal(
      reuseOf(presented, grant, { now, refresh_replay }),
      expected,
      `${presented} of ${generation} at ${now}`,
    );
  }
});
