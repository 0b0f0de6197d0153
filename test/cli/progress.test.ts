/** people 20: long work shows its progress, in the real command on a terminal and in a pipe. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { workplace } from "./cli.ts";

const MAIN = resolve("src/cli/main.ts");
const place = workplace();
after(() => place.remove());
const path = (name: string): string => join(place.folder, name);
const copyTo = (name: string): string[] => [
  ...["copy", "--from", `sqlite:${path("source.sqlite")}`, "--to", `sqlite:${path(name)}`],
];

before(async () => {
  const made = await place.run(["migrate", "--database", `sqlite:${path("source.sqlite")}`]);
  assert.equal(made.code, 0, made.stderr);
  const db = new DatabaseSync(path("source.sqlite"));
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO claimed_id (id, place, expires_at) SELECT i || hex(zeroblob(100)), i, 2000000000 FROM n`);
  db.close();
});

/** Runs the command on a terminal of its own; other systems have another `script`, so their stderr claims to be one. */
function onTerminal(args: readonly string[], more = ""): string {
  const options = { cwd: place.folder, encoding: "utf8", env: { ...process.env, TERM: "xterm" } };
  const quoted = [process.execPath, MAIN, ...args].map((each) => `'${each}'`).join(" ");
  if (process.platform === "linux" && existsSync("/usr/bin/script"))
    return execFileSync("script", ["-qec", `${quoted}${more}`, "/dev/null"], options as never);
  const claim = `process.stderr.isTTY = true`;
  const claiming = quoted.replace("' '", `' --import 'data:text/javascript,${claim}' '`);
  return spawnSync("sh", ["-c", `${claiming}${more}`], options as never).stderr as never;
}

test("people 20: on a terminal a line tells rows, speed and time, and is cleared", () => {
  const said = onTerminal(copyTo("terminal.sqlite"));
  assert.match(said, /\[K(copying|comparing) claimed_id: [\d,]+ of 5,\d{3} rows/);
  assert.match(said, /s (left|so far)\r.\[K[^\r]*table/, "the line is cleared before the result");
  assert.match(said, /claimed_id +5000/);
});

test("people 20: with --json a terminal still shows it, and stdout holds JSON only", () => {
  const said = onTerminal([...copyTo("json.sqlite"), "--json"], ` > '${path("out.json")}'`);
  assert.match(said, /\[K(copying|comparing) claimed_id: /);
  const { tables } = JSON.parse(readFileSync(path("out.json"), "utf8"));
  assert.ok(tables.some(({ rows }: { rows: number }) => rows === 5000));
});

/** Runs the command in a pipe, where its clock is faster than ours: ten seconds take ten nanoseconds. */
async function inPipe(args: readonly string[]) {
  const fast = "const now = performance.now.bind(performance); performance.now = () => now() * 1e9";
  const child = spawn(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(fast)}`, MAIN, ...args],
    { cwd: place.folder, env: { PATH: process.env.PATH, HOME: place.folder } },
  );
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (said.stdout += text));
  child.stderr.on("data", (text) => (said.stderr += text));
  const [code] = await once(child, "close");
  assert.equal(code, 0, said.stderr);
  return said;
}

test("people 20: in a pipe a plain line comes every ten seconds; with --json none", async () => {
  for (const [args, name] of [
    [copyTo("pipe.sqlite"), "copying|comparing"],
    [["backup", "x.sqlite", "--database", `sqlite:${path("source.sqlite")}`], "copying"],
    [["restore", "x.sqlite", "--database", `sqlite:${path("y.sqlite")}`], "copying|comparing"],
    [["migrate", "--database", `sqlite:${path("z.sqlite")}`], "bringing the schema up to date"],
  ] as const) {
    const { stdout, stderr } = await inPipe(args);
    const told = new RegExp(`^(${name}).*(so far|left)$`, "m");
    assert.match(stderr, told);
    assert.doesNotMatch(stdout, told);
    assert.ok(!`${stdout}${stderr}`.includes("\r"));
  }
  const { stdout, stderr } = await inPipe([...copyTo("quiet.sqlite"), "--json"]);
  assert.ok(JSON.parse(stdout).tables);
  assert.doesNotMatch(stderr, /copying|comparing|counting/);
});

test("people 20: work that is silent for long has a line each interval too", async () => {
  const source = `
    import { setTimeout } from "node:timers/promises";
    import { withProgress } from ${JSON.stringify(resolve("src/cli/progress.ts"))};
    let lines = 0;
    const stream = { write: (text) => { lines += 1; process.stderr.write(text); } };
    await withProgress(async (watch) => {
      watch({ what: "distributing consent", unit: "tables", done: 1, total: 3 });
      while (lines < 3) await setTimeout(5);
    }, {}, { stream, every: 20 });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source]);
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  const [code] = await once(child, "close");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^(distributing consent: 1 of 3 tables, 1 s so far\n){3,}$/);
});
