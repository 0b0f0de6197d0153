/** The authorization endpoint (OAuth 2.1 §4.1, OpenID Connect Core §3.1.2): one dispatcher for every step. */

import { issueCode } from "../authorization/approve.ts";
import { decideNext } from "../authorization/decide_next.ts";
import { answerWithError } from "../authorization/respond.ts";
import { checkSize, openPending, type Pending, sealPending } from "../authorization/transaction.ts";
import { requestingClient } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { readJwt } from "../crypto/jwt.ts";
import { readBody, readQuery } from "../http/body.ts";
import { type Browser, browserOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect, withHeaders } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import {
  checkResponseTarget,
  parseAuthorizationRequest,
  type RequestingClient,
  type ResponseTarget,
} from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import { isSignIn } from "../oauth/next_step.ts";
import type { Params } from "../oauth/params.ts";
import { matchesRedirectUri } from "../oauth/redirect_uri.ts";
import { type Session, sessionOf } from "../sessions/session.ts";
import { withPlace } from "../store/place.ts";
import type { ClientRecord } from "../store/records.ts";

/** GET: a new request, or one in progress that comes back from a page. */
export async function authorize(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const params = readForPage(() => readQuery(request, ctx));
  const sealed = params.get("continue");
  if (sealed === undefined || params.names.length > 1)
    return begin(params, request, { ctx, browser });
  const pending = openPending(sealed, { browser, ctx, unbound: true });
  // A request that came by POST meets its browser only now: it begins here.
  const bound =
    pending.browser === null ? { ...pending, id: newId(ctx), browser: browser.id } : pending;
  return proceed(bound, request, { ctx, browser });
}

/** POST: checked and sealed, then 303 to a GET, since a cross-site POST comes without cookies. */
export async function authorizeByPost(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readForPage(() => readBody(request, ctx, { json: false }));
  const client = await findClient(params.get("client_id"), ctx);
  const known = requestingClient(client, ctx.catalogue);
  const target = readForPage(() => checkResponseTarget(params, known));
  try {
    const pending = await parsePending(params, target, { client: known, ctx, browser: null });
    return redirect(pathOf(ctx, "/authorize", { continue: sealPending(pending, ctx) }));
  } catch (error) {
    return refused(error, target, { client, request, ctx });
  }
}

interface Visit {
  ctx: Context;
  browser: Browser;
}

async function begin(
  params: Params,
  request: HttpRequest,
  { ctx, browser }: Visit,
): Promise<HttpResponse> {
  const client = await findClient(params.get("client_id"), ctx);
  const known = requestingClient(client, ctx.catalogue);
  const target = readForPage(() => checkResponseTarget(params, known));
  try {
    const pending = await parsePending(params, target, { client: known, ctx, browser: browser.id });
    return await proceed(pending, request, { ctx, browser });
  } catch (error) {
    return refused(error, target, { client, request, ctx });
  }
}

/** Finds the one step that is missing, and goes there; or answers the client. */
async function proceed(
  pending: Pending,
  request: HttpRequest,
  { ctx, browser }: Visit,
): Promise<HttpResponse> {
  const client = await findClient(pending.request.client_id, ctx);
  checkStillRegistered(pending, client);
  const session = await sessionOf(request, ctx);
  const consent = session && (await ctx.store.findConsent(session.person.sub, client.client_id));
  const next = decideNext(pending, { client, session, consent, ctx });
  const onTheWay = (path: string) =>
    redirect(pathOf(ctx, path, { continue: sealPending(pending, ctx) }), browser.headers);
  if (next.step === "error") {
    if (next.error === "access_denied" && session) await withdrawCode(pending, session, ctx);
    const error = new OAuthError(next.error, next.description);
    return answerWithError(error, pending.request, { client, request, ctx });
  }
  if (isSignIn(next) || !session) return onTheWay("/sign-in");
  if (next.step === "consent") return onTheWay("/consent");
  const { agreement } = next;
  const issued = await issueCode({ pending, agreement, client, session, consent }, request, ctx);
  if (issued !== "no_consent") return withHeaders(issued, browser.headers);
  if (!pending.request.prompt.includes("none")) return onTheWay("/consent");
  const error = new OAuthError("consent_required", "the person has to agree first");
  return answerWithError(error, pending.request, { client, request, ctx });
}

/** Whoever goes back and refuses takes back the code of the answer before, while nobody has used it. */
async function withdrawCode(
  { id }: Pending,
  { person }: Session,
  { store, now }: Context,
): Promise<void> {
  const grant = await store.findGrant(withPlace(id, person.sub));
  if (grant?.generation === 0) await store.revokeGrant(grant.grant_id, now);
}

async function parsePending(
  params: Params,
  target: ResponseTarget,
  { client, ctx, browser }: { client: RequestingClient; ctx: Context; browser: string | null },
): Promise<Pending> {
  const request = parseAuthorizationRequest(params, target, {
    client,
    catalogue: ctx.catalogue,
    response_types: ctx.accepted_metadata.response_types,
  });
  return checkSize({
    id: newId(ctx),
    request,
    ui_locales: (params.get("ui_locales") ?? "").slice(0, 200).split(" ").filter(Boolean),
    hinted_sub: await readHint(params.get("id_token_hint"), request.client_id, ctx),
    expires_at: ctx.now + ctx.settings.lifetimes.authorization_request,
    browser,
    answer: null,
  });
}

/** Whom an ID token of ours names. One that can't be read hints at nobody; whether it has expired does not matter. */
async function readHint(
  hint: string | undefined,
  client_id: string,
  ctx: Context,
): Promise<string | null> {
  const claims = hint === undefined ? null : readJwt(hint, "JWT", await ctx.keys());
  const ours = claims?.iss === ctx.issuer && claims.aud === client_id;
  return ours && typeof claims.sub === "string" ? claims.sub : null;
}

async function findClient(client_id: string | undefined, ctx: Context): Promise<ClientRecord> {
  const client = client_id === undefined ? null : await ctx.store.findClient(client_id);
  if (!client)
    throw new PageError("unknown_app", {
      detail: client_id === undefined ? "client_id is missing" : "client_id is not known",
      reason: { client_id: client_id?.slice(0, 200) },
    });
  if (client.disabled_at !== null) throw new PageError("app_disabled", { status: 403 });
  return client;
}

/** Time has passed since the request was checked: the client may have changed (contract, “Authorization”). */
function checkStillRegistered({ request }: Pending, client: ClientRecord): void {
  const { redirect_uris, application_type } = client.metadata;
  if (!matchesRedirectUri(request.redirect_uri, redirect_uris, application_type))
    throw new PageError("redirect", { detail: "redirect_uri is no longer registered" });
}

/** Before it is proven where an answer may go, a refusal is a page of ours. */
function readForPage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const kind = error.parameter === "redirect_uri" ? "redirect" : "request";
    const { status, reason, message: detail } = error;
    throw new PageError(kind, { detail, reason, status, cause: error });
  }
}

function refused(
  error: unknown,
  target: ResponseTarget,
  { client, request, ctx }: { client: ClientRecord; request: HttpRequest; ctx: Context },
): HttpResponse {
  if (!(error instanceof OAuthError)) throw error;
  return answerWithError(error, target, { client, request, ctx });
}

const newId = (ctx: Context): string => uuidv7(ctx.now_ms);
