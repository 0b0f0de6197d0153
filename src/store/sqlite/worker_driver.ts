/** SQLite for a process that only reads the file: another one writes it, and is sent what there is to write. */
import type { SqlDriver, Value } from "../sql/driver.ts";
import { SQLITE } from "./driver.ts";
import { openToRead } from "./file.ts";
import { readers } from "./statements.ts";
import type { RemoteWriter } from "./writer_channel.ts";

/**
 * A read after a write sees it: the answer leaves after the commit, and no read stays open from before.
 * @throws DatabaseError when the file can't be opened
 */
export function sqliteWorkerDriver(path: string, { writeAll, close }: RemoteWriter): SqlDriver {
  const db = openToRead(path);
  return {
    dialect: SQLITE,
    ...readers(db),
    async write(sql, args: readonly Value[]) {
      const [outcome] = await writeAll([{ sql, args }]);
      return outcome ?? { changed: 0, rows: [] };
    },
    writeAll,
    async close() {
      await close();
      if (db.isOpen) db.close();
    },
  };
}
