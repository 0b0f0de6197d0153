/** A server on `node:http`: listens, answers, and stops without cutting anybody off. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import {
  type AuthorizationServer,
  createAuthorizationServer,
  type Runtime,
} from "../authorization_server.ts";
import { type Config, type FullConfig, parseConfig, parseListenAddress } from "../config.ts";
import { silentLog } from "../http/log.ts";
import { boundTo, listenOn } from "./listen.ts";
import { listenForMetrics, type MetricsListener } from "./metrics_listener.ts";
import { readTls, watchTls } from "./tls.ts";

export { ListenError } from "./listen.ts";

/** Milliseconds (contract, “Limits and faults”). */
const HEADERS_TIMEOUT = 30_000;
const REQUEST_TIMEOUT = 60_000;
/** What is still being answered after this is cut off, so that the process ends within 10 s. */
const DRAIN_TIMEOUT = 9000;
const DRAIN_LOOK_EVERY = 50;

export interface Running {
  readonly server: AuthorizationServer;
  /** Where it listens, such as `http://127.0.0.1:4000`. */
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
  const http = await listen(full);
  const { port, authority } = boundTo(http.server, full);
  let metrics: MetricsListener | null = null;
  let server: AuthorizationServer | null = null;
  try {
    if (full.metrics !== undefined)
      metrics = await listenForMetrics(parseListenAddress(full.metrics));
    // Port 0 is chosen only now, and the issuer is named after it unless it was given.
    server = createAuthorizationServer({ ...config, port }, observed(runtime, metrics));
    metrics?.metrics.watch(server.server);
    await server.ready;
    http.answerWith(server.node);
  } catch (error) {
    metrics?.close();
    await closeNow(http.server);
    await server?.close();
    throw error;
  }
  const started = server;
  const unwatch = watchCertificate(http.server, full, runtime);
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    started.drain();
    unwatch();
    await drain(http);
    metrics?.close();
    await started.close();
  };
  return {
    server,
    address: `${full.tls ? "https" : "http"}://${authority}`,
    metrics_address: metrics?.address ?? null,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function observed(runtime: Runtime, listener: MetricsListener | null): Runtime {
  if (!listener) return runtime;
  const { observers = [], store_watches = [] } = runtime;
  const { observer, store_watch } = listener.metrics;
  return {
    ...runtime,
    observers: [...observers, observer],
    store_watches: [...store_watches, store_watch],
  };
}

/** A connection that is open goes on as it is; the next one gets the new certificate. */
function watchCertificate(server: Server, { tls }: FullConfig, { log = silentLog }: Runtime) {
  if (!tls || !(server instanceof TlsServer)) return () => {};
  return watchTls(tls, { log }, (pair) => server.setSecureContext(pair));
}

interface Listening {
  server: Server;
  /** With TLS, of each connection both the outer and the inner one. */
  sockets: ReadonlySet<Socket>;
  answerWith(listener: RequestListener): void;
}

async function listen({ host, port, tls, limits }: FullConfig): Promise<Listening> {
  // Who comes before the database is open waits for it.
  const early: Parameters<RequestListener>[] = [];
  let answer: RequestListener = (...exchange) => early.push(exchange);
  const options = {
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    // Node looks every 30 s by itself, which would double both.
    connectionsCheckingInterval: 1000,
    maxHeaderSize: limits.header,
  };
  const listener: RequestListener = (request, response) => answer(request, response);
  const server: Server = tls
    ? createTlsServer({ ...options, ...readTls(tls) }, listener)
    : createServer(options, listener);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", keep).on("secureConnection", keep);
  server.on("clientError", (error, socket) => refuse(error, socket as Socket, limits.header));
  await listenOn(server, { host, port });
  return {
    server,
    sockets,
    answerWith(listener) {
      answer = listener;
      for (const [request, response] of early) listener(request, response);
    },
  };
}

/** What is no HTTP, or comes too slowly or too big, is told by a number and no more. */
function refuse(error: Error, socket: Socket, header_limit: number): void {
  if (!socket.writable || ("code" in error && error.code === "ECONNRESET")) {
    socket.destroy(error);
    return;
  }
  const status = statusFor(error, header_limit);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
}

function statusFor(error: Error, header_limit: number): number {
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return 408;
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return 413;
  if (code !== "HPE_HEADER_OVERFLOW") return 400;
  // The parser counts the address with the headers; which of them was too long shows in the first line.
  const packet = "rawPacket" in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : null;
  const end = packet?.indexOf("\r\n") ?? -1;
  const line = packet?.toString("latin1", 0, end < 0 ? packet.length : end) ?? "";
  return /^[A-Z]+ \//.test(line) && line.length > header_limit ? 414 : 431;
}

async function drain({ server, sockets }: Listening): Promise<void> {
  const done = closed(server);
  const hangUp = () => {
    // A connection that is kept alive becomes idle only when its request has been answered; one that a browser
    // opened ahead of time, and has not said anything on, never counts as idle.
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  hangUp();
  const idle = setInterval(hangUp, DRAIN_LOOK_EVERY);
  const late = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, DRAIN_TIMEOUT);
  await done;
  clearInterval(idle);
  clearTimeout(late);
}

async function closeNow(server: Server): Promise<void> {
  const done = closed(server);
  server.closeAllConnections();
  await done;
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));
