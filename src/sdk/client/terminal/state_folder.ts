/** The folder of an app's sessions: in the user's own state folder, readable by nobody else. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { AuthError } from "../../errors.ts";
import { unwritable } from "./storage_error.ts";

/**
 * Where the sessions of an app are, on this system. Nothing is made there.
 * @param app its name
 */
export function stateFolder(app: string): string {
  const { env, platform } = process;
  const home = homedir();
  // On each system: somebody who sets it means it, as tests do.
  const chosen = given(env.XDG_STATE_HOME);
  if (chosen !== undefined) return join(chosen, app);
  if (platform === "win32")
    return join(given(env.LOCALAPPDATA) ?? join(home, "AppData/Local"), app);
  if (platform === "darwin") return join(home, "Library/Application Support", app);
  return join(home, ".local/state", app);
}

/** Relative paths are to be ignored (XDG Base Directory Specification). */
const given = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

/**
 * Makes the folder, 0700.
 * @throws AuthError `storage_unreadable` when it can't be made, or belongs to another user
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    checkOwner(folder, uid);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** As with `sudo`, which keeps HOME: files of root would lock the person out of their own folder. */
export function checkOwner(path: string, uid: number): void {
  const own = process.getuid?.();
  if (own === undefined || own === uid) return;
  throw new AuthError("storage_unreadable", `${path} belongs to user ${uid}, and this is ${own}`, {
    hint: "run the command as that user, or give this one a home of its own (HOME)",
  });
}
