/**
 * Reads the body of a request that a body parser of the embedding app, such as those of Express and NestJS, has read
 * already: it is in `request.body`.
 */
import type { IncomingMessage } from "node:http";

/** Whether other code has begun to read the body, so that it can't be read again. */
export const wasRead = (incoming: IncomingMessage): boolean => incoming.readableDidRead;

/** @returns the body as text again; null: no parser left it, or not in a form that can be serialized */
export function parsedBody(incoming: IncomingMessage): string | null {
  const body: unknown = "body" in incoming ? incoming.body : undefined;
  if (typeof body === "string") return body;
  if (Buffer.isBuffer(body)) return body.toString("utf8");
  if (typeof body !== "object" || body === null) return null;
  const type = incoming.headers["content-type"] ?? "";
  return type.startsWith("application/json") ? JSON.stringify(body) : formOf(body);
}

/** A repeated name is a list. It stays repeated, so that it is refused as in any other body. */
function formOf(body: object): string | null {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    for (const each of values) {
      if (typeof each !== "string") return null;
      form.append(name, each);
    }
  }
  return form.toString();
}
