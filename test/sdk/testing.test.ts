/** docs/sdk-testing.md, as a newcomer follows it: an empty project with the packed package, vitest and Playwright. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { ensureChromium, findChromium } from "../browser/chromium.ts";
import { projectWith } from "../support/packed_package.ts";

const project = await projectWith("vitest@5.1.2", "@playwright/test@1.65.1");
after(() => project.remove());

const page = readFileSync("docs/sdk-testing.md", "utf8");
for (const [, name = "", code = ""] of page.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g))
  writeFileSync(join(project.folder, name), code);

test("the first lines sign a person in", async () => {
  const [, first = ""] = /^# .*\n\n```ts\n([\s\S]*?)```/.exec(page) ?? [];
  assert.match(first, /^\/\/ first\.ts\n/);
  assert.ok(first.split("\n").filter((line) => line && !/^(import|\/\/)/.test(line)).length <= 10);
  assert.equal(await project.run(process.execPath, ["first.ts"]), "ada@example.com\n");
});

test("the tests for vitest pass", async () => {
  const config = 'export default { test: { include: ["*.test.ts"] } };';
  writeFileSync(join(project.folder, "vitest.config.ts"), config);
  await project.run("vitest", ["run", "--reporter=json", "--outputFile=report.json"]);
  const report = JSON.parse(readFileSync(join(project.folder, "report.json"), "utf8"));
  const files = [...page.matchAll(/^\/\/ (\S+)\.test\.ts$/gm)].length;
  assert.ok(files >= 3, `${files} files`);
  assert.equal(report.testResults.length, files);
  assert.equal(report.numPassedTests, [...page.matchAll(/^test\("/gm)].length - SPECS);
});

/** The tests of the page that are for Playwright. */
const SPECS = 2;

test("the tests for Playwright pass", async () => {
  ensureChromium();
  const launchOptions = { executablePath: findChromium(), args: ["--no-sandbox"] };
  const config = { testMatch: "*.spec.ts", reporter: "json", use: { launchOptions } };
  const file = `export default ${JSON.stringify(config)};`;
  writeFileSync(join(project.folder, "playwright.config.ts"), file);
  const report = JSON.parse(await project.run("playwright", ["test"]));
  assert.deepEqual([report.stats.expected, report.stats.unexpected], [SPECS, 0]);
});

test("all of it has types, without a type of our own making", async () => {
  mkdirSync(join(project.folder, "node_modules/@types"), { recursive: true });
  const types = join(project.folder, "node_modules/@types/node");
  symlinkSync(resolve("node_modules/@types/node"), types);
  const compilerOptions = {
    ...{ strict: true, module: "nodenext", target: "esnext", noEmit: true, types: ["node"] },
    ...{ allowImportingTsExtensions: true, skipLibCheck: true },
  };
  writeFileSync(join(project.folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
  await project.run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", "."]);
});
