/** The authorization endpoint (OAuth 2.1 §4.1, OpenID Connect Core §3.1.2): where a request in a redirect begins. */
import { documentOf, findClient } from "../authorization/find_client.ts";
import { answerWithError } from "../authorization/from_redirect.ts";
import { proceed } from "../authorization/proceed.ts";
import { readRequestObject } from "../authorization/request_object.ts";
import {
  beginTransaction,
  carry,
  openTransaction,
  type Transaction,
} from "../authorization/transaction.ts";
import { siteOf } from "../authorization/way_back.ts";
import { requestingClient } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { browserOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, withApp } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { parseAuthorizationRequest } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import { scopeHint } from "../oauth/hint.ts";
import type { Params } from "../oauth/params.ts";
import { redirectUriMismatch } from "../oauth/redirect_uri_mismatch.ts";
import type { RequestingClient } from "../oauth/requested_permissions.ts";
import { knowsScope } from "../oauth/resource_indicator.ts";
import { checkResponseTarget, type ResponseTarget } from "../oauth/response_target.ts";
import type { ClientRecord } from "../store/records.ts";
import { readIdTokenHint } from "../tokens/id_token_hint.ts";

/** GET: a new request, or one in progress that comes back from a page. */
export async function authorize(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const params = readForPage(() => readQuery(request, ctx));
  const carried = params.get("continue");
  if (carried === undefined || params.names().length > 1)
    return begin(params, { request, ctx, browser: browser.id }, (tx) =>
      proceed(tx, request, { ctx, browser }),
    );
  const tx = openTransaction(carried, { browser, ctx, unbound: true });
  // A request that came by POST is bound to its browser only now.
  const { browser: _, id: __, ...rest } = tx;
  const bound = tx.browser === null ? beginTransaction({ ...rest, browser: browser.id }, ctx) : tx;
  return proceed(bound, request, { ctx, browser });
}

/** POST: checked and sealed, then 303 to a GET, since a cross-site POST comes without cookies. */
export async function authorizeByPost(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readForPage(() => readBody(request, ctx, { json: false }));
  return begin(params, { request, ctx, browser: null }, async (tx) =>
    redirect(pathOf(ctx, "/authorize", { continue: carry(tx, ctx) })),
  );
}

/** Until the redirect URI is verified, errors are shown on the server's own page; after that they go to the client. */
async function begin(
  outer: Params,
  { request, ctx, browser }: { request: HttpRequest; ctx: Context; browser: string | null },
  go: (tx: Transaction) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const client = await findClient(outer.get("client_id"), ctx);
  const { params, refused } = await readRequestObject(outer, client, ctx);
  const known = requestingClient(client, ctx.catalogue);
  const find = (from: Params) => targetForPage(from, client, { known, ctx });
  const target = refused ? eitherOf(find, [params, outer]) : find(params);
  try {
    if (refused) throw refused;
    const document = documentOf(client);
    const reading = { client: known, document, ctx, browser };
    return await go(await readTransaction(params, target, reading));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return answerWithError(error, target, { client, request, ctx });
  }
}

/** The target of a refused object, as far as it can be read; else that of the request around it. */
function eitherOf<T>(find: (from: Params) => T, [inner, outer]: readonly [Params, Params]): T {
  try {
    return find(inner);
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    return find(outer);
  }
}

async function readTransaction(
  params: Params,
  target: ResponseTarget,
  {
    client,
    document,
    ctx,
    browser,
  }: {
    client: RequestingClient;
    document: string | null;
    ctx: Context;
    browser: string | null;
  },
): Promise<Transaction> {
  const { catalogue, settings, accepted_metadata, log, event_id } = ctx;
  const { asked, redirect_request, named_sub } = parseAuthorizationRequest(params, target, {
    client,
    catalogue,
    response_types: accepted_metadata.response_types,
    require_resource: settings.require_resource,
    acr: settings.acr,
  });
  const { client_id, left_out } = asked;
  if (left_out.length > 0) {
    const known = left_out.filter((name) => knowsScope(catalogue, name));
    const hint = scopeHint(left_out, known, client);
    log.info("scopes left out", { event_id, client_id, left_out, ...hint });
  }
  const hint = params.get("id_token_hint");
  return beginTransaction(
    {
      asked,
      from: { kind: "redirect", ...redirect_request },
      document,
      browser,
      ui_locales: (params.get("ui_locales") ?? "").slice(0, 200).split(" ").filter(Boolean),
      hinted_sub: samePerson(named_sub, await readHint(hint, client_id, ctx)),
    },
    ctx,
  );
}

/**
 * The person that a request names in `claims`, in an `id_token_hint`, or in both.
 * @throws OAuthError `login_required` when these are two
 */
function samePerson(named: string | null, hinted: string | null): string | null {
  if (named !== null && hinted !== null && named !== hinted)
    throw new OAuthError("login_required", "claims and id_token_hint name two people");
  return named ?? hinted;
}

/**
 * The person that a hint names, as the client sees them; null: there is no hint.
 * @throws OAuthError `invalid_request` for anything else than an ID token of this server for this client
 */
async function readHint(
  text: string | undefined,
  client_id: string,
  ctx: Context,
): Promise<string | null> {
  if (text === undefined) return null;
  const hint = await readIdTokenHint(text, client_id, ctx);
  if (hint) return hint.sub;
  throw new OAuthError("invalid_request", "id_token_hint is no ID token for this client", {
    parameter: "id_token_hint",
  });
}

/** An error about the target names the app, and the address that was sent. */
function targetForPage(
  params: Params,
  client: ClientRecord,
  { known, ctx }: { known: RequestingClient; ctx: Context },
): ResponseTarget {
  const { response_types } = ctx.accepted_metadata;
  try {
    return readForPage(() => checkResponseTarget(params, known, response_types));
  } catch (error) {
    if (!(error instanceof PageError)) throw error;
    const mismatch =
      error.kind === "redirect"
        ? redirectUriMismatch(params.get("redirect_uri"), known.redirect_uris)
        : null;
    throw withApp(error, siteOf(client, ctx), mismatch);
  }
}

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
