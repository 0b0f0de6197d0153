/** Errors of the file system, as errors that say what to do. */
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

function explained(path: string, cause: unknown, done: string): AuthError {
  if (cause instanceof AuthError) return cause;
  const code = codeOf(cause) ?? String(cause);
  return new AuthError("storage_unreadable", `${path} can't be ${done} (${code})`, {
    hint: HINTS[code] ?? "give this user the right to read and write it",
    retryable: code === "ENOSPC" || code === "EDQUOT",
    cause,
  });
}

/** Such as `ENOENT`. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;
