/** Counts what is asked of a database, and keeps it. */
import type { SqlDriver, Statement } from "../../src/store/sql/driver.ts";

export interface CountingDriver extends SqlDriver {
  /** What was sent since the last time, in order. */
  take(): Statement[];
}

export function countingDriver(driver: SqlDriver): CountingDriver {
  let sent: Statement[] = [];
  return {
    ...driver,
    take() {
      const taken = sent;
      sent = [];
      return taken;
    },
    read(sql, args) {
      sent.push({ sql, args });
      return driver.read(sql, args);
    },
    readValues(sql, args) {
      sent.push({ sql, args });
      return driver.readValues(sql, args);
    },
    write(sql, args) {
      sent.push({ sql, args });
      return driver.write(sql, args);
    },
    writeAll(statements) {
      sent.push(...statements);
      return driver.writeAll(statements);
    },
  };
}
