/** Real connections, for what only shows on the wire. */
import {
  type ClientRequest,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestOptions,
  type ServerOptions,
} from "node:http";
import { connect } from "node:net";
import type { AuthorizationServer } from "../../src/authorization_server.ts";

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface Listening {
  port: number;
  /** Sends these bytes and gives all that comes back until the server closes, or `quiet` ms without a byte. */
  raw(bytes: string | Buffer, options?: { quiet?: number; end?: boolean }): Promise<string>;
  request(path: string, options?: RequestOptions, body?: string | Buffer): Promise<WireAnswer>;
  close(): Promise<void>;
}

export async function listening(
  server: Pick<AuthorizationServer, "node">,
  options: ServerOptions = {},
): Promise<Listening> {
  const http = createServer(options, server.node);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    port,
    raw: (bytes, { quiet = 300, end = false } = {}) =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1");
        let answer = "";
        socket.setTimeout(quiet, () => socket.destroy());
        socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
        socket.on("error", () => {});
        socket.on("close", () => resolve(answer));
        if (end) socket.end(bytes);
        else socket.write(bytes);
      }),
    request: (path, requestOptions = {}, body = "") =>
      new Promise((resolve, reject) => {
        const outgoing: ClientRequest = httpRequest(
          { host: "127.0.0.1", port, path, agent: false, ...requestOptions },
          (response) => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", (chunk) => (text += chunk));
            response.on("error", reject);
            response.on("end", () => {
              const { statusCode = 0, headers } = response;
              resolve({ status: statusCode, headers, body: text });
              outgoing.destroy();
            });
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      }),
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

export const statusOf = (answer: string): number =>
  Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
