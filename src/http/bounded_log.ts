/** The log as handlers get it: no request adds more than a bounded text to a line, whoever writes the log. */
import type { Log, LogFields } from "../context.ts";
import { bounded } from "../store/bounded.ts";

/** Characters of one field: a stack trace of ours fits. */
const LONGEST_FIELD = 2000;

export function boundedLog(log: Log): Log {
  const at =
    (level: "info" | "warn" | "error") =>
    (event: string, fields: LogFields = {}) =>
      log[level](event, bounded(fields, LONGEST_FIELD));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
