/** The requests of the SDKs: bounded in time and size, without redirects. */
import { AuthError } from "./errors.ts";

/** Milliseconds until the last byte of a response. */
const TIMEOUT = 8000;
/** Bytes of a response. */
const MOST_BYTES = 262_144;

interface BoundedInit extends RequestInit {
  /** Bytes of the response. */
  most?: number;
}

/**
 * @throws AuthError `issuer_unreachable` without a complete response, `invalid_response` for a redirect or a large
 * one, `cancelled` when the caller's signal stopped it
 */
export type BoundedFetch = (input: string | URL | Request, init?: BoundedInit) => Promise<Response>;

/**
 * A `fetch` for requests to a provider: 8 seconds, no redirects, 256 KB. The response has arrived completely.
 * @param send sends the requests; the bounds hold whatever it does. Default: the global `fetch`, as it is by then
 */
export const boundedFetch =
  (send?: typeof fetch): BoundedFetch =>
  (input, init = {}) =>
    bounded(send ?? fetch, input, init);

async function bounded(
  send: typeof fetch,
  input: string | URL | Request,
  { most = MOST_BYTES, ...init }: BoundedInit,
): Promise<Response> {
  const url = new URL(input instanceof Request ? input.url : input);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), TIMEOUT);
  const given = init.signal ?? (input instanceof Request ? input.signal : null);
  const signal = given ? AbortSignal.any([given, late.signal]) : late.signal;
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener("abort", stop);
  try {
    signal.throwIfAborted();
    const own = input instanceof Request ? input.headers : undefined;
    const headers = named(new Headers(init.headers ?? own));
    // A page must not be sent to a provider that is down because the browser remembers its metadata.
    const cache = isBrowser() ? { cache: "no-cache" as const } : {};
    const sent = send(input, { ...init, ...cache, headers, redirect: "manual", signal });
    const read = sent.then((response) => {
      if (isRedirect(response)) throw redirected(url, response);
      return whole(response, url, most);
    });
    // A function that ignores the signal must not hold up the caller.
    return await Promise.race([read, stopped]);
  } catch (cause) {
    if (cause instanceof AuthError) throw cause;
    if (given?.aborted)
      throw new AuthError("cancelled", `the request to ${url.origin} was stopped`, {
        hint: "call again when it is wanted",
        cause,
      });
    const isLate = late.signal.aborted;
    const what = isLate
      ? `${url.origin} did not answer within ${TIMEOUT / 1000} s`
      : `no connection to ${url.origin} (${reason(cause)})`;
    const hint = hintFor(cause, isLate);
    throw new AuthError("issuer_unreachable", what, { hint, retryable: true, cause });
  } finally {
    clearTimeout(timer);
    // A signal that lives on must not keep what belongs to this request.
    signal.removeEventListener("abort", stop);
  }
}

/** The body as JSON, whatever its status and media type say. @returns undefined when it is not JSON */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return JSON.parse(await response.text());
  } catch {
    return undefined;
  }
}

function hintFor(cause: unknown, isLate: boolean): string {
  if (speaksHttp(cause))
    return "what answers there speaks http, and not https: check the issuer's address";
  if (isBrowser() && !isLate)
    return "the console tells which: the network, a missing CORS header, or a policy of this page (CSP)";
  return "check the issuer's address and the network of this machine, then try again";
}

const isBrowser = (): boolean =>
  globalThis.navigator?.userAgent?.startsWith("Mozilla/5.0 ") ?? false;

/** GitHub refuses requests without `User-Agent`; a browser sends its own, and would ask for permission to send another. */
function named(headers: Headers): Headers {
  if (!isBrowser() && !headers.has("user-agent")) headers.set("user-agent", "valetkey");
  return headers;
}

/** 304 answers a condition of the request, and leads nowhere. A redirect that was followed anyway is refused as well. */
const isRedirect = ({ type, status, redirected }: Response): boolean =>
  type === "opaqueredirect" || redirected || (status >= 300 && status < 400 && status !== 304);

function redirected(url: URL, response: Response): AuthError {
  const to = URL.parse(response.headers.get("location") ?? response.url, url);
  const where = to ? ` to ${to.origin}${to.pathname}` : "";
  return new AuthError("invalid_response", `${url.origin}${url.pathname} redirects${where}`, {
    hint: "use the address that answers itself: redirects are not followed",
    status: response.status,
  });
}

/** The response with its body in memory. Safari can't iterate over a stream. */
async function whole(response: Response, url: URL, most: number): Promise<Response> {
  const headers = new Headers(response.headers);
  // The body is decoded by now.
  for (const name of ["content-encoding", "content-length"]) headers.delete(name);
  const { status } = response;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body?.getReader();
  let size = 0;
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    parts.push(next.value);
    size += next.value.byteLength;
    if (size <= most) continue;
    // Not waited for: of a response that a framework keeps a copy of, it would never end.
    reader?.cancel().catch(() => {});
    throw new AuthError("invalid_response", `${url.origin} sent more than ${most} bytes`, {
      hint: "check the address: no answer of a provider is that large",
      status,
    });
  }
  return new Response(size > 0 ? new Blob(parts) : null, { status, headers });
}

/** The answer to the beginning of TLS was none. Node's names for it. */
const speaksHttp = (error: unknown): boolean =>
  ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "EPROTO"].includes(
    reason(error),
  );

/** `fetch failed` of Node says less than its cause. */
function reason(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return "code" in inner ? String(inner.code) : inner.message;
}
