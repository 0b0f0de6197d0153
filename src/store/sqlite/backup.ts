/** Copies a SQLite database while others go on writing to it. */
import { closeSync, linkSync, openSync, rmSync, statSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import { unwatched, type Watch } from "../progress.ts";
import { DatabaseError } from "../sql/driver.ts";

/**
 * Copies the database to a new file, readable for its owner only. The file appears when the copy is complete.
 * @returns its size in bytes
 * @throws DatabaseError when the file exists or can't be written
 */
export async function backupSqlite(
  path: string,
  file: string,
  watch: Watch = unwatched,
): Promise<number> {
  if (statSync(file, { throwIfNoEntry: false })) throw backupTaken(file);
  const unfinished = `${file}.${process.pid}.unfinished`;
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    closeSync(openSync(unfinished, "wx", 0o600));
    const page_size = Number(db.prepare("PRAGMA page_size").get()?.page_size);
    const megabytes = (pages: number) => (pages * page_size) / 1_000_000;
    await backup(db, unfinished, {
      progress: ({ totalPages: all, remainingPages: left }) =>
        watch({ what: "copying", unit: "MB", done: megabytes(all - left), total: megabytes(all) }),
    });
    // A link, not a rename, never replaces a file that was created meanwhile.
    linkSync(unfinished, file);
    return statSync(file).size;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw backupTaken(file);
    throw cannotBackUp(file, cause);
  } finally {
    db.close();
    rmSync(unfinished, { force: true });
  }
}

export const backupTaken = (file: string): DatabaseError =>
  new DatabaseError(`${file} is there already`, "a backup never overwrites: name another file");

export function cannotBackUp(file: string, cause: unknown): DatabaseError {
  const why = cause instanceof Error ? cause.message.replace(/, \w+ '.*'$/, "") : String(cause);
  return new DatabaseError(
    `cannot write the backup ${file}: ${why}`,
    "check that the folder exists, that this user may write there, and that it has room",
    { cause },
  );
}
