/**
 * A logout that an app asks for (OpenID RP-Initiated Logout). It is sealed into forms and addresses while the person is
 * asked, and adds no row.
 */
import { appIdentity } from "../clients/app_identity.ts";
import { isEnabled } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import {
  type EndSessionParams,
  type HintState,
  mayLeadBack,
  postLogoutUrl,
} from "../oauth/end_session.ts";
import { OAuthError } from "../oauth/errors.ts";
import { updateHint } from "../oauth/hint.ts";
import { matchesPostLogoutUri } from "../oauth/redirect_uri.ts";
import type { AppIdentity } from "../pages/app.ts";
import type { AskedSession } from "../sessions/session.ts";
import type { ClientRecord } from "../store/records.ts";
import { readIdTokenHint } from "../tokens/id_token_hint.ts";

export interface LogoutRequest {
  /** Of the client that the hint is for, or that `client_id` names; null: none. */
  client_id: string | null;
  hint: HintState;
  /** Person and session that a genuine hint names, by the names that the client knows. */
  hinted: { sub: string; sid: string } | null;
  logout_hint: string | null;
  /** As sent: it is compared each time that it is used. */
  post_logout_redirect_uri: string | null;
  state: string | null;
  ui_locales: string[];
  expires_at: number;
}

/** Bytes of a request, which become 8 KB of sealed text. */
const LARGEST = 6100;
const PURPOSE = "logout request";

/** @throws OAuthError `invalid_request` when the request is too large to travel */
export async function beginLogout(
  params: EndSessionParams,
  ui_locales: string | undefined,
  ctx: Context,
): Promise<LogoutRequest> {
  const { id_token_hint, client_id, logout_hint, post_logout_redirect_uri, state } = params;
  const found =
    id_token_hint === null ? null : await readIdTokenHint(id_token_hint, client_id, ctx);
  const client = await findLiveClient(found?.client_id ?? client_id, ctx);
  const genuine = found !== null && client !== null;
  const request: LogoutRequest = {
    client_id: client?.client_id ?? null,
    hint: id_token_hint === null ? "absent" : genuine ? "genuine" : "wrong",
    hinted: genuine ? { sub: found.sub, sid: found.sid } : null,
    logout_hint,
    post_logout_redirect_uri,
    state,
    ui_locales: (ui_locales ?? "").slice(0, 200).split(" ").filter(Boolean),
    expires_at: ctx.now + ctx.settings.lifetimes.authorization_request,
  };
  if (Buffer.byteLength(JSON.stringify(request)) > LARGEST)
    throw new OAuthError("invalid_request", "the logout request is too large");
  noteProblems(request, client, ctx);
  return request;
}

export const carryLogout = (request: LogoutRequest, ctx: Context): string =>
  seal(JSON.stringify(request), PURPOSE, ctx);

/** Null: the seal is not genuine, or the request has expired. */
export function openLogout(carried: string | undefined, ctx: Context): LogoutRequest | null {
  const text = carried === undefined ? null : unseal(carried, PURPOSE, ctx);
  // The server sealed it, so its shape is known.
  const request = text === null ? null : (JSON.parse(text) as LogoutRequest);
  return request && request.expires_at > ctx.now ? request : null;
}

/** Null: it does not exist, or gets nothing. */
export async function findLiveClient(
  client_id: string | null,
  ctx: Context,
): Promise<ClientRecord | null> {
  const client = client_id === null ? null : await ctx.store.findClient(client_id);
  return client && isEnabled(client, ctx) ? client : null;
}

export interface LogoutClient {
  readonly client_id: string;
  readonly app: AppIdentity;
  /** The address that the app asked for; null: none, or not a registered one. */
  readonly href: string | null;
}

/**
 * The app that a page may name, and that the person may be led back to.
 * @param sessions the accounts that are signed out, or may be
 * @returns null when the request does not show that it comes from this app
 */
export async function logoutClient(
  request: LogoutRequest,
  sessions: readonly AskedSession[],
  ctx: Context,
): Promise<LogoutClient | null> {
  const client = await findLiveClient(request.client_id, ctx);
  if (!client) return null;
  const by_operator = client.created_by === "operator" && sessions.length > 0;
  const used = sessions.some(({ consent }) => consent !== null);
  if (!mayLeadBack(request.hint, { by_operator, used })) return null;
  const { post_logout_redirect_uri: uri, state } = request;
  const registered = uri !== null && isRegistered(uri, client);
  const href = registered ? postLogoutUrl(uri, state) : null;
  const app = appIdentity(client, registered ? uri : undefined);
  return { client_id: client.client_id, app, href };
}

const isRegistered = (uri: string, { metadata }: ClientRecord): boolean =>
  matchesPostLogoutUri(uri, metadata.post_logout_redirect_uris ?? [], metadata.application_type);

/** Pages don't tell people why they are not led back to the app, so the log tells the operator. */
function noteProblems(
  { hint, post_logout_redirect_uri: sent }: LogoutRequest,
  client: ClientRecord | null,
  { log, event_id }: Context,
): void {
  const told = { event_id, client_id: client?.client_id ?? null };
  if (hint === "wrong")
    log.info("logout", { ...told, why: "id_token_hint is not an ID token for this client" });
  else if (sent !== null && client && !isRegistered(sent, client))
    log.info("logout", {
      ...{ ...told, why: "post_logout_redirect_uri is not registered for this client", sent },
      ...updateHint(client.client_id, "--post-logout-redirect-uri …, once for each"),
    });
  else if (sent !== null && !client)
    log.info("logout", { ...told, why: "without id_token_hint, client_id has to name the client" });
}
