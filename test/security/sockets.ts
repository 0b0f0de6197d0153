/** A client on real connections, for behaviour that only shows on the wire. */
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener,
  type RequestOptions,
} from "node:http";
import { connect } from "node:net";
import type { TestContext } from "node:test";

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
interface RawOptions {
  quiet?: number;
  end?: boolean;
  /** Keeps the connection open until this resolves, instead of `quiet`. */
  until?: Promise<void>;
}
export interface Wire {
  /** Sends these bytes and returns all that comes back until the server closes, or no byte comes for `quiet` ms. */
  raw(bytes: string, options?: RawOptions): Promise<string>;
  /** A whole request. An answer that comes before the body was sent counts. */
  request(path: string, options?: RequestOptions, body?: string | Buffer): Promise<WireAnswer>;
}

/** Listens for as long as the test runs. */
export async function listening(t: TestContext, listener: RequestListener): Promise<Wire> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const address = http.address();
  return clientOf(typeof address === "object" && address ? address.port : 0);
}

export const clientOf = (port: number): Wire => ({
  raw: (bytes, { quiet = 300, end = false, until } = {}) =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      let answer = "";
      if (until) until.then(() => socket.destroy());
      else socket.setTimeout(quiet, () => socket.destroy());
      socket.on("data", (chunk) => {
        answer += chunk.toString("latin1");
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve(answer));
      if (end) socket.end(bytes, "latin1");
      else socket.write(bytes, "latin1");
    }),

  request: (path, options = {}, body = "") =>
    new Promise((resolve, reject) => {
      const outgoing = httpRequest(
        { host: "127.0.0.1", port, path, agent: false, ...options },
        (response) => {
          const { statusCode: status = 0, headers } = response;
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("close", () => {
            resolve({ status, headers, body: text });
            outgoing.destroy();
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    }),
});

export const statusOf = (answer: string): number =>
  Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
