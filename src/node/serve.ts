/** A server on `node:http`: listens, answers, and stops without cutting anybody off. */
import { createServer, type RequestListener, type Server, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import {
  type AuthorizationServer,
  createAuthorizationServer,
  type Runtime,
} from "../authorization_server.ts";
import { type Config, type FullConfig, parseConfig } from "../config.ts";

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
  /** Takes no new connection from now on; resolves when all requests are answered and the database is closed. */
  stop(): Promise<void>;
}

/** The address can't be listened on: the message says which and why. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/**
 * Listens first and opens the database then: where the port is taken, nothing has been made.
 * @throws ConfigError, ListenError, BadSecret or DatabaseError; then nothing is left open
 */
export async function serve(config: Config, runtime: Runtime = {}): Promise<Running> {
  const full = parseConfig(config);
  const http = await listen(full);
  const { port, address } = boundTo(http.server, full);
  let server: AuthorizationServer | null = null;
  try {
    // Port 0 is chosen only now, and the issuer is named after it unless it was given.
    server = createAuthorizationServer({ ...config, port }, runtime);
    await server.ready;
    http.answerWith(server.node);
  } catch (error) {
    await closeNow(http.server);
    await server?.close();
    throw error;
  }
  const started = server;
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    started.drain();
    await drain(http);
    await started.close();
  };
  return {
    server,
    address,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

interface Listening {
  server: Server;
  sockets: ReadonlySet<Socket>;
  answerWith(listener: RequestListener): void;
}

async function listen({ host, port, limits }: FullConfig): Promise<Listening> {
  // Who comes before the database is open waits for it.
  const early: Parameters<RequestListener>[] = [];
  let answer: RequestListener = (...exchange) => early.push(exchange);
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      maxHeaderSize: limits.header,
    },
    (request, response) => answer(request, response),
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("clientError", (error, socket) => refuse(error, socket as Socket, limits.header));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, { host, port })));
    server.listen(port, host, resolve);
  });
  return {
    server,
    sockets,
    answerWith(listener) {
      answer = listener;
      for (const [request, response] of early) listener(request, response);
    },
  };
}

function boundTo(server: Server, { host, port }: FullConfig): { port: number; address: string } {
  const bound = server.address();
  const actual = typeof bound === "object" && bound ? bound.port : port;
  const name = host.includes(":") ? `[${host}]` : host;
  return { port: actual, address: `http://${name}:${actual}` };
}

function explain(error: Error, { host, port }: { host: string; port: number }): Error {
  const code = "code" in error ? error.code : undefined;
  const cannot = (why: string, hint: string) => new ListenError(why, hint, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return cannot(
        `port ${port} on ${host} is in use`,
        "stop the program that has it, perhaps another valetkey, or choose another with --port",
      );
    case "EACCES":
      return cannot(
        `this user may not listen on port ${port}`,
        "choose a port from 1024 on with --port, and let a proxy stand before it",
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return cannot(
        `${host} is not an address of this computer`,
        "--host 127.0.0.1 serves this computer only, --host 0.0.0.0 the network too",
      );
    default:
      return error;
  }
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
  const late = setTimeout(() => server.closeAllConnections(), DRAIN_TIMEOUT);
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
