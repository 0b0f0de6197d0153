/** The options of `createBrowserAuth`, checked. */
import type { ClientAuth } from "oauth4webapi";
import { AuthError } from "../../errors.ts";
import { type Party, partyOf } from "../party.ts";
import type { Page } from "./page.ts";

export interface BrowserAuthOptions {
  /** The provider's issuer, exactly as its metadata names it. */
  issuer: string;
  /** The app's id at the provider, where it is registered as a public client: a page keeps no secret. */
  clientId: string;
  /**
   * Where the provider sends the person back to, as registered: a page of this app, on its own origin, as a URL or a
   * path. Default: `/`.
   */
  redirectUri?: string;
  /**
   * Scopes, separated by spaces, `openid` among them. Default: `openid profile email offline_access`, as far as the
   * provider has them. Those of an API are added to them here.
   */
  scope?: string;
  /** URI of the API that access tokens are for (RFC 8707). Default: the provider decides. */
  resource?: string;
}

/** An app on this page. */
export interface App {
  page: Page;
  party: Party;
  redirectUri: string;
  scope: string | undefined;
  resource: string | undefined;
  /** Of this client, issuer and API: it begins the names of all that tabs of this origin share. */
  name: string;
}

/** @throws AuthError `configuration` for options that can't work */
export function appOf(options: BrowserAuthOptions, page: Page): App {
  const { issuer, clientId, scope, resource } = options;
  const party = partyOf({ issuer, clientId }, publicClient);
  if (!page.isSecureContext)
    throw wrong(
      `this page (${page.location.origin}) is not https`,
      "serve it by https, or at http://localhost",
    );
  const { origin } = page.location;
  const { redirectUri = `${origin}/` } = options;
  const url = URL.parse(redirectUri, origin);
  if (url?.origin !== origin || url.hash !== "")
    throw wrong(
      `redirectUri is ${JSON.stringify(redirectUri)}, this page is at ${origin}`,
      "set it to a URL of this origin, without a fragment",
    );
  if (scope !== undefined && !scope.split(" ").includes("openid"))
    throw wrong(
      `scope is ${JSON.stringify(scope)}, without openid`,
      "begin it with openid profile email offline_access",
    );
  // The number is that of the messages between tabs: after an update of the app, some tabs have the old code.
  const name = ["valetkey", "1", issuer, clientId, resource ?? ""]
    .map(encodeURIComponent)
    .join(" ");
  return { page, party, redirectUri: url.href, scope, resource, name };
}

/** It says its id alone (OAuth 2.1 §2.4). */
const publicClient = (): (() => ClientAuth) => () => (_server, client, body) => {
  body.set("client_id", client.client_id);
};

const wrong = (what: string, hint: string): AuthError =>
  new AuthError("configuration", what, { hint });
