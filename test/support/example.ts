/** An example, as `npm run example` runs it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Running, startNode } from "./running.ts";

const read = (path: string) => JSON.parse(readFileSync(path, "utf8"));

export interface Example extends Running {
  /** Where it is installed. It is gone when the example has ended. */
  folder: string;
}

/** Resolves when it has written this. */
export async function startExample(
  name: string,
  { env, until }: { env: NodeJS.ProcessEnv; until: string },
): Promise<Example> {
  const args = ["tools/example.ts", name];
  const running = startNode(args, { env: { ...process.env, ...env } });
  const [, folder = ""] = /Runs in (\S+),/.exec(await running.said(until)) ?? [];
  return { ...running, folder };
}

/** It has the packed package, of the version that it names, and takes nothing that the root has not installed. */
export function checkDependencies({ folder }: Example, name: string): void {
  const { dependencies } = read(`examples/${name}/package.json`);
  const { version, dependencies: ours, devDependencies } = read("package.json");
  const all = { ...devDependencies, ...ours, valetkey: version };
  for (const [each, wanted] of Object.entries(dependencies)) assert.equal(all[each], wanted, each);
  const installed = join(folder, "node_modules/valetkey");
  assert.equal(read(join(installed, "package.json")).version, dependencies.valetkey);
  assert.equal(existsSync(join(installed, "src")), false);
}

/** It compiles strictly, against the declarations of the package. */
export function checkTypes({ folder }: Example): void {
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  symlinkSync(resolve("node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  const { compilerOptions } = read("tsconfig.json");
  delete compilerOptions.customConditions;
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts"] }),
  );
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
