/** Messages between the processes of one node: plain values, over the channel between parent and child. */
import type { Config } from "../config.ts";
import type { Spent } from "../http/shared_rate_limit.ts";
import type { Snapshot } from "../observe/metrics.ts";
import type { GivenSecrets } from "../store/open_store.ts";
import type { SentError } from "../store/sqlite/sent_error.ts";
import type { WriteMessage, WrittenMessage } from "../store/sqlite/writer_channel.ts";

/** The first message to a worker, with everything that it needs. The database exists already. */
export interface Begin {
  kind: "begin";
  /** From 1 on; a replacement has the number of the worker that ended. */
  number: number;
  workers: number;
  /** As the primary has read it, so that all processes agree; without `users`, which are code. */
  config: Config;
  /** The configuration file that defines `users`; null: none. */
  users_in: string | null;
  secrets: GivenSecrets;
  /** JSON lines in the log, or lines for a person. */
  json: boolean;
}

export type ToWorker =
  | Begin
  /** Accompanies a connection. */
  | { kind: "connection"; id: number }
  | WrittenMessage
  | { kind: "spent"; spent: readonly Spent[] }
  | { kind: "count" }
  | { kind: "stop" };

export type ToPrimary =
  /** The worker is ready for connections. */
  | { kind: "ready" }
  | { kind: "failed"; error: SentError }
  | { kind: "taken"; id: number }
  | WriteMessage
  | { kind: "spent"; spent: readonly Spent[] }
  | { kind: "counted"; snapshot: Snapshot };
