/** A worker: one of several processes that answer requests on the same port. Its primary tells it everything. */
import { createAuthorizationServer, type Runtime } from "../authorization_server.ts";
import { type Config, parseConfig } from "../config.ts";
import { openForWorker } from "../store/open_shared.ts";
import { packError } from "../store/sent_error.ts";
import { type RemoteWriter, remoteWriter } from "../store/writer_channel.ts";
import { type HttpListener, listenForRequests } from "./http_listener.ts";
import { createLog } from "./log.ts";
import { metricsIfAskedFor, observed } from "./serve.ts";
import type { Begin, ToPrimary, ToWorker } from "./worker_messages.ts";

/** Reads `users` where they are code: the only part of a configuration that can't be sent. */
export type ReadConfig = (file: string) => Promise<Config>;

interface Serving {
  /** Tells the primary what was counted. */
  count(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs until the primary says stop, or is gone: then `node:cluster` ends the process.
 * Signals are the primary's: a terminal and systemd send them to every process of a group.
 */
export function runWorker(readConfig: ReadConfig): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => {});
  const writer = remoteWriter(post);
  const opened = Promise.withResolvers<number>();
  let serving: Serving | null = null;

  process.on("message", (message: ToWorker) => {
    switch (message.kind) {
      case "begin":
        begin(message, { writer, readConfig, opened: opened.promise }).then((begun) => {
          serving = begun;
          post({ kind: "ready" });
        }, fail);
        break;
      case "open":
        opened.resolve(message.port);
        break;
      case "written":
        writer.heard(message);
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

/** A channel that is closed is no error of its own: the process is about to end. */
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

interface Means {
  writer: RemoteWriter;
  readConfig: ReadConfig;
  /** The port, when the primary has opened the database. */
  opened: Promise<number>;
}

/** Listens first: whether the port is free is known before anything is made. */
async function begin(message: Begin, { writer, readConfig, opened }: Means): Promise<Serving> {
  const { number, workers, secrets, json, users_in } = message;
  const log = createLog({ json, write: (line) => process.stdout.write(line), worker: number });
  const users = users_in === null ? undefined : (await readConfig(users_in)).users;
  const config: Config = { ...message.config, ...(users && { users }) };
  const http = await listenForRequests(parseConfig(config), log);
  post({ kind: "listening", port: http.port, address: http.address });
  const port = await opened;
  const open: NonNullable<Runtime["role"]>["open"] = (full, given) =>
    openForWorker(full, given, { writer, workers });
  const runtime: Runtime = { ...secrets, log, role: { open, keeps_house: false } };
  return serveOn(http, { ...config, port }, runtime);
}

async function serveOn(http: HttpListener, config: Config, runtime: Runtime): Promise<Serving> {
  const metrics = await metricsIfAskedFor(config);
  const server = createAuthorizationServer(config, observed(runtime, metrics));
  metrics?.watch(server.server);
  await server.ready;
  http.answerWith(server.node);
  return {
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
