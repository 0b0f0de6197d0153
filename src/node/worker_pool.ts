/** The workers of a node: the first ones begin together, each gets its part, and connections are distributed. */
import type { Config } from "../config.ts";
import type { Log } from "../context.ts";
import type { GivenSecrets } from "../store/open_store.ts";
import type { SqlDriver } from "../store/sql/driver.ts";
import type { SentError } from "../store/sqlite/sent_error.ts";
import { writerFor } from "../store/sqlite/writer_channel.ts";
import type { Connections, Taker } from "./connections.ts";
import type { GatheredMetrics } from "./gathered_metrics.ts";
import { type Member, type Supervisor, startSupervisor } from "./supervisor.ts";
import type { Begin, ToPrimary, ToWorker } from "./worker_messages.ts";

/** A worker could not begin. Has the name and hint of the error that it reported. */
export class WorkerError extends Error {
  override readonly name: string;
  readonly hint: string | undefined;
  constructor({ name, message, hint }: SentError) {
    super(message);
    this.name = name;
    this.hint = hint;
  }
}

export interface WorkerPoolOptions {
  workers: number;
  /** The program of a worker: it calls `runWorker`. */
  entry: URL;
  /** The file that the configuration was read from; null: none. */
  config_file: string | null;
  secrets: GivenSecrets;
  /** JSON lines in the log, or lines for a person. */
  json: boolean;
  log: Log;
}

/** Values that workers need once the database is open. */
export interface Opened {
  /** With the port that the server listens on. */
  config: Config;
  /** All writes to SQLite go through this process. */
  writeAll: SqlDriver["writeAll"];
}

export interface WorkerPool extends Supervisor {
  /** Resolves when all workers answer. @throws WorkerError when one of them can't */
  open(opened: Opened): Promise<void>;
}

interface Place {
  taker: Taker;
  write: ReturnType<typeof writerFor>;
}

const placeOf = (member: Member, writeAll: Opened["writeAll"]): Place => ({
  taker: { take: (id, socket) => member.post({ kind: "connection", id }, socket) },
  write: writerFor(writeAll, (message) => member.post(message)),
});

/** The workers load their programs while this process opens the database. */
export function startWorkerPool(
  options: WorkerPoolOptions,
  { connections, gathered }: { connections: Connections; gathered: GatheredMetrics | null },
): WorkerPool {
  const { workers: count, entry, log } = options;
  const start = jointStart(count);
  const places = new Map<Member, Place>();
  let opened: Opened | null = null;

  function letBegin(member: Member, { config, writeAll }: Opened): void {
    places.set(member, placeOf(member, writeAll));
    member.post(beginning(member, config, options));
  }

  function tellOthers(teller: Member, message: ToWorker): void {
    for (const member of supervisor.members()) if (member !== teller) member.post(message);
  }

  function heard(member: Member, message: ToPrimary): void {
    const place = places.get(member);
    if (!place) return;
    const { number: worker, pid } = member;
    if (message.kind === "write") void place.write(message);
    else if (message.kind === "taken") connections.taken(place.taker, message.id);
    else if (message.kind === "spent") tellOthers(member, message);
    else if (message.kind === "counted") gathered?.heard(member, message.snapshot);
    else if (message.kind === "ready") {
      log.info("worker ready", { worker, pid });
      connections.join(place.taker);
      start.answers();
    } else {
      const { error } = message;
      const why = error.message;
      if (!start.fail(new WorkerError(error))) log.error("worker can't begin", { worker, why });
    }
  }

  const supervisor = startSupervisor({
    entry,
    count,
    log,
    begun(member) {
      if (opened) letBegin(member, opened);
    },
    heard,
    ended(member) {
      const place = places.get(member);
      if (place) connections.leave(place.taker);
      places.delete(member);
      gathered?.ended(member);
      return !start.fail(endedEarly(member));
    },
  });
  return {
    ...supervisor,
    open(now) {
      opened = now;
      for (const member of supervisor.members()) letBegin(member, now);
      return start.answering;
    },
  };
}

/** Code can't be sent, so each worker reads `users` itself; it gets everything else as it was read here. */
function beginning(
  { number }: Member,
  { users, ...config }: Config,
  { workers, secrets, json, config_file }: WorkerPoolOptions,
): Begin {
  const users_in = users ? config_file : null;
  return { kind: "begin", number, workers, config, users_in, secrets, json };
}

const endedEarly = ({ number }: Member): WorkerError =>
  new WorkerError({
    name: "WorkerError",
    message: `worker ${number} ended while it began`,
    hint: "its messages are above; there are none if it was killed from outside, for example for lack of memory",
  });

/** The node has started when all of its first workers answer. If one fails before, the start fails. */
function jointStart(count: number) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // An unhandled rejection here must not crash the process.
  promise.catch(() => {});
  let answering = 0;
  return {
    answering: promise,
    answers(): void {
      answering += 1;
      if (answering === count) resolve();
    },
    /** @returns false when the node has started already */
    fail(error: Error): boolean {
      if (answering >= count) return false;
      reject(error);
      return true;
    },
  };
}
