import assert from "node:assert/strict";
import { test } from "node:test";
import { isOfStatement } from "./errors.ts";

const error = (severity: string, code: string): Error =>
  Object.assign(new Error("refused"), { severity, code });

test("after an error of a statement the connection is used further", () => {
  assert.equal(isOfStatement(error("ERROR", "23505")), true);
});

test("with FATAL or PANIC the connection ends, whatever the code: what it was sent may have been written", () => {
  for (const severity of ["FATAL", "PANIC"])
    for (const code of ["58000", "XX000", "23505"])
      assert.equal(isOfStatement(error(severity, code)), false, `${severity} ${code}`);
});
