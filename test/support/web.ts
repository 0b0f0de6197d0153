/** A server behind a real connection, for third-party libraries that need an address. */
import { createServer, type RequestListener } from "node:http";
import type { Runtime } from "../../src/authorization_server.ts";
import type { Config } from "../../src/config.ts";
import { type TestServer, testServer } from "./server.ts";

export interface WebServer extends TestServer {
  /** Its own `fetch`, without the network. */
  direct: TestServer["fetch"];
}

interface Mount {
  /** Of the issuer. */
  path?: string;
  /** Of the issuer: passkeys need a name, and `localhost` is one. */
  host?: "127.0.0.1" | "localhost";
  /** The app that embeds it. Left out: none. */
  app?: (server: TestServer) => RequestListener;
  runtime?: Runtime;
}

/** On a port of its own, with the clock of this machine. `fetch` goes through the network too. */
export async function webServer(
  config: Config = {},
  { path = "", host = "127.0.0.1", app = ({ node }) => node, runtime = {} }: Mount = {},
): Promise<WebServer> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" ? address?.port : null;
  const issuer = `http://${host}:${port}${path}`;
  const server = await testServer({ ...config, issuer }, { clock: Date.now, ...runtime });
  http.on("request", app(server));
  async function close(): Promise<void> {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await server.close();
  }
  const overTheNetwork = (request: Request) => fetch(request);
  const direct = server.fetch;
  return { ...server, direct, fetch: overTheNetwork, close, [Symbol.asyncDispose]: close };
}
