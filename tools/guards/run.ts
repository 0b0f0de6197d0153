/** `npm run guards`: removes each security check of guards/ in turn, and runs the tests that should fail. */
import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import type { Guard } from "./guard.ts";
import { guards } from "./list.ts";
import { problemsOf, type Result, report, without } from "./report.ts";

/** Milliseconds. A test that hangs without a check has detected its removal. */
const TIMEOUT = 120_000;

const HELP = `npm run guards -- [options]

Removes each security check of tools/guards in turn, in a copy of this repository, and runs the tests that should
fail. It ends with 1 when no test detects the removal of a check, or when the list is no longer true.

  --only TEXT     the checks whose name or file contains TEXT (all)
  --list          lists them and runs nothing
  --by FILE       this test file alone
  --workers N     copies that work at the same time (one for each core)
  --write         writes the result to docs/guards.md

  Example: npm run guards -- --only redirect`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    list: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    by: { type: "string" },
    workers: { type: "string", default: String(availableParallelism()) },
  },
});
const testsOf = ({ tests }: Guard): readonly string[] =>
  values.by === undefined ? tests : [values.by];
/** By file, the tests that fail with every check in place: they prove nothing. */
const broken = new Map<string, ReadonlySet<string>>();
const chosen = guards.filter(({ name, file }) => `${file} ${name}`.includes(values.only));
const problems = problemsOf(guards, (file) =>
  existsSync(file) ? readFileSync(file, "utf8") : null,
);

if (values.help) {
  console.log(HELP);
} else if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exitCode = 1;
} else if (values.list) {
  for (const { name, file } of chosen) console.log(`${file.padEnd(40)} ${name}`);
} else {
  const results = await runAll(chosen, Math.max(1, Number(values.workers)));
  const unnoticed = results.filter(({ guard, by }) => by === null && guard.survives === undefined);
  for (const { guard } of unnoticed)
    console.log(`${styleText("red", "UNNOTICED")} ${guard.name}\n  ${guard.file}: ${guard.find}`);
  const noticed = results.filter(({ by }) => by !== null).length;
  console.log(`${results.length} guards, ${noticed} noticed, ${unnoticed.length} unnoticed`);
  if (values.write) writeFileSync("docs/guards.md", report(results));
  process.exitCode = unnoticed.length + broken.size > 0 ? 1 : 0;
}

async function runAll(all: readonly Guard[], workers: number): Promise<Result[]> {
  const folders = Array.from({ length: workers }, copyOfRepository);
  const results = new Map<Guard, Result>();
  try {
    await inTurns(new Set(all.flatMap(testsOf)), folders, async (file, folder) => {
      const failed = await failures(file, folder, { until: () => false });
      for (const name of failed) console.log(`${styleText("red", "BROKEN")} ${file}: ${name}`);
      if (failed.size > 0) broken.set(file, failed);
    });
    await inTurns(all, folders, async (guard, folder) => {
      const result = await takeOut(guard, folder);
      results.set(guard, result);
      console.log(`${result.by === null ? "unnoticed" : "noticed  "} ${guard.name}`);
    });
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }
  return all.flatMap((guard) => results.get(guard) ?? []);
}

/** Runs each item in one of the folders, one at a time in each. */
async function inTurns<T>(
  items: Iterable<T>,
  folders: readonly string[],
  work: (item: T, folder: string) => Promise<void>,
): Promise<void> {
  const waiting = items[Symbol.iterator]();
  await Promise.all(
    folders.map(async (folder) => {
      for (let next = waiting.next(); !next.done; next = waiting.next())
        await work(next.value, folder);
    }),
  );
}

/** Copies the working tree without ignored files; packages are only linked. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-guards-"));
  const flags = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", flags, { encoding: "utf8" }).split("\0");
  const none = ["", "node_modules"];
  for (const file of files.filter((each) => !none.includes(each) && existsSync(each)))
    cpSync(file, join(folder, file));
  symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"));
  return folder;
}

async function takeOut(guard: Guard, folder: string): Promise<Result> {
  const path = join(folder, guard.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, without(guard, source));
  try {
    for (const file of testsOf(guard)) {
      const until = (name: string): boolean => broken.get(file)?.has(name) !== true;
      const [by] = [...(await failures(file, folder, { until }))].filter(until);
      if (by !== undefined) return { guard, by: { file, test: by } };
    }
    return { guard, by: null };
  } finally {
    writeFileSync(path, source);
  }
}

/** Names of the tests that fail. `until`: stops after the first failure that it accepts. */
function failures(
  file: string,
  folder: string,
  { until }: { until: (name: string) => boolean },
): Promise<ReadonlySet<string>> {
  return new Promise((resolve) => {
    const args = ["--conditions=valetkey-source", "--test-reporter=tap", file];
    const child = spawn(process.execPath, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    const found = new Set<string>();
    const timer = setTimeout(() => {
      found.add("hangs");
      child.kill("SIGKILL");
    }, TIMEOUT);
    child.stdout.on("data", (text: Buffer) => {
      output += text;
      for (const [, name = ""] of output.matchAll(/^ *not ok \d+ - (.*)\n/gm)) found.add(name);
      if ([...found].some(until)) child.kill("SIGKILL");
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code !== 0 && found.size === 0) found.add("does not run");
      resolve(found);
    });
  });
}
