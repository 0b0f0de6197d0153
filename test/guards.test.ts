/** The list of guards stays true: what it would take out stands exactly once where it says. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { guards } from "../tools/guards/list.ts";
import { problemsOf, report, without } from "../tools/guards/report.ts";

const read = (file: string): string | null =>
  existsSync(file) ? readFileSync(file, "utf8") : null;

test("every guard stands exactly once in its file, and its tests are there", () => {
  assert.deepEqual(problemsOf(guards, read), []);
  assert.ok(guards.length >= 80, `${guards.length} guards`);
});

test("to take a guard out changes its file", () => {
  for (const guard of guards) {
    const source = read(guard.file) ?? "";
    assert.notEqual(without(guard, source), source, guard.name);
  }
});

test("a guard that moved, stands twice or has no tests is told of", () => {
  const guard = { name: "a", file: "x", find: "if (b)", replace: "", tests: ["t"] };
  const files: Record<string, string> = { x: "if (b) if (b)" };
  assert.deepEqual(
    problemsOf([guard, guard], (file) => files[file] ?? null).map((text) => text.slice(0, 20)),
    ["a: stands twice in t", ...Array(2).fill(["a: stands 2 times in", "a: there is no t"]).flat()],
  );
});

test("the page names every guard that nobody misses", () => {
  const [guard] = guards;
  assert.ok(guard);
  assert.match(report([{ guard, by: null }]), /1 checks; 0 of them [\s\S]*\*\*not tested\*\*/);
});
