/**
 * Opens the file of a SQLite database with the settings that Valetkey needs, and reports problems of the file clearly.
 */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatabaseError } from "../sql/driver.ts";
import { explainSqlite } from "./errors.ts";

/** How long (milliseconds) a statement waits for another process, such as a command, to finish its own. */
export const BUSY_TIMEOUT = 5000;
/** Milliseconds between two tries. */
export const TRY_AGAIN_EVERY = 10;
const HEADER = "SQLite format 3\0";

/**
 * Opens or creates the file, to read and to write.
 * @throws DatabaseError when it is no SQLite database or can't be written
 */
export function openToWrite(path: string): DatabaseSync {
  if (path !== ":memory:") checkFile(path);
  return opened(path, () => {
    // The file holds password hashes and people's data: only this user may read it. SQLite gives its other files the
    // same mode.
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF");
    return db;
  });
}

/**
 * Opens a file that another process has created and writes to.
 * @throws DatabaseError when it can't be opened
 */
export const openToRead = (path: string): DatabaseSync =>
  opened(path, () => new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT }));

/** From now on a lock of another process is an error at once: SQLite would wait for it in the event loop. */
export const waitElsewhere = (db: DatabaseSync): void => db.exec("PRAGMA busy_timeout = 0");

function opened(path: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (cause) {
    const explained = explainSqlite(cause);
    if (explained instanceof DatabaseError) throw explained;
    throw new DatabaseError(
      `cannot open the database ${path}: ${cause instanceof Error ? cause.message : cause}`,
      "check that the folder exists and that this user may write the file and its folder",
      { cause },
    );
  }
}

/** SQLite would report these problems only at the first statement or write, and less clearly. */
function checkFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const refuse = (why: string, hint: string, cause?: unknown) =>
    new DatabaseError(`${path} ${why}`, hint, { cause });
  const other = "name another file with --database sqlite:FILE, or put back a backup";
  if (!stats.isFile()) throw refuse("is not a file", other);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    const hint = "this user needs to write it and, since SQLite keeps files beside it, its folder";
    throw refuse("is not writable", hint, cause);
  }
  if (stats.size > 0 && readHead(path) !== HEADER)
    throw refuse("is not a SQLite database, or it is damaged", other);
}

function readHead(path: string): string {
  const head = Buffer.alloc(HEADER.length);
  const file = openSync(path, "r");
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  return head.toString("latin1");
}
