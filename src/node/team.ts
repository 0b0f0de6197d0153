/** The workers of a node: how the first ones begin together, and what each is told. */
import { type Config, parseConfig } from "../config.ts";
import type { Log } from "../context.ts";
import type { GivenSecrets } from "../store/open_store.ts";
import type { SqlDriver } from "../store/sql_driver.ts";
import { writerFor } from "../store/writer_channel.ts";
import { type Crew, type Member, startCrew } from "./crew.ts";
import type { GatheredMetrics } from "./gathered_metrics.ts";
import { WorkerError } from "./worker_error.ts";
import type { Begin, Listening, ToPrimary } from "./worker_messages.ts";

export interface TeamOptions {
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

/** What workers need once the database is open. */
export interface Opened {
  port: number;
  writeAll: SqlDriver["writeAll"];
}

export interface Team extends Omit<Crew, "kill"> {
  /** Where, when all of them listen. Rejects with what one of them says, such as that the port is in use. */
  readonly listening: Promise<Listening>;
  /** Lets them open the database; resolves when all of them answer. */
  open(opened: Opened): Promise<void>;
  /** Ends them at once: the start has failed. */
  kill(): Promise<void>;
}

export function startTeam(
  config: Config,
  { gathered, ...options }: TeamOptions & { gathered: GatheredMetrics | null },
): Team {
  const { workers: count, entry, log } = options;
  const full = parseConfig(config);
  const first = firstSteps(count);
  const writers = new Map<number, ReturnType<typeof writerFor>>();
  let opened: Opened | null = null;

  function letOpen(member: Member, { port, writeAll }: Opened): void {
    writers.set(member.number, writerFor(writeAll, member.post));
    member.post({ kind: "open", port });
  }

  function heard(member: Member, message: ToPrimary): void {
    if (message.kind === "write") writers.get(member.number)?.(message);
    else if (message.kind === "counted") gathered?.heard(member.number, message.snapshot);
    else if (message.kind === "ready") first.answers();
    else if (message.kind === "listening") {
      first.listens(message);
      if (opened) letOpen(member, opened);
    } else {
      const { error } = message;
      if (!first.fail(new WorkerError(error)))
        log.error("worker can't begin", { worker: member.number, why: error.message });
    }
  }

  const crew = startCrew({
    entry,
    count,
    log,
    begun(member, alone) {
      // Port 0 was chosen when the first one listened, and is the same for all while one of them does.
      const port = alone && opened ? opened.port : full.port;
      member.post(beginning(member.number, { ...config, port }, options));
    },
    heard,
    ended(number) {
      gathered?.ended(number);
      const why = { name: "WorkerError", message: `worker ${number} ended while it began` };
      return !first.fail(new WorkerError({ ...why, hint: "why is above, or in the system's log" }));
    },
  });

  return {
    ...crew,
    listening: first.listening,
    open(now) {
      opened = now;
      for (const member of crew.members()) letOpen(member, now);
      return first.answering;
    },
  };
}

/** Code can't be sent: `users` are read again by each worker, and all else is as it was read here. */
function beginning(
  number: number,
  { users, ...config }: Config,
  { workers, secrets, json, config_file }: TeamOptions,
): Begin {
  const users_in = users ? config_file : null;
  return { kind: "begin", number, workers, config, users_in, secrets, json };
}

/** All of them have to listen, and then to answer: else the node has not started. */
function firstSteps(count: number) {
  const listening = Promise.withResolvers<Listening>();
  const answering = Promise.withResolvers<void>();
  // Whoever needs the outcome awaits it.
  for (const { promise } of [listening, answering]) promise.catch(() => {});
  let [listen, answer] = [0, 0];
  return {
    listening: listening.promise,
    answering: answering.promise,
    listens(where: Listening): void {
      listen += 1;
      if (listen === count) listening.resolve(where);
    },
    answers(): void {
      answer += 1;
      if (answer === count) answering.resolve();
    },
    /** @returns false when the node has started already */
    fail(error: Error): boolean {
      if (answer >= count) return false;
      listening.reject(error);
      answering.reject(error);
      return true;
    },
  };
}
