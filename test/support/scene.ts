/** The beginning of most flow tests: a server for all tests of the file, Ada, and an app that she may use. */
import { after } from "node:test";
import { type TestClient, type TestServer, testServer, WEB } from "./server.ts";

export interface Scene {
  server: TestServer;
  client: TestClient;
  /** Ada's `sub`. */
  sub: string;
}

/** The server is closed after the tests of the file that calls it. */
export async function adaWithAnApp(): Promise<Scene> {
  const server = await testServer();
  after(() => server.close());
  const sub = await server.addUser("ada");
  const client = await server.addClient(WEB);
  return { server, client, sub };
}
