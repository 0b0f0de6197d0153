/** The log for handlers: a request adds only bounded text to a line, with any implementation of the log. */
import type { Log, LogFields } from "../context.ts";
import { bounded } from "../store/bounded.ts";

/** Characters of one field: enough for a stack trace of the server. */
const LONGEST_FIELD = 2000;
/** Fields and characters of each that are small in any case: those of nearly all lines, which are not copied. */
const FEW = 20;
const SHORT = 200;

export function boundedLog(log: Log): Log {
  const at =
    (level: "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}) =>
      log[level](event, isSmall(fields) ? fields : bounded(fields, LONGEST_FIELD));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function isSmall(fields: LogFields): boolean {
  let count = 0;
  for (const name in fields) {
    const value = fields[name];
    count += 1;
    if (count > FEW || name.length > SHORT) return false;
    if (typeof value === "string" ? value.length > SHORT : typeof value === "object") return false;
  }
  return true;
}
