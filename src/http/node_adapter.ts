/** Converts between `node:http` and the plain values of `message.ts`, without `Request` and `Response`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import {
  type Answer,
  alreadyRead,
  noteAtRim,
  type Rim,
  tooLarge,
  tooLong,
} from "./fetch_adapter.ts";
import { type HttpResponse, json, NO_STORE } from "./message.ts";
import { parsedBody, wasRead } from "./parsed_body.ts";
import { isBelow } from "./paths.ts";

export function nodeAdapter(
  answer: Answer,
  rim: Rim,
): (request: IncomingMessage, response: ServerResponse) => void {
  let warned = false;
  return (incoming, outgoing) => {
    const { method = "GET" } = incoming;
    const url = originForm(targetOf(incoming, rim));
    const finish = (response: HttpResponse) => send(response, outgoing, method === "HEAD");
    if (url.length > rim.limits.header) return finish(tooLong(rim));
    const reader = readerFor(incoming);
    if (reader === null) return finish(alreadyRead(rim));
    if (reader.is_parsed && !warned) {
      warned = true;
      rim.log.warn("body parsed by the app", {
        why: "a body parser comes first, so its limits apply too; pass requests on before it",
      });
    }
    reader.read(incoming, rim.limits.body, (body) => {
      if (body === null) {
        // The rest of the request is not read: the connection ends with the response.
        outgoing.setHeader("connection", "close");
        return finish(tooLarge(rim));
      }
      answer(toRequest(incoming, { url, method, body }, rim))
        .then(finish, (error: unknown) => {
          noteAtRim(
            { event: "not ready", error: "temporarily_unavailable", ...failure(error) },
            rim,
          );
          finish(notReady);
        })
        // A response that can't be written is a bug, and must not crash the process.
        .catch((error: unknown) => {
          noteAtRim({ event: "failed", error: "server_error", ...failure(error) }, rim);
          finish(json({ error: "server_error" }, 500));
        });
    });
  };
}

const notReady: HttpResponse = json({ error: "temporarily_unavailable" }, 503, [
  ...NO_STORE,
  ["retry-after", "2"],
]);
const failure = (error: unknown): { why: string; level: "error" } => ({
  why: error instanceof Error ? error.message : String(error),
  level: "error",
});

/**
 * Frameworks that mount the server below a path remove that path from `url`, and keep the original in `originalUrl`. If
 * that is below the path of the issuer, it counts.
 */
function targetOf(incoming: IncomingMessage, { base }: Rim): string {
  const { url = "/" } = incoming;
  const original: unknown = "originalUrl" in incoming ? incoming.originalUrl : undefined;
  const moved = typeof original === "string" && !isBelow(url, base) && isBelow(original, base);
  return moved ? original : url;
}

/** The target may also be a whole URL (RFC 9112 §3.2.2). Its host is ignored in favour of `Host`. */
const originForm = (target: string): string =>
  target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "") || "/";

function toRequest(
  incoming: IncomingMessage,
  { url, method, body }: { url: string; method: string; body: string },
  { trust }: Rim,
) {
  const { headers, socket } = incoming;
  const header = (name: string): string | undefined => {
    const value = headers[name];
    if (name === "authorization" && value !== undefined) return allOf(incoming, name);
    return Array.isArray(value) ? value.join(", ") : value;
  };
  const scheme = "encrypted" in socket ? "https" : "http";
  const peer = { address: socket.remoteAddress ?? "", origin: originOf(scheme, headers.host) };
  const at = url.indexOf("?");
  const [path, query] = at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
  return { method, path, query, header, body, ...trust(peer, header) };
}

/** Node keeps the first of two such headers, while a proxy may have checked the last. Joined, they match neither. */
function allOf({ rawHeaders }: IncomingMessage, name: string): string {
  const values: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === name.length && rawHeaders[i]?.toLowerCase() === name)
      values.push(rawHeaders[i + 1] ?? "");
  return values.length === 1 ? (values[0] ?? "") : values.join(", ");
}

/** The normalised origin. An invalid Host matches no origin. */
function originOf(scheme: string, host = ""): string {
  const text = `${scheme}://${host}`;
  const known = origins.get(text);
  if (known !== undefined) return known;
  const origin =
    /^[A-Za-z0-9.:[\]-]+$/.test(host) && URL.canParse(text)
      ? new URL(text).origin
      : "http://invalid";
  if (origins.size < 100) origins.set(text, origin);
  return origin;
}
const origins = new Map<string, string>();

type Read = (incoming: IncomingMessage, most: number, done: (body: string | null) => void) => void;

const readBody: Read = (incoming, most, done) => {
  if (Number(incoming.headers["content-length"] ?? 0) > most) done(null);
  else collect(incoming, most, done);
};

interface Reader {
  read: Read;
  /** Whether a body parser of the embedding app has left the body. */
  is_parsed: boolean;
}

/** A reader for a body that is known already. */
const given =
  (body: string): Read =>
  (_, most, done) =>
    done(Buffer.byteLength(body) > most ? null : body);

const NO_BODY: Reader = { read: given(""), is_parsed: false };
const UNREAD: Reader = { read: readBody, is_parsed: false };

/** Null: other code has read the body and did not leave it. */
function readerFor(incoming: IncomingMessage): Reader | null {
  const { method = "GET" } = incoming;
  if (method === "GET" || method === "HEAD") return NO_BODY;
  if (!wasRead(incoming)) return UNREAD;
  const parsed = parsedBody(incoming);
  return parsed === null ? null : { read: given(parsed), is_parsed: parsed !== "" };
}

function collect(
  incoming: IncomingMessage,
  most: number,
  done: (body: string | null) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on("data", (chunk: Buffer) => {
    const before = size;
    size += chunk.length;
    if (size <= most) chunks.push(chunk);
    else if (before <= most) done(null);
  });
  incoming.on("end", () => {
    const [only] = chunks;
    if (size <= most)
      done((chunks.length === 1 && only ? only : Buffer.concat(chunks)).toString("utf8"));
  });
  // An aborted request gets no response.
  incoming.on("error", () => {});
}

function send(
  { status, headers, body }: HttpResponse,
  outgoing: ServerResponse,
  head: boolean,
): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  const list: string[] = [];
  for (const [name, value] of headers) list.push(name, value);
  const bytes = Buffer.byteLength(body);
  if (status !== 204) list.push("content-length", String(bytes));
  outgoing.writeHead(status, list);
  if (head) outgoing.end();
  // One byte for each character: ASCII, which node writes faster without looking for longer ones.
  else if (bytes === body.length) outgoing.end(body, "latin1");
  else outgoing.end(body);
}
