/**
 * A worker: one of several processes that answer requests on the same port. Its primary sends it everything that it
 * needs.
 */
import { Socket } from "node:net";
import { createAuthorizationServer, type ProcessRole } from "../authorization_server.ts";
import { type Config, parseConfig } from "../config.ts";
import type { Spent } from "../http/shared_rate_limit.ts";
import { openForWorker } from "../store/open_shared.ts";
import { packError } from "../store/sqlite/sent_error.ts";
import { type RemoteWriter, remoteWriter } from "../store/sqlite/writer_channel.ts";
import { httpServer } from "./http_server.ts";
import { createLog, gatheredOutput } from "./log.ts";
import { lowerPoolPriority } from "./pool_priority.ts";
import { metricsIfAskedFor, observed } from "./serve.ts";
import type { Begin, ToPrimary, ToWorker } from "./worker_messages.ts";

/** Reads `users` from a configuration file: code is the only part of a configuration that can't be sent. */
export type ReadConfig = (file: string) => Promise<Config>;

interface Serving {
  take(socket: Socket): void;
  /** Takes in the requests that other workers have let through. */
  spent(spent: readonly Spent[]): void;
  /** Sends its metrics to the primary. */
  count(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs until the primary tells it to stop, or is gone. A worker ignores signals, which a terminal and systemd send to
 * every process of a group: the primary handles them.
 */
export function runWorker(readConfig: ReadConfig): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => {});
  process.on("disconnect", () => process.exit());
  const writer = remoteWriter(post);
  let serving: Serving | null = null;

  process.on("message", (message: ToWorker, handle: unknown) => {
    switch (message.kind) {
      case "begin":
        begin(message, { writer, readConfig }).then((begun) => {
          serving = begun;
          post({ kind: "ready" });
        }, fail);
        break;
      case "connection":
        // Sent before any byte is read: until then the primary would pass the connection to another worker if this
        // process ends.
        post({ kind: "taken", id: message.id });
        if (handle instanceof Socket) serving?.take(handle);
        break;
      case "written":
        writer.heard(message);
        break;
      case "spent":
        serving?.spent(message.spent);
        break;
      case "count":
        void serving?.count();
        break;
      case "stop":
        void stop(serving);
        break;
    }
  });
}

/** A closed channel is no error of its own: the process is about to end. */
function post(message: ToPrimary, sent: () => void = () => {}): void {
  process.send?.(message, undefined, undefined, sent);
}

const fail = (error: unknown): void =>
  post({ kind: "failed", error: packError(error) }, () => process.exit(1));

async function stop(serving: Serving | null): Promise<void> {
  try {
    await serving?.stop();
  } finally {
    process.exit();
  }
}

async function begin(
  { number, workers, secrets, json, users_in, ...sent }: Begin,
  { writer, readConfig }: { writer: RemoteWriter; readConfig: ReadConfig },
): Promise<Serving> {
  const write = gatheredOutput((text) => process.stdout.write(text));
  const log = createLog({ json, write, worker: number });
  const users = users_in === null ? undefined : (await readConfig(users_in)).users;
  const config: Config = { ...sent.config, ...(users && { users }) };
  const http = httpServer(parseConfig(config), log);
  const metrics = await metricsIfAskedFor(config);
  let hear: (spent: readonly Spent[]) => void = () => {};
  const role: ProcessRole = {
    keeps_house: false,
    workers,
    spent: {
      tell: (spent) => post({ kind: "spent", spent }),
      onHeard(heard) {
        hear = heard;
      },
    },
    open: (full, given) => openForWorker(full, given, { writer, workers }),
  };
  const server = createAuthorizationServer(config, observed({ ...secrets, log, role }, metrics));
  metrics?.watch(server.server);
  await server.ready;
  await lowerPoolPriority();
  http.answerWith(server.node);
  return {
    take: http.take,
    spent: (spent) => hear(spent),
    async count() {
      const snapshot = (await metrics?.snapshot().catch(() => null)) ?? [];
      post({ kind: "counted", snapshot });
    },
    async stop() {
      server.drain();
      await http.drain();
      await server.close();
    },
  };
}
