/** `Auth` for one request, as adapters hand it to the app. */
import type { User } from "../../tokens.ts";
import type { FetchInit, TokenOptions } from "./access.ts";
import type { Auth } from "./web.ts";

export interface RequestAuth {
  /** Who is signed in; null: nobody. */
  user(): Promise<User | null>;
  /** An access token for an API. @throws AuthError as `Auth.token` */
  token(o?: TokenOptions): Promise<string>;
  /** `fetch` of an API with the person's access token. @throws AuthError as `Auth.token` */
  fetch(url: string | URL, init?: FetchInit): Promise<Response>;
}

export const requestAuth = (auth: Auth, request: Request): RequestAuth => ({
  user: () => auth.user(request),
  token: (o) => auth.token(request, o),
  fetch: (url, init) => auth.fetch(request, url, init),
});

/** The cookies that a request has changed, once. */
export const changedHeaders = (auth: Auth, request: Request): Headers =>
  auth.commit(request, new Response()).headers;
