/** A session as apps see it, wherever its tokens come from. */
import { AuthError } from "../../errors.ts";
import { isSecure } from "../../metadata.ts";
import type { User } from "../../tokens.ts";

export interface TokenOptions {
  /** URI of the API (RFC 8707). Default: `resource` of the app. */
  resource?: string;
  /** Fewer scopes than the session has, separated by spaces. Default: all of them. */
  scope?: string;
  /** Seconds for which the token has to live on. Default: 60, and half of the life of a token that lives shorter. */
  minimumLife?: number;
}

/** Somebody who is signed in to this app, or the app itself with credentials of its own. */
export interface Session {
  /** The name under which it is kept: `account` of the options, else the person's e-mail address, user name or id. */
  readonly account: string;
  readonly issuer: string;
  /** The person, as of the sign-in; null for a token or credentials from the environment. */
  readonly user: User | null;
  /**
   * An access token, refreshed when it has less than a minute left.
   * @throws AuthError `session_over` when the provider has ended the session, `no_session` after a sign-out,
   * `sign_in_needed` without a refresh token, `storage_busy`, `storage_unreadable`, `keychain_unavailable`, and what a
   * provider or a network can do wrong
   */
  token(o?: TokenOptions): Promise<string>;
  /**
   * `fetch` with the access token. When the API refuses it (401), once more with a new one, unless the body in `init` is
   * a stream.
   * @throws AuthError as `token`, and `configuration` for an address that is not https or loopback
   */
  fetch(i: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Forgets the session, and ends it at the provider.
   * @throws AuthError when the provider could not be told; the session is forgotten all the same
   */
  signOut(): Promise<void>;
  /** For `authProvider` of a transport of the official MCP SDK, version 2. */
  mcp(): { token(): Promise<string>; onUnauthorized(): Promise<void> };
}

export interface Source {
  account: string;
  issuer: string;
  user: User | null;
  /** @param refused a token that the API did not take: another one is needed */
  token(o: TokenOptions & { refused?: string }): Promise<string>;
  /** Sends the requests of `Session.fetch`. Left out: the global one. */
  fetch?: typeof fetch | undefined;
  /** Whether another token can be had. */
  isRenewable(): boolean;
  signOut(): Promise<void>;
}

export function sessionOf(source: Source): Session {
  const { account, issuer, user, signOut } = source;
  const token = (o: TokenOptions = {}): Promise<string> => source.token(o);
  return {
    ...{ account, issuer, user, signOut, token },
    fetch: (input, init) => fetchWith(source, input, init),
    mcp() {
      let last: string | undefined;
      return {
        async token() {
          last = await source.token({});
          return last;
        },
        async onUnauthorized() {
          last = await source.token(last === undefined ? {} : { refused: last });
        },
      };
    },
  };
}

/** Asks an API with the access token (RFC 6750). */
async function fetchWith(
  source: Source,
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
  const isRepeatable = source.isRenewable() && !(init.body instanceof ReadableStream);
  // A second request needs the body again.
  const again = (isRepeatable && request?.clone()) || to;
  const token = await source.token({});
  const first = await send(token, request ?? to);
  if (first.status !== 401 || !isRepeatable) return first;
  const another = await source.token({ refused: token });
  first.body?.cancel().catch(() => {});
  return send(another, again);
}
