/**
 * One process at a time: a file that only one can make. Its holder touches it every second; it is dead when its process
 * is, or when nobody has touched it for 10 seconds.
 */
import {
  closeSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import { randomId } from "../../random_id.ts";
import { codeOf, unwritable } from "./storage_error.ts";

export interface Lock {
  /** False when another process took it for dead and broke it. */
  isMine(): boolean;
  release(): void;
}

export interface LockOptions {
  /** Milliseconds to wait for it. Default: 15000. */
  patience?: number;
  /** Stops waiting. Default: nothing does. */
  signal?: AbortSignal | undefined;
  /** Called once when it has to wait. Default: nothing happens. */
  onWait?: () => void;
}

export interface Holder {
  id: string;
  pid: number;
  host: string;
}

/** Milliseconds. */
const PATIENCE = 15_000;
const TOUCH = 1000;
const DEAD = 10_000;
const PAUSE = 25;

/**
 * @param path of the lock; its folder exists
 * @throws AuthError `storage_busy` when it stays taken, `cancelled` by the signal, `storage_unreadable` when it can't be
 * written
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const { patience = PATIENCE, signal, onWait } = options;
  const began = performance.now();
  const isDead = deathWatch(path);
  let told = false;
  for (;;) {
    if (signal?.aborted) throw stopped(path);
    const lock = tryLock(path);
    if (lock) return lock;
    const holder = readHolder(path);
    if (isDead(holder) && breakLock(path, holder)) continue;
    if (performance.now() - began >= patience) throw busy(path, holder);
    if (!told) onWait?.();
    told = true;
    await new Promise((resolve) => setTimeout(resolve, PAUSE * (1 + Math.random())));
  }
}

/** @returns null when it is taken */
function tryLock(path: string): Lock | null {
  const mine: Holder = { id: randomId(), pid: process.pid, host: HOST };
  if (!create(path, mine)) return null;
  const isMine = (): boolean => readHolder(path)?.id === mine.id;
  const timer = setInterval(() => {
    if (isMine()) touch(path);
    else clearInterval(timer);
  }, TOUCH);
  timer.unref();
  const release = (): void => {
    clearInterval(timer);
    if (isMine()) rmSync(path, { force: true });
  };
  return { isMine, release };
}

/** Names this machine and its processes: a container sees other processes under the same name of the machine. */
const HOST = `${hostname()} ${processesOf()}`.trim();

function processesOf(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function create(path: string, holder: Holder): boolean {
  try {
    const file = openSync(path, "wx", 0o600);
    try {
      writeSync(file, JSON.stringify(holder));
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    return true;
  } catch (error) {
    // Windows says EPERM of a file that is being removed.
    if (codeOf(error) === "EEXIST" || (codeOf(error) === "EPERM" && IS_WINDOWS)) return false;
    throw unwritable(path, error);
  }
}

const IS_WINDOWS = process.platform === "win32";

/** @returns null for a lock that is gone, or whose holder has not yet written into it */
function readHolder(path: string): Holder | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isJsonObject(holder)) return null;
    const { id, pid, host } = holder;
    return { id: String(id), pid: Number(pid), host: String(host) };
  } catch {
    return null;
  }
}

function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // It is gone: `isMine` will tell.
  }
}

/**
 * Whether the holder is dead. Its touches are compared with each other, and the time between them is measured here: the
 * clocks of the holder, the disk and this process may be set while it waits.
 */
function deathWatch(path: string): (holder: Holder | null) => boolean {
  let last = "";
  let since = performance.now();
  return (holder) => {
    const seen = `${holder?.id} ${touchedAt(path)}`;
    if (seen !== last) since = performance.now();
    last = seen;
    return isGone(holder) || performance.now() - since >= DEAD;
  };
}

function touchedAt(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Only of processes that this one can see. */
function isGone(holder: Holder | null): boolean {
  if (holder?.host !== HOST) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/**
 * Removes the lock of a dead holder, and of nobody else: one breaker at a time, since a second one could remove the lock
 * of a process that came after the first.
 * @returns false when another process is about to
 */
export function breakLock(path: string, dead: Holder | null): boolean {
  const breaker = `${path}.breaker`;
  const mine: Holder = { id: randomId(), pid: process.pid, host: HOST };
  if (!create(breaker, mine)) {
    // A breaker holds it for a moment, unless it died.
    const other = readHolder(breaker);
    const at = touchedAt(breaker);
    const isOld = at !== undefined && Math.abs(Date.now() - at) > DEAD;
    if (isGone(other) || isOld) rmSync(breaker, { force: true });
    return false;
  }
  try {
    if (readHolder(path)?.id === dead?.id) rmSync(path, { force: true });
    return true;
  } finally {
    rmSync(breaker, { force: true });
  }
}

function busy(path: string, holder: Holder | null): AuthError {
  const by = holder ? `process ${holder.pid}` : "another process";
  return new AuthError("storage_busy", `${by} has been holding ${path}`, {
    hint: "try again; if it stays, end that process",
    retryable: true,
  });
}

const stopped = (path: string): AuthError =>
  new AuthError("cancelled", `waiting for ${path} was stopped`, {
    hint: "call again when it is wanted",
  });
