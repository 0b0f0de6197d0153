/** Scripts of any origin may call endpoints for clients, without credentials (Fetch §3.3). */
import type { HeaderList, HttpRequest, HttpResponse } from "./message.ts";

/** Headers of every response that a script of another origin may read. */
export const CORS: HeaderList = [
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "www-authenticate, retry-after, ratelimit, ratelimit-policy"],
];

/** Allowed headers if the browser's list is absent or invalid. */
const USUAL_HEADERS = "authorization, content-type, dpop";
/**
 * Names of header fields, separated by commas (RFC 9110 §5.6.2), with room for any honest list. A name with `*` is
 * refused: in the response it would be a wildcard.
 */
const HEADER_NAMES = /^[\w!#$%&'+.^`|~-]{1,100}(?:[ \t]*,[ \t]*[\w!#$%&'+.^`|~-]{1,100}){0,63}$/;

export const isPreflight = ({ method, header }: HttpRequest): boolean =>
  method === "OPTIONS" && header("origin") !== undefined;

/**
 * Tracing libraries and MCP clients add headers of their own. Endpoints with CORS ignore cookies, so a fixed list would
 * protect nothing: all names that the browser asks for are allowed.
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
