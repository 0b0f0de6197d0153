/** An example, as `npm run example` runs it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { type Running, startNode } from "./running.ts";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

export interface Example extends Running {
  /** Where it is installed. It is gone when the example has ended. */
  folder: string;
  /** Its output until it was ready. */
  output: string;
}

/**
 * A port for an example. Its installation takes a while, so the port is none of those that the system hands out to
 * other programs meanwhile.
 */
export async function examplePort(): Promise<string> {
  const port = randomInt(10_000, 30_000);
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "localhost", () => resolve(true));
  });
  server.close();
  return free ? String(port) : examplePort();
}

/** Resolves when it has written this. */
export async function startExample(
  name: string,
  { env, until }: { env: NodeJS.ProcessEnv; until: string },
): Promise<Example> {
  const args = ["tools/example.ts", name];
  const running = startNode(args, { env: { ...process.env, ...env } });
  const output = await running.said(until);
  const [, folder = ""] = /Runs in (\S+),/.exec(output) ?? [];
  return { ...running, folder, output };
}

/**
 * It has the packed package, of the version that it names, and takes nothing that the root has not installed.
 * @param own the packages that are for this example alone
 */
export function checkDependencies(
  { folder }: Example,
  name: string,
  own: readonly string[] = [],
): void {
  const { dependencies, devDependencies } = read(`examples/${name}/package.json`);
  const root = read("package.json");
  const ours = { ...root.devDependencies, ...root.dependencies, valetkey: root.version };
  for (const [each, version] of Object.entries({ ...dependencies, ...devDependencies }))
    if (own.includes(each)) assert.match(String(version), /^\d+\.\d+\.\d+$/, each);
    else assert.equal(version, ours[each], each);
  const installed = join(folder, "node_modules/valetkey");
  assert.equal(read(join(installed, "package.json")).version, dependencies.valetkey);
  assert.equal(existsSync(join(installed, "src")), false);
}

/** It compiles strictly, against the declarations of the package. One with pages has a configuration of its own. */
export function checkTypes({ folder }: Example): void {
  const types = join(folder, "node_modules/@types");
  mkdirSync(types, { recursive: true });
  // Types of another package may have brought it.
  if (!existsSync(join(types, "node")))
    symlinkSync(resolve("node_modules/@types/node"), join(types, "node"));
  const config = join(folder, "tsconfig.json");
  if (!existsSync(config)) {
    const { compilerOptions } = read("tsconfig.json");
    delete compilerOptions.customConditions;
    writeFileSync(config, JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  }
  const tsc = resolve("node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", "."], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
}

/** The example ends when it is told to, and leaves nothing behind. */
export async function checkEnd({ folder, stop }: Example): Promise<void> {
  const { output } = await stop();
  assert.equal(existsSync(folder), false, output);
}
