/** The way out: here, and at the provider (OpenID Connect RP-Initiated Logout 1.0, RFC 7009). */
import type { Party } from "../party.ts";
import { revoke } from "../revocation.ts";
import { logoutPage, seeOther } from "./answers.ts";
import type { App } from "./app.ts";
import { isNavigation, isPrefetch } from "./login.ts";
import { registeredOf } from "./refresh.ts";
import { returnPath } from "./return_path.ts";
import type { Session } from "./session.ts";
import type { Visit } from "./visit.ts";

export interface LogoutOptions {
  /** The person stays signed in at the provider, and at other apps. Default: false. */
  local?: boolean;
  /**
   * Path of this app to go to. Addresses of other sites become `/`. Unless `local`, register it at the provider as a
   * `post_logout_redirect_uri`. Default: `/`.
   */
  returnTo?: string;
}

/** Milliseconds that the person waits for the provider to revoke the refresh token. */
const PATIENCE = 3000;

export async function logout(
  app: App,
  request: Request,
  { local = false, returnTo }: LogoutOptions,
): Promise<Response> {
  const visit = app.visitOf(request);
  if (!isOwn(visit)) return logoutPage(`${app.settings.prefix}/logout`);
  const { origin } = visit;
  const to = returnPath(returnTo, { origin, prefix: app.settings.prefix });
  const session = await visit.session();
  if (!session) return seeOther(to);
  await app.keeper.end(session);
  visit.end(session);
  const { party } = registeredOf(app.settings, session);
  // The session here has ended in any case; the person does not wait for long.
  const { refreshToken } = session;
  const revoked = refreshToken === undefined ? null : revoke(party, refreshToken).catch(() => {});
  await Promise.race([revoked, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  return seeOther(local ? to : await providerLogout(party, session, { origin, to }));
}

/** Whether this site asks for it: another one must not sign people out, and no prefetch. */
function isOwn({ request, origin }: Visit): boolean {
  const { method, headers } = request;
  const site = headers.get("sec-fetch-site");
  if (method === "GET")
    return site === "same-origin" && isNavigation(request) && !isPrefetch(request);
  if (site !== null) return site === "same-origin";
  return (headers.get("origin") ?? origin) === origin;
}

/** The address at the provider that ends its session too; `to` where there is none, and while the provider is down. */
async function providerLogout(
  party: Party,
  session: Session,
  { origin, to }: { origin: string; to: string },
): Promise<string> {
  const server = await party.server().catch(() => null);
  if (server?.end_session_endpoint === undefined) return to;
  const url = new URL(server.end_session_endpoint);
  url.searchParams.set("client_id", party.client.client_id);
  if (session.idToken !== undefined) url.searchParams.set("id_token_hint", session.idToken);
  url.searchParams.set("post_logout_redirect_uri", origin + to);
  return url.href;
}
