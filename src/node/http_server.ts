/** A server on `node:http` or `node:https` that stops without cutting requests off. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { FullConfig } from "../config.ts";
import type { Log } from "../context.ts";
import { HTTP_CONNECTIONS, type ListenAddress, type Listening, listenOn } from "./listen.ts";
import { boundedPipelines, endUnread } from "./pipelining.ts";
import { readTls, watchTls } from "./tls.ts";

/** Milliseconds to wait for the headers of a client that sends slowly, or nothing at all. */
const HEADERS_TIMEOUT = 30_000;
const REQUEST_TIMEOUT = 60_000;
/**
 * Milliseconds. Proxies keep idle connections for a minute. They have to close them first, or a request is sent on a
 * closed one.
 */
const KEEP_ALIVE_TIMEOUT = 65_000;
/** Milliseconds after which requests in progress are cut off, so that the process ends within 10 s. */
const DRAIN_TIMEOUT = 9000;
const DRAIN_LOOK_EVERY = 20;
/**
 * Keep-alive connections are served this long after shutdown begins, with `Connection: close`. A proxy that sends a
 * request at the moment of the close can't know whether it arrived, and may not send a POST again.
 */
const FAREWELL = 500;

export interface HttpServer {
  /** @throws ListenError */
  listen(at: ListenAddress): Promise<Listening>;
  /** Until then, requests are queued. */
  answerWith(listener: RequestListener): void;
  /** A connection that another process has accepted. */
  take(socket: Socket): void;
  /** Takes no new connection; resolves when all requests are answered, or cut off after 9 s. */
  drain(): Promise<void>;
  /** Closes all connections at once. */
  close(): Promise<void>;
}

/** @throws ConfigError for a certificate that can't be used */
export function httpServer(
  { tls, limits }: Pick<FullConfig, "tls" | "limits">,
  log: Log,
): HttpServer {
  // Requests that arrive before the database is open are queued.
  const early: Parameters<RequestListener>[] = [];
  let answer: RequestListener = (...exchange) => early.push(exchange);
  const options = {
    headersTimeout: HEADERS_TIMEOUT,
    requestTimeout: REQUEST_TIMEOUT,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT,
    // By default node checks these time-outs every 30 s, which would double both.
    connectionsCheckingInterval: 1000,
    maxHeaderSize: limits.header,
  };
  let leaving = false;
  const listener = boundedPipelines((request, response) => {
    if (leaving) response.setHeader("connection", "close");
    answer(request, response);
  });
  const server: Server = tls
    ? createTlsServer({ ...options, ...readTls(tls) }, listener)
    : createServer(options, listener);
  endUnread(server);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  };
  server.on("connection", keep).on("secureConnection", keep);
  server.on("clientError", (error, socket) => {
    const status = refuse(error, socket as Socket, limits.header);
    const why = TOO_LONG[status ?? 0];
    if (why) log.info("refused", { why, hint: "limits.header of the configuration" });
  });
  const unwatch = watchCertificate(server, tls, log);
  let takes = false;
  let listening: Listening | null = null;
  return {
    async listen(at) {
      listening = await listenOn(server, at, HTTP_CONNECTIONS);
      return listening;
    },
    answerWith(listener) {
      answer = listener;
      for (const [request, response] of early) listener(request, response);
    },
    take(socket) {
      // Node starts its check for slow requests when a server listens. This server may only be handed connections.
      if (!takes) server.emit("listening");
      takes = true;
      // Node sets these options on each connection that it accepts itself.
      socket.allowHalfOpen = HTTP_CONNECTIONS.allowHalfOpen;
      socket.setNoDelay(HTTP_CONNECTIONS.noDelay);
      server.emit("connection", socket);
    },
    async drain() {
      unwatch();
      leaving = true;
      // `server.close` would close idle connections at once.
      listening?.stop();
      await drain(server, sockets);
    },
    async close() {
      unwatch();
      listening?.stop();
      const done = closed(server);
      server.closeAllConnections();
      await done;
    },
  };
}

/** The reasons that an operator can lift, by status. */
const TOO_LONG: Readonly<Record<number, string>> = {
  414: "the address is too long",
  431: "the headers are too long",
};

/** Answers a request that is not HTTP, too slow or too big with a bare status. Null: nobody is there to read it. */
function refuse(error: Error, socket: Socket, header_limit: number): number | null {
  if (!socket.writable || ("code" in error && error.code === "ECONNRESET")) {
    socket.destroy(error);
    return null;
  }
  const status = statusFor(error, header_limit);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`;
  socket.end(head, () => socket.destroy());
  return status;
}

function statusFor(error: Error, header_limit: number): number {
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return 408;
  if (code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return 413;
  if (code !== "HPE_HEADER_OVERFLOW") return 400;
  // The parser counts the URL as part of the headers. The first line shows which of them was too long.
  const packet = "rawPacket" in error && Buffer.isBuffer(error.rawPacket) ? error.rawPacket : null;
  const end = packet?.indexOf("\r\n") ?? -1;
  const line = packet?.toString("latin1", 0, end < 0 ? packet.length : end) ?? "";
  return /^[A-Z]+ \//.test(line) && line.length > header_limit ? 414 : 431;
}

async function drain(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const began = performance.now();
  const late = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, DRAIN_TIMEOUT);
  while (sockets.size > 0 && performance.now() - began < FAREWELL) await pause(DRAIN_LOOK_EVERY);
  const done = closed(server);
  do {
    // A keep-alive connection becomes idle only after its request is answered. A connection that a browser opened in
    // advance, without a request so far, never counts as idle.
    server.closeIdleConnections();
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    await pause(DRAIN_LOOK_EVERY);
  } while (sockets.size > 0);
  await done;
  clearTimeout(late);
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

/** Open connections keep their certificate; new ones get the new certificate. */
function watchCertificate(server: Server, tls: FullConfig["tls"], log: Log): () => void {
  if (!tls || !(server instanceof TlsServer)) return () => {};
  return watchTls(tls, { log }, (pair) => server.setSecureContext(pair));
}
