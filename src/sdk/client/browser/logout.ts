/** The way out: in all tabs, and at the provider (OpenID Connect RP-Initiated Logout 1.0, RFC 7009). */
import { AuthError } from "../../errors.ts";
import { revoke } from "../revocation.ts";
import type { Place } from "./refresh.ts";
import { returnUrl } from "./return_to.ts";
import { noteSignOut } from "./signed_in_mark.ts";

export interface LogoutOptions {
  /** The person stays signed in at the provider, and the page is not left. Default: false. */
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
 * @throws AuthError `configuration` for a `returnTo` on another origin, `issuer_unreachable` when the provider is down: the
 * page stays, and the person is signed out here, and still signed in there
 */
export async function logout(
  { app, vault, tabs }: Place,
  { local = false, returnTo }: LogoutOptions,
): Promise<void> {
  const { page, party, redirectUri } = app;
  const to = returnUrl(app, returnTo ?? redirectUri);
  const session = vault.current();
  if (!session) return;
  noteSignOut(app);
  tabs.end(session.id);
  const { refresh_token, id_token } = session;
  // It goes on when the page is left.
  const revoked = refresh_token === null ? null : revoke(party, refresh_token, { keepalive: true });
  if (local) {
    revoked?.catch(() => {});
    return;
  }
  await revoked?.catch(unlessDown);
  const { end_session_endpoint } = await party.server().catch(unlessDown);
  if (!end_session_endpoint) return;
  const url = new URL(end_session_endpoint);
  url.searchParams.set("client_id", party.client.client_id);
  if (id_token !== undefined) url.searchParams.set("id_token_hint", id_token);
  url.searchParams.set("post_logout_redirect_uri", to);
  page.location.assign(url.href);
  // Nothing goes on here: the page is being left.
  await new Promise<never>(() => {});
}

/** An address that does not answer would take the person away from the app. Other failures are the provider's alone. */
function unlessDown(error: unknown): Record<string, undefined> {
  if (!(error instanceof AuthError) || error.code !== "issuer_unreachable") return {};
  throw new AuthError(
    "issuer_unreachable",
    "the person is signed out here, and not at the provider",
    {
      hint: "tell them: the next sign-in there may ask for nothing",
      cause: error,
    },
  );
}
