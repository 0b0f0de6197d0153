/** The version before: the last commit whose schema was an older one, taken out of the history of this repository. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CannotRun } from "./drill.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCHEMA = "src/store/sql/schema.ts";
/** A migration as the file writes it. */
const MIGRATION = /^ {2}\(\{[^)]*\}\) => \[$/gm;

export interface OldVersion {
  root: string;
  commit: string;
}

/** @throws CannotRun without a history, or when there was no version before */
export function checkOutOldVersion(within: string): OldVersion {
  const commit = findCommit();
  const root = join(within, "old");
  mkdirSync(root);
  execFileSync("tar", ["-x", "-C", root], { input: git("archive", "--format=tar", commit) });
  symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
  return { root, commit: commit.slice(0, 7) };
}

function findCommit(): string {
  const newest = count(readFileSync(join(ROOT, SCHEMA), "utf8"));
  let raised: string | null = null;
  for (const commit of git("log", "--format=%H", "--", SCHEMA).toString().split("\n")) {
    if (commit === "") continue;
    if (count(git("show", `${commit}:${SCHEMA}`).toString()) < newest)
      return raised === null ? commit : git("rev-parse", `${raised}^`).toString().trim();
    raised = commit;
  }
  throw new CannotRun(
    "the version before is not in the history here: a shallow clone has to be deepened (git fetch --unshallow)",
  );
}

const count = (text: string): number => text.match(MIGRATION)?.length ?? 0;

function git(...args: string[]): Buffer {
  try {
    return execFileSync("git", args, {
      cwd: ROOT,
      maxBuffer: 1e9,
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (cause) {
    throw new CannotRun(
      "the version before comes from the history of the repository, and this is no clone of it, or a shallow one",
      { cause },
    );
  }
}
