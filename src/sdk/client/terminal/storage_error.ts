/** Errors of the file system, as errors that say what to do. */
import { statSync } from "node:fs";
import { dirname } from "node:path";
import { AuthError } from "../../errors.ts";

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: "free some space on this disk, then try again",
  EDQUOT: "your quota on this disk is used up: remove some files, then try again",
  EROFS: "the disk is read-only: set XDG_STATE_HOME to a folder that can be written",
};

/** @returns an AuthError as it is */
export const unwritable = (path: string, cause: unknown): AuthError =>
  explained(path, cause, "written");

/** @returns an AuthError as it is */
export const unreadable = (path: string, cause: unknown): AuthError =>
  explained(path, cause, "read");

const PERMISSION: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);
const RIGHT = "give this user the right to read and write it";

/** Of another user's folder, nobody else should change the permissions. */
function permissionHint(path: string): string {
  const own = process.getuid?.();
  const found = ownerOf(path);
  if (own === undefined || found === null || found.uid === own) return RIGHT;
  return `${found.path} belongs to user ${found.uid}, and this is ${own}: run it as that user, or set HOME to a folder of this one`;
}

/** Of the path, or of the folder nearest to it that can be looked at. */
function ownerOf(path: string): { path: string; uid: number } | null {
  try {
    return { path, uid: statSync(path).uid };
  } catch {
    return dirname(path) === path ? null : ownerOf(dirname(path));
  }
}

function explained(path: string, cause: unknown, done: string): AuthError {
  if (cause instanceof AuthError) return cause;
  const code = codeOf(cause) ?? String(cause);
  return new AuthError("storage_unreadable", `${path} can't be ${done} (${code})`, {
    hint: HINTS[code] ?? (PERMISSION.has(code) ? permissionHint(path) : RIGHT),
    retryable: code === "ENOSPC" || code === "EDQUOT",
    cause,
  });
}

/** Such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;
