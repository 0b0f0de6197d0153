/** The HTTP rim of the demo's sites: web-standard requests in, responses out, on a port of this computer. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { HTTP_CONNECTIONS, type ListenAddress, ListenError, listenOn } from "../src/node/listen.ts";
import { withFlag } from "./greeting.ts";

export type Handler = (request: Request) => Promise<Response>;

/** Bytes: enough for forms, small JSON, and a drawing. */
const LONGEST_BODY = 131_072;

export interface Port {
  readonly port: number;
  /** This listener answers from now on. Until then the port is only reserved. */
  answer(listener: RequestListener): void;
  close(): Promise<void>;
}

/**
 * Listens on a port, so that its number is known before it is used.
 * @param name of the site that needs it
 * @throws ListenError when it is in use or may not be opened
 */
export async function openPort(name: string, at: ListenAddress): Promise<Port> {
  let listener: RequestListener = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => listener(request, response));
  const { port, stop } = await listenOn(server, at, HTTP_CONNECTIONS).catch((error: unknown) => {
    throw error instanceof ListenError ? withName(error, name) : error;
  });
  return {
    port,
    answer: (next) => {
      listener = next;
    },
    async close() {
      const closed = once(server, "close");
      stop();
      server.closeIdleConnections();
      // Requests in flight get a moment to end, idle connections do not.
      setTimeout(() => server.closeAllConnections(), 1000).unref();
      await closed;
    },
  };
}

const withName = (error: ListenError, name: string): ListenError =>
  new ListenError(
    `${name} can't be started: ${error.message}`,
    `is the demo running already? else choose three other ports: ${withFlag("--port 5000")}`,
    { cause: error },
  );

/**
 * Turns a handler into a listener for `node:http`.
 * @param report is called with errors of the handler; the visitor gets a plain 500
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
  // Under another name, the browser would mix this site's cookies with those of another site.
  if (incoming.headers.host !== new URL(origin).host)
    return method === "GET" ? seeOther(origin + url) : plain(`this is ${origin}\n`, 421);
  // A `Request` can't have these methods.
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

/** A drawing, in which nothing may run or load, even if it is opened by itself. */
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

/** 303: the browser goes on with GET after any method. */
export function seeOther(location: string, headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "cache-control": "no-store", ...headers },
  });
}
