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
  /** Where it listens, such as `http://localhost:4000`. */
  readonly address: string;
  /** Where `/metrics` is; null: not asked for. */
  readonly metrics_address: string | null;
  /** Takes no new connection from now on; resolves when all requests are answered and the database is closed. */
  stop(): Promise<void>;
}

/**
 * Listens first and opens the database then: where the port is taken, nothing has been made.
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
    // Port 0 is chosen only now, and the issuer is named after it unless it was given.
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

/** @param stop what is done once, however often it is asked for */
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

/** Counting costs memory, and is loaded only where somebody reads it. */
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
