/** The package as it is published, installed in projects of its users. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { buildPackage } from "../../tools/bench/program.ts";

/** For `npm install`: quick, and silent unless it fails. */
export const QUIET = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

/** Builds and packs it in a folder of its own, so that several tests can do so at once. @returns the archive */
export function packPackage(folder: string): string {
  buildPackage(folder);
  const home = join(folder, "package");
  for (const paper of ["README.md", "LICENSE", "CHANGELOG.md"]) cpSync(paper, join(home, paper));
  const options = ["--silent", "--ignore-scripts", "--pack-destination", folder];
  runIn(home, "npm", ["pack", ...options]);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  return join(folder, archive);
}

export interface Project {
  folder: string;
  /** Runs a program there, with this Node. @returns its output @throws Error with all output when it fails */
  run(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): string;
  remove(): void;
}

/** An empty project that has the packed package, and these from the registry. */
export function projectWith(...packages: string[]): Project {
  return projectOf((folder) => {
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  }, packages);
}

/** A copy of a project, with the packed package, and from the registry what else its package.json names. */
export function projectFrom(source: string): Project {
  const isOwn = (path: string): boolean => basename(path) !== "node_modules";
  return projectOf((folder) => cpSync(source, folder, { recursive: true, filter: isOwn }));
}

function projectOf(fill: (folder: string) => void, packages: readonly string[] = []): Project {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-project-"));
  const packed = mkdtempSync(join(tmpdir(), "valetkey-packed-"));
  try {
    fill(folder);
    runIn(folder, "npm", ["install", ...QUIET, packPackage(packed), ...packages]);
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  } finally {
    rmSync(packed, { recursive: true });
  }
  return {
    folder,
    run: (program, args, env) => runIn(folder, program, args, env),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function runIn(
  cwd: string,
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): string {
  // A command that starts with `env node` gets the Node that runs this test.
  const path = [resolve(cwd, "node_modules/.bin"), dirname(process.execPath), process.env.PATH];
  const all = { ...process.env, PATH: path.join(delimiter), ...env };
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", env: all, stdio: "pipe" });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
