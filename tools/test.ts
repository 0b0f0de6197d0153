/** `npm test`. Quiet: one line per folder, details for failures only, and last `N passed, N failed`. */
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { parseArgs, styleText } from "node:util";
import { ensureChromium } from "../test/browser/chromium.ts";
import { PROGRAMS } from "../test/connect/programs.ts";
import { SHARED_POSTGRES, startOwnPostgres } from "../test/support/postgres.ts";
import { type Outcome, runTestFile } from "./test_file.ts";

interface Task {
  group: string;
  run: () => Promise<Outcome>;
}

const HELP = `npm test -- [FILE or FOLDER…]

Runs every test, or those of these files and folders.

  npm run check         the checks, the layers and the unit tests beside the code
  npm run test:large    a database of 1,000,000 grants instead of 100,000, which takes a minute more

  Example: npm test -- test/flows src/oauth`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const selection = values.large ? ["test/store/many_rows.test.ts"] : positionals;
const whole = selection.length === 0;
const files = selectFiles(values.check ? ["src", "demo", "test/layers.test.ts"] : selection);
const inBrowser = files.filter((file) => file.startsWith("test/browser/"));
const others = files.filter((file) => !inBrowser.includes(file));

const failures: string[] = [];
const skipped: string[] = [];
let passed = 0;

if (files.length === 0) failures.push(`no test file is in ${positionals.join(", ")}`);
// One PostgreSQL for all files: starting one takes longer than most of them.
const postgres = usesPostgres(files) ? await startOwnPostgres() : null;
const env = {
  ...(postgres !== null && { [SHARED_POSTGRES]: postgres.url }),
  ...(values.large && { TEST_ROWS: "1000000" }),
};
try {
  await runAll([...(whole ? checks() : []), ...others.map(testFile)], availableParallelism());
  // Browser tests run alone: otherwise they would measure the wait for a core.
  if (inBrowser.length > 0) await runAll(browserTasks(), 1);
} finally {
  await postgres?.stop();
}

for (const test of skipped) console.log(`skipped: ${test}`);
if (whole && !values.check)
  console.log(
    `not run: npm run connect installs the programs of docs/connect for ${Object.keys(PROGRAMS).join(", ")}`,
  );
for (const failure of failures) console.log(`\n${styleText("red", "FAILED")} ${failure}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;

function selectFiles(selection: string[]): string[] {
  const all = globSync(
    ["src/**/*.test.ts", "demo/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
    {
      exclude: ["**/node_modules/**"],
    },
  ).sort();
  const wanted = selection.map((each) => each.replace(/^\.\//, "").replace(/\/+$/, ""));
  if (wanted.length === 0) return all;
  return all.filter((file) => wanted.some((each) => file === each || file.startsWith(`${each}/`)));
}

function usesPostgres(selection: readonly string[]): boolean {
  return selection.some((file) => readFileSync(file, "utf8").includes("startPostgres()"));
}

function checks(): Task[] {
  const biome = ["check", "--error-on-warnings", "--colors=off"];
  const tsc = ["--pretty", "false", "-p"];
  return [
    { group: "biome", run: () => runTool("biome", biome) },
    { group: "tsc", run: () => runTool("tsc", [...tsc, "."]) },
    // Checked apart, since code inside a page may use browser globals.
    { group: "tsc test/browser", run: () => runTool("tsc", [...tsc, "test/browser"]) },
    // Once, before the tests that install it.
    ...(values.check ? [] : [{ group: "pack", run: () => runTool("node", ["tools/pack.ts"]) }]),
  ];
}

function testFile(file: string): Task {
  return { group: dirname(file), run: () => runTestFile(file, env) };
}

function browserTasks(): Task[] {
  try {
    ensureChromium();
    return inBrowser.map(testFile);
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return [
      { group: "browser", run: async () => ({ passed: 0, failures: [failure], skipped: [] }) },
    ];
  }
}

function runTool(name: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const tool = spawn(`node_modules/.bin/${name}`, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [tool.stdout, tool.stderr]) stream.on("data", (text) => (output += text));
    tool.on("error", (error) => (output += error.message));
    tool.on("close", (code) =>
      resolve({
        passed: code === 0 ? 1 : 0,
        failures: code === 0 ? [] : [`${name}\n${output.trim()}`],
        skipped: [],
      }),
    );
  });
}

/** Runs the tasks, some at a time, and reports a group when its last task has ended. */
async function runAll(tasks: Task[], atOnce: number): Promise<void> {
  const groups = new Map<string, { left: number; passed: number; failed: number; ms: number }>();
  for (const { group } of tasks) {
    const left = (groups.get(group)?.left ?? 0) + 1;
    groups.set(group, { left, passed: 0, failed: 0, ms: 0 });
  }
  const waiting = tasks.values();
  const work = async () => {
    for (const task of waiting) {
      const start = performance.now();
      const outcome = await task.run();
      const group = groups.get(task.group);
      if (group === undefined) continue;
      group.left -= 1;
      group.passed += outcome.passed;
      group.failed += outcome.failures.length;
      group.ms += performance.now() - start;
      passed += outcome.passed;
      failures.push(...outcome.failures);
      skipped.push(...outcome.skipped);
      if (group.left === 0) printGroup(task.group, group);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function printGroup(name: string, group: { passed: number; failed: number; ms: number }): void {
  const failed = group.failed > 0 ? styleText("red", `${group.failed} failed`) : "";
  const seconds = (group.ms / 1000).toFixed(1);
  console.log(
    `${name.padEnd(24)} ${String(group.passed).padStart(5)} passed ${seconds.padStart(6)} s  ${failed}`.trimEnd(),
  );
}
