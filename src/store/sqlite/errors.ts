/** Sorts the errors of SQLite: those that may pass by themselves, and those of the file or the statement. */
import { AlreadyThere, DatabaseError, DatabaseUnavailable } from "../sql/driver.ts";

/** Result codes of SQLite (https://sqlite.org/rescode.html): busy, locked, read-only, I/O, full, can't open, locking. */
const LATER = new Set([5, 6, 8, 10, 13, 14, 15]);
const BUSY = 5;
/** Corrupt, and no database at all. */
const DAMAGED = new Set([11, 26]);
/** A primary key or another unique index holds the value (extended codes). */
const THERE = new Set([1555, 2067]);

export function explainSqlite(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  const code = resultCode(error);
  // The lowest byte is the kind of an extended code.
  if (isClosed(error) || LATER.has(code & 255))
    return new DatabaseUnavailable(message, { cause: error });
  if (THERE.has(code)) return new AlreadyThere(message, { cause: error });
  if (DAMAGED.has(code & 255))
    return new DatabaseError(
      `the database is damaged: ${message}`,
      "stop the server and put back a backup (`valetkey backup` makes one)",
      { cause: error },
    );
  return error;
}

/** Another process holds the lock that the statement needs. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && (resultCode(error) & 255) === BUSY;

/** 0: not an error of SQLite. */
const resultCode = (error: Error): number =>
  "errcode" in error && typeof error.errcode === "number" ? error.errcode : 0;

/** `node:sqlite` throws this for a database that was closed, and for its statements. */
const isClosed = (error: Error): boolean => "code" in error && error.code === "ERR_INVALID_STATE";
