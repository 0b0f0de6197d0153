/** Scripts of other origins: any may call what is meant for clients, without credentials (Fetch §3.3). */
import type { HeaderList, HttpRequest, HttpResponse } from "./message.ts";

/** On every answer that a script of another origin may read. */
export const CORS: HeaderList = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "www-authenticate, retry-after, ratelimit, ratelimit-policy"],
];

/** Allowed where the browser names no headers that we can read. */
const USUAL_HEADERS = "authorization, content-type, dpop";
/**
 * Names of header fields with commas between (RFC 9110 §5.6.2), far longer than any honest list. A name with `*` is
 * none: in the answer it would be a wildcard.
 */
const HEADER_NAMES = /^[\w!#$%&'+.^`|~-]{1,100}(?:[ \t]*,[ \t]*[\w!#$%&'+.^`|~-]{1,100}){0,63}$/;

export const isPreflight = ({ method, header }: HttpRequest): boolean =>
  method === "OPTIONS" && header("origin") !== undefined;

/**
 * Tracing libraries and MCP clients add headers of their own. Since no cookie is looked at where CORS is on, a list of
 * ours would protect nothing: the names that the browser asks for are allowed.
 */
export function preflight(request: HttpRequest, allowed_methods: string): HttpResponse {
  const asked = request.header("access-control-request-headers") ?? "";
  return {
    status: 204,
    headers: [
      ["access-control-allow-methods", allowed_methods],
      ["access-control-allow-headers", HEADER_NAMES.test(asked) ? asked : USUAL_HEADERS],
      ["access-control-max-age", "86400"],
      ["vary", "access-control-request-headers"],
    ],
    body: "",
  };
}
