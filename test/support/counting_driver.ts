/** Counts and records the statements sent to a database. */
import type { SqlDriver, Statement } from "../../src/store/sql/driver.ts";

export interface CountingDriver extends SqlDriver {
  /** Returns the statements sent since the last call, in order. */
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
