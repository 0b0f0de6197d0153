/** The file of all sessions of an app: read by everybody at any time, written by the holder of its lock alone. */
import { type FileHandle, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import { randomId } from "../../random_id.ts";
import { checkOwner } from "./state_folder.ts";
import { codeOf, unreadable, unwritable } from "./storage_error.ts";

/** A session as it is in the file. Members that this version does not know stay as they are. */
export interface Entry extends Record<string, unknown> {
  /** Rises with each change. */
  rev: number;
  /** The person's id at the issuer. */
  sub: string;
  /** The scopes that were asked for, separated by spaces. */
  scope: string;
  /** The scopes that were granted; left out when they are those that were asked for. */
  granted?: string;
  /** The app has chosen the name of the account; else it is named after the person. */
  is_named?: true;
  /** Seconds since the epoch: the last change. */
  at: number;
  /** Since when the provider has refused it. */
  ended_at?: number;
  /** The secrets, sealed with the key in the keychain. */
  sealed?: string;
  /** The secrets as they are, where there is no keychain. */
  plain?: unknown;
}

export interface Contents extends Record<string, unknown> {
  v: 1;
  /** Where the key is that seals new sessions. */
  key: "keychain" | "none";
  /**
   * By issuer and client id, the name of the session of the last sign-in: the one that is used unless an account is named.
   * It stays when that session is gone. The last member is that of the last sign-in of all.
   */
  current: Record<string, string>;
  /** By their name: issuer, client id and account, separated by spaces. */
  sessions: Record<string, Entry>;
}

/** @throws AuthError `storage_unreadable`, also for a file of a newer version: nothing of it is ever thrown away */
export async function readContents(path: string): Promise<Contents> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
    checkOwner(path, (await stat(path)).uid);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { v: 1, key: "none", current: {}, sessions: {} };
    throw unreadable(path, error);
  }
  const contents = parsed(text);
  if (isContents(contents)) return contents;
  const isNewer = isJsonObject(contents) && typeof contents.v === "number" && contents.v > 1;
  throw new AuthError(
    "storage_unreadable",
    isNewer
      ? `${path} was written by a newer version of this app`
      : `${path} is not a file of sessions`,
    {
      hint: isNewer ? "update this one" : "move it away, and sign in again",
    },
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isContents(value: unknown): value is Contents {
  if (!isJsonObject(value)) return false;
  const { v, key, current, sessions } = value;
  return (
    v === 1 &&
    ["keychain", "none"].includes(String(key)) &&
    isJsonObject(current) &&
    Object.values(current).every((each) => typeof each === "string") &&
    isJsonObject(sessions) &&
    Object.values(sessions).every(isEntry)
  );
}

function isEntry(value: unknown): value is Entry {
  if (!isJsonObject(value)) return false;
  const { rev, sub, scope, granted, is_named, at, ended_at, sealed } = value;
  return (
    [rev, at, ended_at ?? 0].every((each) => typeof each === "number") &&
    [sub, scope, granted ?? "", sealed ?? ""].every((each) => typeof each === "string") &&
    [true, undefined].some((each) => each === is_named) &&
    ("sealed" in value || "plain" in value)
  );
}

/** A new file beside the old one. Space for it is taken first, so that a full disk is known before a token is spent. */
export interface Draft {
  /** Puts it in the place of the old one. The disk has it before it is visible. */
  replace(contents: Contents): Promise<void>;
  /** Removes it, if it was not put in place. */
  drop(): Promise<void>;
}

/** Bytes by which a refresh may make the file longer. */
const ROOM = 16_384;

/**
 * Only for the holder of the lock: drafts of other processes are thought to be left behind, and removed.
 * @throws AuthError `storage_unreadable`
 */
export async function draftOf(path: string): Promise<Draft> {
  await removeDrafts(path);
  const own = `${path}.${randomId()}.tmp`;
  let file: FileHandle | null = null;
  const drop = async (): Promise<void> => {
    await file?.close().catch(() => {});
    file = null;
    await rm(own, { force: true });
  };
  try {
    file = await open(own, "wx", 0o600);
    const size = (await stat(path).catch(() => null))?.size ?? 0;
    await file.write(Buffer.alloc(size + ROOM, " "), 0);
    await file.sync();
  } catch (error) {
    await drop();
    throw unwritable(path, error);
  }
  const replace = async (contents: Contents): Promise<void> => {
    if (!file) return;
    try {
      const text = Buffer.from(`${JSON.stringify(contents, null, 2)}\n`);
      await file.write(text, 0, text.length, 0);
      await file.truncate(text.length);
      await file.sync();
      await file.close();
      file = null;
      await renamed(own, path);
      await syncFolder(dirname(path));
    } catch (error) {
      throw unwritable(path, error);
    }
  };
  return { replace, drop };
}

async function removeDrafts(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  for (const each of await readdir(folder).catch(() => []))
    if (each.startsWith(`${name}.`) && each.endsWith(".tmp"))
      await rm(join(folder, each), { force: true });
}

/** Windows refuses while another process has the old file open, for a moment. */
async function renamed(from: string, to: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await rename(from, to);
    } catch (error) {
      const isHeld = ["EPERM", "EACCES", "EBUSY"].includes(codeOf(error) ?? "");
      if (!isHeld || process.platform !== "win32" || tries >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** So that a crash of the machine does not bring the old file back. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}
