/** The way out: in all tabs, and at the provider (OpenID Connect RP-Initiated Logout 1.0, RFC 7009). */
import { AuthError } from "../../errors.ts";
import { revoke } from "../revocation.ts";
import type { Place } from "./refresh.ts";
import { noteSignOut } from "./signed_in_mark.ts";

export interface LogoutOptions {
  /** The person stays signed in at the provider, and on this page. Default: false. */
  local?: boolean;
  /**
   * Where the provider sends the person afterwards: a URL of this app, registered as a `post_logout_redirect_uri`.
   * Default: `redirectUri`.
   */
  returnTo?: string;
}

/**
 * Ends the session in all tabs of this app. The page goes to the provider, to end its session as well, where it has
 * such an address.
 * @throws AuthError `configuration` for a `returnTo` on another origin
 */
export async function logout(
  { app, vault, tabs }: Place,
  { local = false, returnTo }: LogoutOptions,
): Promise<void> {
  const { page, party, redirectUri } = app;
  const to = URL.parse(returnTo ?? redirectUri, page.document.baseURI);
  if (to?.origin !== page.location.origin)
    throw new AuthError("configuration", `returnTo is ${JSON.stringify(returnTo)}`, {
      hint: `set it to a page of this app, at ${page.location.origin}`,
    });
  const session = vault.current();
  if (!session) return;
  noteSignOut(app);
  tabs.end(session.id);
  const { refresh_token, id_token } = session;
  // It goes on when the page is left, and what becomes of it changes nothing here.
  if (refresh_token !== null) revoke(party, refresh_token, { keepalive: true }).catch(() => {});
  const server = local ? null : await party.server().catch(() => null);
  if (!server?.end_session_endpoint) return;
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set("client_id", party.client.client_id);
  if (id_token !== undefined) url.searchParams.set("id_token_hint", id_token);
  url.searchParams.set("post_logout_redirect_uri", to.href);
  page.location.assign(url.href);
  // Nothing goes on here: the page is being left.
  await new Promise<never>(() => {});
}
