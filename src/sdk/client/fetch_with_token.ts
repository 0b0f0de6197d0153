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
}

/**
 * Asks an API. When it refuses the token (401), once more with a new one.
 * @throws AuthError `configuration` for an address that is not https or loopback, and as `token`
 */
export async function fetchWithToken(source: TokenSource, request: Request): Promise<Response> {
  const to = new URL(request.url);
  if (!isSecure(to))
    throw new AuthError("configuration", `${to.origin} is not https`, {
      hint: "send tokens to https and loopback addresses only",
    });
  const token = await source.token({});
  // A second request needs the body again.
  const again = source.isRenewable() ? request.clone() : null;
  const first = await fetch(withToken(request, token));
  if (first.status !== 401 || !again) return first;
  const another = await source.token({ refused: token });
  first.body?.cancel().catch(() => {});
  return fetch(withToken(again, another));
}

function withToken(request: Request, token: string): Request {
  request.headers.set("authorization", `Bearer ${token}`);
  return request;
}
