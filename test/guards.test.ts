/** The list of guards is true: the text of each guard occurs exactly once in its file. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { guards } from "../tools/guards/list.ts";
import { problemsOf, report, without } from "../tools/guards/report.ts";

const read = (file: string): string | null =>
  existsSync(file) ? readFileSync(file, "utf8") : null;

test("every guard's text occurs exactly once in its file, and its tests exist", () => {
  assert.deepEqual(problemsOf(guards, read), []);
  assert.ok(guards.length >= 80, `${guards.length} guards`);
});

test("removing a guard changes its file", () => {
  for (const guard of guards) {
    const source = read(guard.file) ?? "";
    assert.notEqual(without(guard, source), source, guard.name);
  }
});

test("a guard whose text is missing or repeated, or that has no tests, is reported", () => {
  const guard = { name: "a", file: "x", find: "if (b)", replace: "", tests: ["t"] };
  const files: Record<string, string> = { x: "if (b) if (b)" };
  assert.deepEqual(
    problemsOf([guard, guard], (file) => files[file] ?? null).map((text) => text.slice(0, 20)),
    ["a: occurs twice in t", ...Array(2).fill(["a: occurs 2 times in", "a: there is no t"]).flat()],
  );
});

test("the page names every guard that no test detects", () => {
  const [guard] = guards;
  assert.ok(guard);
  assert.match(report([{ guard, by: null }]), /1 checks; 0 of them [\s\S]*\*\*not tested\*\*/);
});
