/** A session as apps see it, wherever its tokens come from. */
import type { User } from "../../tokens.ts";
import { fetchWithToken, type TokenSource } from "../fetch_with_token.ts";
import type { TokenOptions } from "../token_need.ts";

/** Somebody who is signed in to this app, or the app itself with credentials of its own. */
export interface Session {
  /** The name under which it is kept: `account` of the options, else the person's e-mail address, user name or id. */
  readonly account: string;
  readonly issuer: string;
  /** The person, as of the sign-in; null for a token or credentials from the environment. */
  readonly user: User | null;
  /**
   * The scopes that were granted, as of the sign-in; empty for a token from the environment. Later answers of the provider
   * are about single access tokens (RFC 8707 §2.2).
   */
  readonly scope: readonly string[];
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

/** A person as other people know them. What a provider says must be no command of the terminal. */
export const nameOf = ({ email, username, id }: User): string =>
  (email ?? username ?? id).replaceAll(/\p{Cc}/gu, "");

/** Who is really signed in, also under a name that the app has chosen. */
export function whoIs({ account, user }: Session): string {
  const name = user ? nameOf(user) : account;
  return name.toLowerCase() === account.toLowerCase() ? name : `${name} (account ${account})`;
}

export interface Source extends TokenSource {
  account: string;
  issuer: string;
  user: User | null;
  scope: readonly string[];
  signOut(): Promise<void>;
}

export function sessionOf(source: Source): Session {
  const { account, issuer, user, scope, signOut } = source;
  const token = (o: TokenOptions = {}): Promise<string> => source.token(o);
  return {
    ...{ account, issuer, user, scope, signOut, token },
    fetch: (input, init) => fetchWithToken(source, input, init),
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
