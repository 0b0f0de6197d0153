/** The log of a server. */

/** JSON lines in production; never holds a secret. */
export interface Log {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
/** A log that writes nothing. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
/** For embedding without a log: failures and warnings go to stderr, one JSON line each. */
export const stderrLog: Log = {
  info() {},
  warn: (event, fields) =>
    console.error(JSON.stringify({ valetkey: event, level: "warn", ...fields })),
  error: (event, fields) =>
    console.error(JSON.stringify({ valetkey: event, level: "error", ...fields })),
};
export type LogFields = Readonly<Record<string, unknown>>;
