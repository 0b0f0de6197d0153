/**
 * A server of several processes: the primary runs the background jobs and writes to SQLite, its workers answer
 * requests.
 */
import {
  type AuthorizationServer,
  createAuthorizationServer,
  type ProcessRole,
} from "../authorization_server.ts";
import { type Config, ConfigError, parseConfig, parseListenAddress } from "../config.ts";
import { openForPrimary } from "../store/open_shared.ts";
import type { SqlDriver } from "../store/sql/driver.ts";
import { acceptConnections } from "./connections.ts";
import { gatherMetrics } from "./gathered_metrics.ts";
import { listenForMetrics, type MetricsListener } from "./metrics_listener.ts";
import { metricsIfAskedFor, observed, type Running, running } from "./serve.ts";
import { readTls } from "./tls.ts";
import { startWorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";

/**
 * Like `serve`, it listens first and then opens the database. A worker that ends is replaced from then on.
 * @throws ConfigError, ListenError, BadSecret, DatabaseError or WorkerError; no process is left then
 */
export async function serveWithWorkers(
  config: Config,
  options: WorkerPoolOptions,
): Promise<Running> {
  const full = parseConfig(config);
  refuseMemory(full.database);
  // A bad certificate is reported once, and not by every worker.
  if (full.tls) readTls(full.tls);
  const metrics = await metricsIfAskedFor(full);
  const gathered = metrics && gatherMetrics(metrics);
  const connections = acceptConnections();
  const { port, authority } = await connections.listen(full);
  const pool = startWorkerPool(options, { connections, gathered });
  let listener: MetricsListener | null = null;
  let server: AuthorizationServer | null = null;
  try {
    if (gathered && full.metrics !== undefined)
      listener = await listenForMetrics(parseListenAddress(full.metrics), () =>
        gathered.render(pool.members()),
      );
    const { role, writeAll } = primary(options.workers);
    const runtime = { ...options.secrets, log: options.log, role };
    server = createAuthorizationServer({ ...config, port }, observed(runtime, metrics));
    metrics?.watch(server.server);
    metrics?.watchWorkers({ alive: () => pool.members().length, ended: pool.deaths });
    await server.ready;
    await pool.open({ config: { ...config, port }, writeAll });
    const address = `${full.tls ? "https" : "http"}://${authority}`;
    const started = server;
    return running(started, { address, listener }, async () => {
      started.drain();
      connections.close();
      // Writes of the workers still go through this process.
      await pool.stop();
      listener?.close();
      await started.close();
    });
  } catch (error) {
    listener?.close();
    connections.close();
    await pool.kill();
    await server?.close();
    throw error;
  }
}

/** Opens the database for all processes. */
function primary(workers: number): { role: ProcessRole; writeAll: SqlDriver["writeAll"] } {
  const opened = Promise.withResolvers<SqlDriver["writeAll"]>();
  return {
    role: {
      keeps_house: true,
      workers,
      open(config, given) {
        const { writeAll, ...store } = openForPrimary(config, given);
        opened.resolve(writeAll);
        return store;
      },
    },
    writeAll: async (statements) => (await opened.promise)(statements),
  };
}

function refuseMemory(database: string): void {
  if (database === "sqlite::memory:")
    throw new ConfigError(
      "workers: a database in memory belongs to one process",
      "name a file with --database sqlite:FILE, or leave workers at 1",
    );
}
