/** `valetkey/client`: sign people in with any provider, and get tokens for APIs. */
import type { Tokens, User } from "../tokens.ts";
import { type BeginOptions, type Begun, begin, finish } from "./authorization_code.ts";
import { clientParty } from "./client_authentication.ts";
import { clientCredentials } from "./client_credentials.ts";
import type { ClientOptions } from "./party.ts";
import { type RefreshOptions, refresh } from "./refresh_token.ts";
import { revoke } from "./revocation.ts";
import { user } from "./user.ts";

export type { AuthErrorOptions, Code } from "../errors.ts";
export { AuthError } from "../errors.ts";
export { claimsOf } from "../tokens.ts";
export { getJson } from "./get_json.ts";
export type { Provider } from "./provider.ts";
export { apple } from "./providers/apple.ts";
export { discord } from "./providers/discord.ts";
export { facebook } from "./providers/facebook.ts";
export { github } from "./providers/github.ts";
export { gitlab } from "./providers/gitlab.ts";
export { google } from "./providers/google.ts";
export { microsoft } from "./providers/microsoft.ts";
export { standardUser } from "./standard_user.ts";
export type { BeginOptions, Begun, ClientOptions, RefreshOptions, Tokens, User };

/** One client at one provider. It keeps nothing but the provider's metadata, so one serves all people. */
export interface Client {
  /**
   * Begins a sign-in. Redirect the person to `url`, and keep the rest for the callback of this browser.
   * @throws AuthError `configuration`, `issuer_unreachable`, `issuer_mismatch`
   */
  begin(o: BeginOptions): Promise<Begun>;
  /**
   * Ends a sign-in: checks the callback, and gets the tokens for its code.
   * @param callback the address that the person came back to, or the form that they brought
   * @throws AuthError `access_denied` when the person said no, `login_expired` for a code that is used or too old,
   * `login_elsewhere` for a callback of another sign-in, and what a provider or a network can do wrong
   */
  finish(callback: URL | URLSearchParams, begun: Begun): Promise<Tokens>;
  /**
   * New tokens. Keep the refresh token that comes with them: the old one may be void by now.
   * @throws AuthError `session_over` when the provider ended the session; other errors end nothing
   */
  refresh(refreshToken: string, o?: RefreshOptions): Promise<Tokens>;
  /** Tokens for the client itself, without a person. @throws AuthError */
  clientCredentials(o?: RefreshOptions): Promise<Tokens>;
  /** The person of these tokens. @throws AuthError `token_refused` when the provider no longer accepts them */
  user(t: Tokens): Promise<User>;
  /** Ends a token, and with a refresh token its session. @throws AuthError `configuration` where that is impossible */
  revoke(token: string): Promise<void>;
}

/**
 * A client at a provider. Nothing is requested until it is used.
 * @throws AuthError `configuration` for options that can't work
 */
export function createClient(o: ClientOptions): Client {
  const party = clientParty(o);
  return {
    begin: (options) => begin(party, options),
    finish: (callback, begun) => finish(party, callback, begun),
    refresh: (refreshToken, options) => refresh(party, refreshToken, options),
    clientCredentials: (options) => clientCredentials(party, options),
    user: (tokens) => user(party, tokens),
    revoke: (token) => revoke(party, token),
  };
}
