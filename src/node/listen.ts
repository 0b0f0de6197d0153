/** Takes a port, or says in one line why not. */
import type { Server } from "node:net";

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

/** @throws ListenError */
export async function listenOn(server: Server, { host, port }: ListenAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explain(error, { host, port })));
    server.listen(port, host, resolve);
  });
}

/** Where it listens, as host and port of a URL; port 0 was any that is free. */
export function boundTo(
  server: Server,
  { host, port }: ListenAddress,
): { port: number; authority: string } {
  const bound = server.address();
  const actual = typeof bound === "object" && bound ? bound.port : port;
  return { port: actual, authority: `${host.includes(":") ? `[${host}]` : host}:${actual}` };
}

function explain(error: Error, { host, port }: ListenAddress): Error {
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
