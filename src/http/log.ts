/** A log that says nothing, for embedding and tests; the command line brings one that does. */
import type { Log } from "../context.ts";

export const silentLog: Log = { info() {}, warn() {}, error() {} };
