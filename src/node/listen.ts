/** Listens on a port, or gives the reason in one line. */
import { once } from "node:events";
import { createServer, Server, type ServerOpts } from "node:net";

/** The address can't be listened on: the message says which and why. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

export interface ListenAddress {
  host: string;
  port: number;
}

/** A port that the server listens on. */
export interface Listening {
  readonly port: number;
  /** Host and port, as in a URL. */
  readonly authority: string;
  /** Takes no new connection. Open ones go on. */
  stop(): void;
}

/** The options that `node:http` sets for each connection that it accepts. */
export const HTTP_CONNECTIONS = { allowHalfOpen: true, noDelay: true };

const IPV4 = "127.0.0.1";
const IPV6 = "::1";
/** Tries with another free port, if the port that is free on IPv4 is taken on IPv6. */
const TRIES = 10;

/**
 * Listens with a server. Port 0 means any free port. `localhost` means both loopback addresses on one port, since
 * programs differ in which of them they try first; on a machine without IPv6 it is one address.
 * @param options of the server, for its connections on the second address
 * @throws ListenError that names the taken address; the server then listens on no address
 */
export async function listenOn(
  server: Server,
  { host, port }: ListenAddress,
  options: ServerOpts = {},
): Promise<Listening> {
  const servers =
    host === "localhost"
      ? await listenOnLoopback(server, port, options)
      : [await listen(server, { host, port })];
  const chosen = portOf(server);
  return {
    port: chosen,
    authority: `${host.includes(":") ? `[${host}]` : host}:${chosen}`,
    stop() {
      // The `close` of an HTTP server would also close idle connections.
      for (const each of servers) Server.prototype.close.call(each);
    },
  };
}

async function listenOnLoopback(
  server: Server,
  port: number,
  options: ServerOpts,
): Promise<Server[]> {
  for (let tries = 1; ; tries += 1) {
    await listen(server, { host: IPV4, port });
    const twin = createServer(options, (socket) => server.emit("connection", socket));
    try {
      await listen(twin, { host: IPV6, port: portOf(server) });
      return [server, twin];
    } catch (error) {
      if (isWithoutIpv6(error)) return [server];
      const closed = once(server, "close");
      server.close();
      await closed;
      if (port !== 0 || tries === TRIES || codeOf(error) !== "EADDRINUSE") throw error;
    }
  }
}

async function listen(server: Server, { host, port }: ListenAddress): Promise<Server> {
  try {
    server.listen(port, host);
    await once(server, "listening");
    return server;
  } catch (error) {
    throw explain(error, { host, port });
  }
}

function portOf(server: Server): number {
  const bound = server.address();
  if (typeof bound !== "object" || bound === null) throw new Error("the server does not listen");
  return bound.port;
}

/** @param error as `listen` throws it */
const isWithoutIpv6 = (error: unknown): boolean =>
  ["EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(codeOf(error) ?? "");

function codeOf(error: unknown): string | undefined {
  const cause = error instanceof ListenError ? error.cause : error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

function explain(error: unknown, { host, port }: ListenAddress): unknown {
  const cannot = (why: string, hint: string) => new ListenError(why, hint, { cause: error });
  switch (codeOf(error)) {
    case "EADDRINUSE":
      return cannot(
        `port ${port} on ${host} is in use`,
        "stop the program that uses it, perhaps another valetkey, or choose another port with --port",
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
        "--host localhost serves this computer only, --host 0.0.0.0 the network too",
      );
    default:
      return error;
  }
}
