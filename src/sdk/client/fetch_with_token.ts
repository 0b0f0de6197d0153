/** A request to an API with the access token of a session (RFC 6750). */
import { AuthError } from "../errors.ts";
import { isSecure } from "../metadata.ts";
import type { TokenOptions } from "./token_need.ts";

/** Where access tokens come from. */
export interface TokenSource {
  /** @param refused a token that the API did not take: another one is needed */
  token(o: TokenOptions & { refused?: string }): Promise<string>;
  /** Whether another token can be had. */
  isRenewable(): boolean;
  /** Sends the requests to APIs. Left out: the global one. */
  fetch?: typeof fetch | undefined;
}

/**
 * Asks an API. When it refuses the token (401), once more with a new one.
 * @throws AuthError `configuration` for an address that is not https or loopback, and as `token`
 */
export async function fetchWithToken(
  source: TokenSource,
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const request = input instanceof Request ? input : null;
  const to = new URL(request?.url ?? String(input));
  if (!isSecure(to))
    throw new AuthError("configuration", `${to.origin} is not https`, {
      hint: "send tokens to https and loopback addresses only",
    });
  const send = (token: string, what: URL | Request): Promise<Response> => {
    const headers = new Headers(init.headers ?? request?.headers);
    headers.set("authorization", `Bearer ${token}`);
    return (source.fetch ?? fetch)(what, { ...init, headers });
  };
  const signal = init.signal ?? request?.signal;
  signal?.throwIfAborted();
  const token = await unlessAborted(source.token({}), signal);
  const isRepeatable = source.isRenewable() && !(init.body instanceof ReadableStream);
  // A second request needs the body again.
  const again = (isRepeatable && request?.clone()) || to;
  const first = await send(token, request ?? to);
  if (first.status !== 401 || !isRepeatable) return first;
  const another = await source.token({ refused: token });
  first.body?.cancel().catch(() => {});
  return send(another, again);
}

/** @throws the reason of the signal */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    // A signal that lives on must not keep what belongs to this request.
    work.finally(() => signal.removeEventListener("abort", stop)).then(resolve, reject);
  });
}
