/** What npm publishes: built, packed, installed in an empty project and used as a stranger would. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";

const project = mkdtempSync(join(tmpdir(), "valetkey-package-"));
const tsc = resolve("node_modules/typescript/bin/tsc");
const { exports: entries } = JSON.parse(readFileSync("package.json", "utf8"));
const specifiers = Object.keys(entries)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(/^\./, "valetkey"));

let packed: string[] = [];

before(() => {
  run(process.execPath, ["tools/build.ts"], ".");
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", project], ".");
  const archive = readdirSync(project).find((name) => name.endsWith(".tgz")) ?? "";
  const paths = run("tar", ["-tzf", archive]).trim().split("\n");
  packed = paths.map((path) => path.replace(/^package\//, ""));

  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error"];
  run("npm", ["install", ...quiet, `./${archive}`]);
});

after(() => rmSync(project, { recursive: true }));

test("the package holds dist and its papers, and no test", () => {
  const foreign = packed.filter(
    (path) => !/^(dist\/|(package\.json|README\.md|LICENSE|CHANGELOG\.md)$)/.test(path),
  );
  assert.deepEqual(foreign, []);
  for (const paper of ["README.md", "LICENSE", "CHANGELOG.md"])
    assert.ok(packed.includes(paper), paper);
  assert.deepEqual(
    packed.filter((path) => /\.test\.|(?<!\.d)\.ts$/.test(path)),
    [],
  );
});

test("every export can be imported", () => {
  assert.ok(specifiers.includes("valetkey/store-conformance"));
  for (const specifier of specifiers) {
    const program = `console.log(Object.keys(await import("${specifier}")).length)`;
    assert.notEqual(run(process.execPath, ["--input-type=module", "-e", program]).trim(), "0");
  }
});

test("a strict TypeScript project compiles against the declarations", () => {
  mkdirSync(join(project, "node_modules", "@types"), { recursive: true });
  symlinkSync(resolve("node_modules/@types/node"), join(project, "node_modules/@types/node"));
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    module: "nodenext",
    target: "es2024",
    types: ["node"],
    noEmit: true,
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  const program = `
    import { createAuthorizationServer } from "valetkey";
    const server = createAuthorizationServer({ issuer: "http://127.0.0.1:4000" });
    export const answer: Promise<Response> = server.fetch(new Request("http://127.0.0.1:4000/jwks"));
    export const closed: Promise<void> = server.close();
    ${specifiers.map((specifier, i) => `export * as entry${i} from "${specifier}";`).join("\n")}`;
  writeFileSync(join(project, "program.ts"), program);
  run(process.execPath, [tsc, "-p", "."]);
});

test("the command is there and explains itself", () => {
  assert.match(run(join(project, "node_modules/.bin/valetkey"), ["--help"]), /Usage: valetkey/);
});

test("it starts, with the programs of its workers", async () => {
  const main = join(project, "node_modules/valetkey/dist/src/cli/main.js");
  const server = spawn(process.execPath, [main, "start", "--port", "0", "--workers", "2"], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  const ended = once(server, "close");
  while (!said.includes('"listening"') && server.exitCode === null)
    await Promise.race([once(server.stdout, "data"), ended]);
  server.kill("SIGTERM");
  assert.deepEqual([(await ended)[0], said.match(/worker ready/g)?.length], [0, 2], said);
});

function run(program: string, args: string[], cwd = project): string {
  // A command that starts with `env node` gets the Node that runs this test.
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const options = { cwd, encoding: "utf8", env: { ...process.env, PATH: path } } as const;
  try {
    return execFileSync(program, args, { ...options, stdio: "pipe" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
