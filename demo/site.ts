/** The HTTP rim of the demo's sites: web-standard requests in, responses out, on a port of this computer. */

import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { ListenError } from "../src/node/serve.ts";
import { withFlag } from "./greeting.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Forms and small JSON; nobody sends a demo more than that. */
const LONGEST_BODY = 16_384;

export interface Port {
  readonly port: number;
  /** From now on this listener answers; until then the port is only held. */
  answer(listener: RequestListener): void;
  close(): Promise<void>;
}

/**
 * Takes a port, so that its number is known before anything is built on it.
 * @param both also on the IPv6 loopback, where browsers look first when an address says `localhost`
 * @throws ListenError when it is in use or may not be opened
 */
export async function openPort(options: {
  name: string;
  host: string;
  port: number;
  both?: boolean;
}): Promise<Port> {
  const { name, host, port, both = false } = options;
  let listener: RequestListener = (_, response) => response.writeHead(503).end();
  const make = (): Server => createServer((request, response) => listener(request, response));
  const first = make();
  const servers = [first];
  await listen(first, port, host).catch((error: unknown) => {
    throw explain(error, name, port, host);
  });
  const address = first.address();
  const taken = typeof address === "object" && address ? address.port : port;
  if (both) {
    const second = make();
    // A computer without IPv6 has nobody there to mistake for us.
    const open = await listen(second, taken, "::1").then(
      () => true,
      () => false,
    );
    if (open) servers.push(second);
  }
  return {
    port: taken,
    answer: (next) => {
      listener = next;
    },
    async close() {
      await Promise.all(servers.map(stop));
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    // What is still being answered gets a moment, a connection kept open by a browser does not.
    setTimeout(() => server.closeAllConnections(), 1000).unref();
  });
}

function explain(error: unknown, name: string, port: number, host: string): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return new ListenError(
      `port ${port}, which ${name} needs, is in use`,
      `is the demo running already? else choose three other ports: ${withFlag("--port 5000")}`,
    );
  if (code === "EACCES")
    return new ListenError(`port ${port} may not be opened for ${name}`, "take a port above 1023");
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new ListenError(`${host} is not an address of this computer`, "leave the host out");
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * A listener for `node:http` out of a handler.
 * @param report told what the handler threw; the visitor gets a plain 500
 */
export function listener(
  handler: Handler,
  origin: string,
  report: (error: unknown) => void,
): RequestListener {
  return (incoming, outgoing) => {
    respond(handler, origin, incoming)
      .then(async (response) => {
        for (const [name, value] of response.headers)
          if (name !== "set-cookie") outgoing.setHeader(name, value);
        const cookies = response.headers.getSetCookie();
        if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
        outgoing.writeHead(response.status);
        outgoing.end(incoming.method === "HEAD" ? undefined : Buffer.from(await response.bytes()));
      })
      .catch((error: unknown) => {
        report(error);
        if (!outgoing.headersSent) outgoing.writeHead(500);
        outgoing.end();
      });
  };
}

async function respond(
  handler: Handler,
  origin: string,
  incoming: IncomingMessage,
): Promise<Response> {
  const { method = "GET", url = "/" } = incoming;
  if (!url.startsWith("/") || !URL.canParse(origin + url)) return plain("bad request\n", 400);
  // A `Request` can't have these methods, and nobody needs them.
  if (/^(?:connect|trace|track)$/i.test(method)) return plain("method not allowed\n", 405);
  const body = await read(incoming);
  if (body === null) return plain("too large\n", 413, { connection: "close" });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, [value].flat().join(", "));
  const bodyless = method === "GET" || method === "HEAD";
  const request = new Request(origin + url, {
    method: method === "HEAD" ? "GET" : method,
    headers,
    ...(!bodyless && body.length > 0 && { body }),
  });
  return handler(request);
}

async function read(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LONGEST_BODY) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function plain(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...headers,
    },
  });
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** A drawing: nothing in it may run or load, also when somebody opens it by itself. */
export function drawing(svg: string, cache: string): Response {
  return new Response(svg, {
    headers: {
      "content-type": "image/svg+xml; charset=utf-8",
      "cache-control": cache,
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
    },
  });
}

/** 303: whatever the method was, the browser goes on with GET. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", ...headers },
  });
}
