/** SQLite for a process that only reads the file, and sends its writes to the process that writes it. */
import type { SqlDriver, Value } from "../sql/driver.ts";
import { SQLITE } from "./driver.ts";
import { openToRead, waitElsewhere } from "./file.ts";
import { readers } from "./statements.ts";
import type { RemoteWriter } from "./writer_channel.ts";

/**
 * A read after a write sees that write: the answer is sent after the commit, and no earlier read stays open.
 * @throws DatabaseError when the file can't be opened
 */
export function sqliteWorkerDriver(path: string, { writeAll, close }: RemoteWriter): SqlDriver {
  const db = openToRead(path);
  waitElsewhere(db);
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
