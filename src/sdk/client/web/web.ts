/** `valetkey/client/web`: people sign in to a web app, stay signed in, and sign out. */
import type { User } from "../../tokens.ts";
import { type FetchInit, fetchWith, type TokenOptions, tokenOf, userOf } from "./access.ts";
import { appOf } from "./app.ts";
import { answered, handle } from "./handle.ts";
import { isNavigation, type LoginOptions, login } from "./login.ts";
import { type LogoutOptions, logout } from "./logout.ts";
import type { AuthOptions, ProviderOptions, SessionOptions } from "./options.ts";
import { isMended } from "./recover.ts";

export type { AuthErrorOptions, Code } from "../../errors.ts";
export { AuthError } from "../../errors.ts";
export type { Tokens, User } from "../../tokens.ts";
export type { ClientOptions } from "../party.ts";
export type { Provider } from "../provider.ts";
export type { SessionIndex, SessionStore } from "./session_store.ts";
export { memoryStore } from "./session_store.ts";
export type {
  AuthOptions,
  FetchInit,
  LoginOptions,
  LogoutOptions,
  ProviderOptions,
  SessionOptions,
  TokenOptions,
};

/** The sign-ins of one app. All functions take the request as it came, and one request always as the same object. */
export interface Auth {
  /** Of the app's own addresses, such as `/auth`. */
  readonly prefix: string;
  /**
   * Answers the app's own addresses below `prefix`: `login` (with `return_to` and `provider` in the query), `callback`,
   * `logout` and `backchannel-logout`. @returns null for all others
   */
  handle(r: Request): Promise<Response | null>;
  /** Who is signed in; null: nobody. An outage of the provider signs nobody out. @throws AuthError `configuration` */
  user(r: Request): Promise<User | null>;
  /**
   * An access token for an API, refreshed when it has less than 60 seconds left.
   * @throws AuthError `no_session`; `session_over` when the provider ended the session; `sign_in_needed` without a
   * refresh token; others, after which the session goes on
   */
  token(r: Request, o?: TokenOptions): Promise<string>;
  /** `fetch` of an API with the person's access token. A refused token is refreshed once. @throws AuthError as `token` */
  fetch(r: Request, url: string | URL, init?: FetchInit): Promise<Response>;
  /** Sends the person to the provider, and back to this page afterwards. Prefetches and scripts get 204. */
  login(r: Request, o?: LoginOptions): Promise<Response>;
  /**
   * Ends the session here, its refresh token and the session at the provider. A request that did not come from this
   * site gets a page with a button.
   */
  logout(r: Request, o?: LogoutOptions): Promise<Response>;
  /**
   * The way to the provider, as `login`, for a page that failed with an error of `token` or `fetch` that a sign-in
   * mends: `no_session`, `session_over`, `sign_in_needed` or `step_up_needed`. When such a sign-in was a moment ago, it
   * did not help, and the answer is a page that says so. @returns null for all other errors, and for requests of scripts
   */
  recover(r: Request, error: unknown): Promise<Response | null>;
  /** The answer with the cookies that this request has changed; unchanged when there are none. */
  commit(r: Request, answer: Response): Response;
}

/**
 * People sign in to this app. Nothing is requested until it is used.
 *
 * @example
 * const auth = createAuth({ baseUrl, secret, issuer, clientId, clientSecret });
 * const answer = (await auth.handle(request)) ?? mine(request);
 * @throws AuthError `configuration` for options that can't work
 */
export function createAuth(o: AuthOptions): Auth {
  const app = appOf(o);
  const toProvider = (r: Request, options: Parameters<typeof login>[2]): Promise<Response> =>
    answered(app, r, { answer: () => login(app, r, options) });
  return {
    prefix: app.settings.prefix,
    handle: (r) => handle(app, r),
    user: (r) => userOf(app, r),
    token: (r, options = {}) => tokenOf(app, r, options),
    fetch: (r, url, init) => fetchWith(app, r, { url, init }),
    login: (r, options = {}) => toProvider(r, options),
    logout: (r, options = {}) => answered(app, r, { answer: () => logout(app, r, options) }),
    recover: async (r, error) =>
      // A script can't sign in: an empty answer would tell it that all is well.
      isMended(error) && isNavigation(r) ? toProvider(r, { recovers: error }) : null,
    commit: (r, answer) => app.commit(r, answer),
  };
}
