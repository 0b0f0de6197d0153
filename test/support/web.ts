/** A server behind a real connection, for third-party libraries that need an address. */
import { createServer } from "node:http";
import type { Config } from "../../src/config.ts";
import { type TestServer, testServer } from "./server.ts";

/** On a port of its own, with the clock of this machine. `fetch` goes through the network too. */
export async function webServer(config: Config = {}, path = ""): Promise<TestServer> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" ? address?.port : null;
  const issuer = `http://127.0.0.1:${port}${path}`;
  const server = await testServer({ ...config, issuer }, { clock: Date.now });
  http.on("request", server.node);
  async function close(): Promise<void> {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await server.close();
  }
  const overTheNetwork = (request: Request) => fetch(request);
  return { ...server, fetch: overTheNetwork, close, [Symbol.asyncDispose]: close };
}
