/** The tests that SPECS.md names exist. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

test("every test that SPECS.md names exists", () => {
  const rows = [
    ...readFileSync("SPECS.md", "utf8").matchAll(/^\| .* \| `([^`]+)`(?:: (.+))? \|$/gm),
  ];
  assert.ok(rows.length > 40);
  const missing = rows.filter(([, file = "", name]) => {
    if (!existsSync(file)) return true;
    return name !== undefined && !readFileSync(file, "utf8").includes(name);
  });
  assert.deepEqual(
    missing.map(([row]) => row),
    [],
  );
});
