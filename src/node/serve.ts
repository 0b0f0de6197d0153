/** A server on `node:http`, in one process. */
import {
  type AuthorizationServer,
  createAuthorizationServer,
  type Runtime,
} from "../authorization_server.ts";
import { type Config, parseConfig, parseListenAddress } from "../config.ts";
import { silentLog } from "../context.ts";
import type { Metrics } from "../observe/metrics.ts";
import { httpServer } from "./http_server.ts";
import { listenForMetrics, type MetricsListener } from "./metrics_listener.ts";
import { lowerPoolPriority } from "./pool_priority.ts";

export { ListenError } from "./listen.ts";

export interface Running {
  readonly server: AuthorizationServer;
  /** The address that it listens on, such as `http://localhost:4000`. */
  readonly address: string;
  /** The address of `/metrics`; null: not configured. */
  readonly metrics_address: string | null;
  /** Takes no new connection from now on; resolves when all requests are answered and the database is closed. */
  stop(): Promise<void>;
}

/**
 * Listens first and then opens the database, so that nothing is created when the port is taken.
 * @throws ConfigError, ListenError, BadSecret or DatabaseError; then nothing is left open
 */
export async function serve(config: Config, runtime: Runtime = {}): Promise<Running> {
  const full = parseConfig(config);
  const metrics = await metricsIfAskedFor(full);
  const http = httpServer(full, runtime.log ?? silentLog);
  let listener: MetricsListener | null = null;
  let server: AuthorizationServer | null = null;
  try {
    const { port, authority } = await http.listen(full);
    if (metrics && full.metrics !== undefined)
      listener = await listenForMetrics(parseListenAddress(full.metrics), metrics.render);
    // The number of port 0 is known only now. An issuer that is not configured is named after it.
    server = createAuthorizationServer({ ...config, port }, observed(runtime, metrics));
    metrics?.watch(server.server);
    await server.ready;
    await lowerPoolPriority();
    http.answerWith(server.node);
    const address = `${full.tls ? "https" : "http"}://${authority}`;
    const started = server;
    return running(started, { address, listener }, async () => {
      started.drain();
      await http.drain();
      listener?.close();
      await started.close();
    });
  } catch (error) {
    listener?.close();
    await http.close();
    await server?.close();
    throw error;
  }
}

/** @param stop runs once, even if `stop` of the result is called several times */
export function running(
  server: AuthorizationServer,
  { address, listener }: { address: string; listener: MetricsListener | null },
  stop: () => Promise<void>,
): Running {
  let stopped: Promise<void> | null = null;
  return {
    server,
    address,
    metrics_address: listener?.address ?? null,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Metrics cost memory, and are loaded only when configured. */
export async function metricsIfAskedFor({
  metrics,
}: Pick<Config, "metrics">): Promise<Metrics | null> {
  if (metrics === undefined) return null;
  const { createMetrics } = await import("../observe/metrics.ts");
  return createMetrics();
}

export function observed(runtime: Runtime, metrics: Metrics | null): Runtime {
  if (!metrics) return runtime;
  const { observers = [], store_watches = [] } = runtime;
  return {
    ...runtime,
    observers: [...observers, metrics.observer],
    store_watches: [...store_watches, metrics.store_watch],
  };
}
