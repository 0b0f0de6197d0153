/** `npm run connect`: the recipes of docs/connect that need a program of their own. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { runTestFile } from "../../tools/test_file.ts";
import { isInstall, readPage } from "./page.ts";
import { cacheOf, PROGRAMS } from "./programs.ts";

const HELP = `npm run connect -- [NAME…]

Runs the recipes of docs/connect that need a program of their own: ${Object.keys(PROGRAMS).join(", ")}.
It installs the program into the temporary folder of the machine, once for each text of the page, and then runs the
test. Without the tool that a recipe needs, such as go, the recipe is left out, and the reason is printed.

  Example: npm run connect -- apache spring`;

const asked = process.argv.slice(2);
if (asked.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
const unknown = asked.filter((name) => !Object.hasOwn(PROGRAMS, name));
if (unknown.length > 0) {
  console.error(`no recipe ${unknown.join(", ")}: there is ${Object.keys(PROGRAMS).join(", ")}`);
  process.exit(2);
}

let passed = 0;
const failures: string[] = [];
const left_out: string[] = [];
for (const name of asked.length > 0 ? asked : Object.keys(PROGRAMS)) {
  const lacking = lacks(name);
  if (lacking !== null) {
    left_out.push(`${name}: ${lacking}`);
    continue;
  }
  const began = performance.now();
  const failed = install(name);
  if (failed !== null) {
    failures.push(`${name}: its installation failed\n${failed}`);
    continue;
  }
  const installed = performance.now();
  const outcome = await runTestFile(`test/connect/${name.replaceAll("-", "_")}.ts`);
  passed += outcome.passed;
  failures.push(...outcome.failures);
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`.padStart(8);
  const times = `installed ${seconds(began, installed)}  run ${seconds(installed, performance.now())}`;
  console.log(`${name.padEnd(16)} ${String(outcome.passed).padStart(3)} passed  ${times}`);
}
for (const each of left_out) console.log(`left out: ${each}`);
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;

function lacks(name: string): string | null {
  const { tools = [], root = false } = PROGRAMS[name] ?? {};
  const missing = tools.filter((tool) => !isOnMachine(tool));
  if (missing.length > 0) return `${missing.join(", ")} is not on this machine`;
  return root && process.getuid?.() !== 0 ? "only root can install it" : null;
}

function isOnMachine(tool: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
}

/** Runs the `install` lines of the page. Null: done, now or before. */
function install(name: string): string | null {
  const folder = cacheOf(name);
  const { before = [], after = [] } = PROGRAMS[name] ?? {};
  const { files, shell } = readPage(name);
  const lines = [...before, ...shell.flat().filter(isInstall), ...after];
  const done = join(folder, "installed");
  const text = lines.join("\n");
  if (existsSync(done) && readFileSync(done, "utf8") === text) return null;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of ["pom.xml"])
    if (files[file] !== undefined) writeFileSync(join(folder, file), files[file]);
  const path = [join(folder, "venv/bin"), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, GOBIN: join(folder, "bin"), REPOSITORY: process.cwd() };
  const ran = spawnSync("sh", ["-e", "-c", text], { cwd: folder, env, encoding: "utf8" });
  if (ran.status !== 0) return `${ran.stdout}${ran.stderr}`.split("\n").slice(-30).join("\n");
  writeFileSync(done, text);
  return null;
}
