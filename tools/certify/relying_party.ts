/** The client's own server: its keys, its request objects, its sector, its logo, and what the server under test sends. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";

export const CERTIFICATE = fileURLToPath(
  new URL("../../test/vectors/tls/one.crt", import.meta.url),
);
export const KEY = fileURLToPath(new URL("../../test/vectors/tls/one.key", import.meta.url));

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
  /** Such as `TLSv1.3`. */
  protocol: string | null;
}

export interface RelyingParty {
  origin: string;
  received: Received[];
  /** Publishes a document. @returns its address */
  publish(path: string, body: string | Buffer, type?: string): string;
  /** Waits for the first request to a path. @throws when none comes */
  waitFor(path: string): Promise<Received>;
  close(): Promise<void>;
}

const PATIENCE = 10_000;
const EVERY = 50;

export async function openRelyingParty(): Promise<RelyingParty> {
  const documents = new Map<string, { body: string | Buffer; type: string }>();
  const received: Received[] = [];
  const tls = { cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) };
  const server = createServer(tls, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url: path = "", headers } = request;
    const { getProtocol } = request.socket as TLSSocket;
    const protocol = getProtocol.call(request.socket);
    received.push({ method, path, headers, body: Buffer.concat(chunks).toString(), protocol });
    const document = documents.get(path);
    response.writeHead(document || method === "POST" ? 200 : 404, {
      "content-type": document?.type ?? "text/plain",
      "cache-control": "no-store",
    });
    response.end(document?.body ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const origin = `https://localhost:${typeof address === "object" ? address?.port : ""}`;
  return {
    origin,
    received,
    publish(path, body, type = "application/json") {
      documents.set(path, { body, type });
      return origin + path;
    },
    async waitFor(path) {
      const until = Date.now() + PATIENCE;
      while (Date.now() < until) {
        const found = received.find((each) => each.path === path);
        if (found) return found;
        await new Promise((resolve) => setTimeout(resolve, EVERY));
      }
      throw new Error(`nothing was sent to ${path} within ${PATIENCE / 1000} s`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
