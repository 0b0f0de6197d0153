/**
 * The SQLite driver: reads run at once, and writes in groups. Only one process should write to a file: two would wait
 * for each other.
 */

import type { Dialect, SqlDriver, Value } from "../sql/driver.ts";
import { openToWrite, waitElsewhere } from "./file.ts";
import { groupCommit } from "./group_commit.ts";
import { preparer, readers } from "./statements.ts";

export const SQLITE: Dialect = {
  integer: "INTEGER",
  table_options: " STRICT, WITHOUT ROWID",
  hot_table_options: " STRICT, WITHOUT ROWID",
  for_share: "",
  // SQLite locks the whole file for each write.
  migration_start: [],
  clock: null,
  now: "now_in_seconds()",
  spread: null,
  tableExists: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
};

/**
 * Opens or creates the file; `:memory:` lives as long as the driver.
 * @param clock milliseconds since the epoch
 * @throws DatabaseError when the file is no SQLite database or can't be written
 */
export function sqliteDriver(path: string, clock: () => number = Date.now): SqlDriver {
  const db = openToWrite(path);
  waitElsewhere(db);
  db.function("now_in_seconds", () => Math.floor(clock() / 1000));
  const { enqueue, emptied } = groupCommit(db, preparer(db));
  return {
    dialect: SQLITE,
    ...readers(db),
    async write(sql, args: readonly Value[]) {
      const [outcome] = await enqueue([{ sql, args }]);
      return outcome ?? { changed: 0, rows: [] };
    },
    writeAll: enqueue,
    async close() {
      await emptied();
      if (db.isOpen) db.close();
    },
  };
}
