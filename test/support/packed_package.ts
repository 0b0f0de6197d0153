/** The package as it is published, installed in projects of its users. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

/** For `npm install`: quick, and silent unless it fails. */
const QUIET = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];

const CACHE = resolve("node_modules/.cache/valetkey");
const PAPERS = ["package.json", "README.md", "LICENSE", "CHANGELOG.md"];
const DAY = 86_400_000;

/**
 * The package as it would be published. It is packed once for each state of the checkout: building it takes longer than
 * most tests. @returns the archive
 */
export async function packedPackage(): Promise<string> {
  const archive = join(CACHE, `${stateOfCheckout()}.tgz`);
  if (existsSync(archive)) return archive;
  mkdirSync(CACHE, { recursive: true });
  removeOld();
  const folder = mkdtempSync(join(CACHE, "packing-"));
  try {
    await runIn(".", process.execPath, ["tools/build.ts", join(folder, "dist")]);
    for (const paper of PAPERS) cpSync(paper, join(folder, paper));
    await runIn(folder, "npm", ["pack", "--silent", "--ignore-scripts"]);
    const packed = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
    // Another process may do the same at once. Each sees a whole archive, or none.
    renameSync(join(folder, packed), archive);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return archive;
}

/** A digest of everything that goes into the package, and of the way in which it is made. */
function stateOfCheckout(): string {
  const made_by = ["tools/build.ts", "test/support/packed_package.ts", "tsconfig*.json"];
  const exclude = ["**/*.test.ts"];
  const hash = createHash("sha256");
  for (const path of globSync(["src/**", "demo/**", ...PAPERS, ...made_by], { exclude }).sort())
    if (statSync(path).isFile()) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  return hash.digest("hex").slice(0, 16);
}

/** Archives of other states. Those of the last day may be in use. */
function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (age > DAY) rmSync(path, { recursive: true, force: true });
  }
}

export interface Project {
  folder: string;
  /** Runs a program there, with this Node. @returns its output @throws Error with all output when it fails */
  run(program: string, args: readonly string[]): Promise<string>;
  remove(): void;
}

/** An empty project that has the packed package, and these from the registry. */
export function projectWith(...packages: string[]): Promise<Project> {
  const fill = (folder: string): void =>
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  return projectOf(fill, packages);
}

/** A copy of a project, with the packed package, and from the registry what else its package.json names. */
export function projectFrom(source: string): Promise<Project> {
  const isOwn = (path: string): boolean => basename(path) !== "node_modules";
  const fill = (folder: string): void => cpSync(source, folder, { recursive: true, filter: isOwn });
  return projectOf(fill);
}

async function projectOf(
  fill: (folder: string) => void,
  packages: readonly string[] = [],
): Promise<Project> {
  const archive = await packedPackage();
  const folder = mkdtempSync(join(tmpdir(), "valetkey-project-"));
  // A program that has just ended may have written a last file.
  const remove = (): void => rmSync(folder, { recursive: true, maxRetries: 5 });
  try {
    fill(folder);
    await runIn(folder, "npm", ["install", ...QUIET, archive, ...packages]);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, run: (program, args) => runIn(folder, program, args), remove };
}

async function runIn(cwd: string, program: string, args: readonly string[]): Promise<string> {
  // A command that starts with `env node` gets the Node that runs this test.
  const path = [resolve(cwd, "node_modules/.bin"), dirname(process.execPath), process.env.PATH];
  const env = { ...process.env, PATH: path.join(delimiter) };
  try {
    return (await promisify(execFile)(program, args, { cwd, env })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`, { cause: error });
  }
}
