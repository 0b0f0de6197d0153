/** Adds the app, and a link to its site, to pages that end a request in progress. */
import { appIdentity, appSite } from "../clients/app_identity.ts";
import { isEnabled } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import type { HttpRequest } from "../http/message.ts";
import { PageError, withApp } from "../http/page.ts";
import type { Handler } from "../http/route.ts";
import { matchesRedirectUri } from "../oauth/redirect_uri.ts";
import type { AppToGoTo } from "../pages/error.ts";
import type { ClientRecord } from "../store/records.ts";
import { clientInProgress } from "./find_client.ts";
import { originOf } from "./origins.ts";
import { readCarried } from "./transaction.ts";

/** Wraps a page of a request in progress, so that its errors name the app. */
export const withWayBack =
  (handler: Handler): Handler =>
  async (request, ctx, params) => {
    try {
      return await handler(request, ctx, params);
    } catch (error) {
      if (!(error instanceof PageError)) throw error;
      throw withApp(error, error.app ?? (await appInProgress(request, ctx)));
    }
  };

/**
 * The seal is enough here: the request may have expired, or have begun in another browser. The name and site of an app
 * are no secret, and nothing else of the request is shown.
 */
async function appInProgress(
  { method, query, body }: HttpRequest,
  ctx: Context,
): Promise<AppToGoTo | null> {
  const carried = new URLSearchParams(method === "POST" ? body : query).get("continue");
  const tx = readCarried(carried ?? undefined, ctx);
  const client = tx && (await clientInProgress(tx.asked.client_id, ctx));
  return client && tx ? wayBackTo(client, originOf(tx).redirect_uri, ctx) : null;
}

/** Before the redirect URI is verified, only the site that an operator registered is linked. */
export function siteOf(client: ClientRecord, ctx: Context): AppToGoTo {
  const { created_by, metadata } = client;
  const may_link = created_by === "operator" && isEnabled(client, ctx);
  const href = may_link ? metadata.client_uri : undefined;
  return { ...appIdentity(client), href: href ?? null };
}

/** @param redirect_uri of the request; it counts as long as it is registered */
export function wayBackTo(
  client: ClientRecord,
  redirect_uri: string | null,
  ctx: Context,
): AppToGoTo {
  const { redirect_uris, application_type } = client.metadata;
  const holds =
    redirect_uri !== null && matchesRedirectUri(redirect_uri, redirect_uris, application_type);
  const identity = appIdentity(client, holds ? redirect_uri : undefined);
  const site = appSite(client, holds ? redirect_uri : undefined);
  return { ...identity, href: isEnabled(client, ctx) ? site : null };
}
