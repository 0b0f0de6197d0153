/** The npm package: built, packed, installed in an empty project and used from outside. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { packedPackage } from "./support/packed_package.ts";
import { type Running, startNode } from "./support/running.ts";

const project = mkdtempSync(join(tmpdir(), "valetkey-package-"));
const tsc = resolve("node_modules/typescript/bin/tsc");
const { exports: entries } = JSON.parse(readFileSync("package.json", "utf8"));
const specifiers = Object.keys(entries)
  .filter((path) => path !== "./package.json")
  .map((path) => path.replace(/^\./, "valetkey"));

/** Entries for apps, which may run on an older Node than the server. */
const sdk = specifiers.filter((name) => /^valetkey\/(client|resource-server|testing)/.test(name));
const OLDEST = "22.23.3";

const QUIET = ["--prefer-offline", "--no-audit", "--no-fund", "--omit=dev", "--loglevel=error"];

let packed: string[] = [];

before(async () => {
  const archive = await packedPackage();
  const paths = run("tar", ["-tzf", archive]).trim().split("\n");
  packed = paths.map((path) => path.replace(/^package\//, ""));

  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  run("npm", ["install", ...QUIET, archive]);
});

after(() => rmSync(project, { recursive: true }));

test("the package contains dist and its documents, and no test", () => {
  // Packed was a folder with nothing else in it. It is the same for the checkout with all its files.
  const [published] = JSON.parse(
    run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], "."),
  );
  const paths: string[] = published.files.map(({ path }: { path: string }) => path);
  for (const paper of ["package.json", "README.md", "LICENSE", "CHANGELOG.md"])
    assert.ok(paths.includes(paper), paper);
  const foreign = [...packed, ...paths].filter(
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
  for (const known of ["valetkey/store-conformance", "valetkey/client", "valetkey/testing"])
    assert.ok(specifiers.includes(known), known);
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
    const server = createAuthorizationServer({ issuer: "http://localhost:4000" });
    export const answer: Promise<Response> = server.fetch(new Request("http://localhost:4000/jwks"));
    export const closed: Promise<void> = server.close();
    ${specifiers.map((specifier, i) => `export * as entry${i} from "${specifier}";`).join("\n")}`;
  writeFileSync(join(project, "program.ts"), program);
  run(process.execPath, [tsc, "-p", "."]);
});

test(`apps on Node ${OLDEST} can use the SDKs and test with an issuer; the server asks for a newer one`, () => {
  const old = mkdtempSync(join(tmpdir(), "valetkey-node-"));
  try {
    writeFileSync(join(old, "package.json"), '{ "private": true }');
    run("npm", ["install", ...QUIET, `node@${OLDEST}`], old);
    const node = join(old, "node_modules/.bin/node");
    for (const specifier of sdk) {
      const program = `console.log(Object.keys(await import("${specifier}")).length)`;
      assert.notEqual(run(node, ["--input-type=module", "-e", program]).trim(), "0");
    }
    const program = `
      import { startIssuer } from "valetkey/testing";
      const issuer = await startIssuer();
      console.log((await fetch(issuer.issuer + "/jwks")).status);
      await issuer.close();`;
    assert.equal(run(node, ["--input-type=module", "-e", program]).trim(), "200");
    const main = join(project, "node_modules/valetkey/dist/src/cli/main.js");
    assert.throws(
      () => run(node, [main, "start"]),
      /valetkey needs Node 24 or newer, and this is v22/,
    );
  } finally {
    rmSync(old, { recursive: true });
  }
});

test("the command exists and prints its help", () => {
  assert.match(run(join(project, "node_modules/.bin/valetkey"), ["--help"]), /Usage: valetkey/);
});

test("the packed server starts, also with workers", async () => {
  const started = start(["start", "--port", "0", "--workers", "2"]);
  await started.said('"listening"');
  const { code, output } = await started.stop();
  assert.deepEqual([code, output.match(/worker ready/g)?.length], [0, 2], output);
});

test("the packed demo runs, with its pages and pictures", async () => {
  const started = start(["demo", "--json", "--port", "0"]);
  const { urls } = JSON.parse(await started.said("\n}\n"));
  const get = async (url: string): Promise<[number, string | null, string]> => {
    const response = await fetch(url);
    return [response.status, response.headers.get("content-type"), await response.text()];
  };
  for (const site of [urls.snaps, urls.printly]) {
    const [status, , page] = await get(`${site}/`);
    assert.equal(status, 200);
    const [, path = ""] = /<img src="([^"]+)"/.exec(page) ?? [];
    const [found, type, picture] = await get(site + path);
    assert.deepEqual([found, type], [200, "image/svg+xml; charset=utf-8"], path);
    assert.match(picture, /^<svg /);
  }
  const [status, type] = await get(`${urls.server}/sign-in`);
  assert.deepEqual([status, type], [200, "text/html; charset=utf-8"]);
  assert.equal((await started.stop()).code, 0);
});

/** The installed command, running. */
function start(args: string[]): Running {
  const main = join(project, "node_modules/valetkey/dist/src/cli/main.js");
  return startNode([main, ...args], { cwd: project });
}

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
