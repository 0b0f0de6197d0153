/** Converts between the web-standard `Request` and `Response` and the plain values of `message.ts`. */
import type { Log, Observer } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { settingHint } from "../oauth/hint.ts";
import {
  type HttpRequest,
  type HttpResponse,
  json,
  NO_STORE,
  text,
  UNKNOWN_ADDRESS,
} from "./message.ts";
import type { ProxyTrust } from "./proxy.ts";
import { noteRefusal, type Refusal } from "./refusal.ts";

export interface Rim {
  /** Path of the issuer; empty at the root of its origin. */
  base: string;
  limits: { body: number; header: number };
  trust: ProxyTrust;
  log: Log;
  observer: Observer;
}
export type Answer = (request: HttpRequest) => Promise<HttpResponse>;

export function fetchAdapter(
  answer: Answer,
  rim: Rim,
): (request: Request, peer?: { address?: string | undefined }) => Promise<Response> {
  let told = false;
  return async (request, { address = UNKNOWN_ADDRESS } = {}) => {
    const { limits, trust, log } = rim;
    if (address === UNKNOWN_ADDRESS && !told) {
      told = true;
      const why =
        "fetch was called without `address`: limits on wrong passwords hold for all together";
      log.warn("no address", { why });
    }
    const url = new URL(request.url);
    const header = (name: string) => request.headers.get(name) ?? undefined;
    if (url.search.length + url.pathname.length > limits.header) return toResponse(tooLong(rim));
    if (request.bodyUsed || request.body?.locked) return toResponse(alreadyRead(rim));
    const body = await readText(request, limits.body);
    if (body === null) return toResponse(tooLarge(rim));
    const peer = trust({ address, origin: url.origin }, header);
    const { method } = request;
    const query = url.search.slice(1);
    const isHead = method === "HEAD";
    const response = await answer({ method, path: url.pathname, query, header, body, ...peer });
    return toResponse(isHead ? { ...response, body: "" } : response);
  };
}

/** Refuses a request before its body is read; logged like every refusal. */
export function tooLong(rim: Rim): HttpResponse {
  const why = "the address is too long";
  const fields = settingHint("limits.header");
  noteAtRim({ event: "refused", error: "address_too_long", why, fields }, rim);
  return text(`${why}\n`, 414);
}
export function tooLarge(rim: Rim): HttpResponse {
  const error_description = "the body is too large";
  const fields = settingHint("limits.body");
  noteAtRim({ event: "refused", error: "body_too_large", why: error_description, fields }, rim);
  return json({ error: "invalid_request", error_description }, 413);
}

/** The embedding app has read the body and left none, so waiting for it would hang. */
export function alreadyRead(rim: Rim): HttpResponse {
  const why =
    "the body was read before the request was passed on: pass it on before any body parser, or leave request.body";
  noteAtRim({ event: "failed", error: "server_error", why, level: "error" }, rim);
  return json({ error: "server_error" }, 500, NO_STORE);
}

/** Logs outside of a request's context, with an event id of its own. */
export const noteAtRim = (refusal: Refusal, { log, observer }: Rim): void =>
  noteRefusal(refusal, { log, observer, event_id: randomText(9) });

function toResponse({ status, headers, body }: HttpResponse): Response {
  const list = new Headers();
  for (const [name, value] of headers) list.append(name, value);
  return new Response(status === 204 || body === "" ? null : body, { status, headers: list });
}

/** Null when the body has more than `most` bytes; the rest is not read. */
async function readText(request: Request, most: number): Promise<string | null> {
  if (request.method === "GET" || request.method === "HEAD" || !request.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
