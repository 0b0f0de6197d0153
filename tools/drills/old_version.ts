/** The previous version: the commit whose statements were recorded when the newest migration was written. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NEWEST_SCHEMA } from "../../src/store/sql/schema.ts";
import { fixtureOf, type Origin } from "../../test/store/recording.ts";
import { CannotRun } from "./drill.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface OldVersion {
  root: string;
  commit: string;
}

/** @throws CannotRun without a git history, or when there is no previous version */
export function checkOutOldVersion(within: string): OldVersion {
  if (NEWEST_SCHEMA === 1)
    throw new CannotRun("there is nothing to roll from: the schema is the first one");
  const [first = ""] = readFileSync(fixtureOf(NEWEST_SCHEMA - 1), "utf8").split("\n");
  const { commit }: Origin = JSON.parse(first);
  if (commit === null)
    throw new CannotRun("what was recorded of the version before names no commit");
  const root = join(within, "old");
  mkdirSync(root);
  execFileSync("tar", ["-x", "-C", root], { input: archiveOf(commit) });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return { root, commit: commit.slice(0, 7) };
}

function archiveOf(commit: string): Buffer {
  try {
    return execFileSync("git", ["archive", "--format=tar", commit], {
      cwd: ROOT,
      maxBuffer: 1e9,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (cause) {
    throw new CannotRun(
      "the version before is not in the history here: this is no clone of the repository, or a shallow one (git fetch --unshallow)",
      { cause },
    );
  }
}
