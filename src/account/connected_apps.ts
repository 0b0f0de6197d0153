/**
 * Connected apps: the permissions of each, and the button that removes the consent with every grant that rests on it.
 */

import { permissionGroupsOf } from "../authorization/permissions.ts";
import { appIdentity } from "../clients/app_identity.ts";
import { asSeen } from "../clients/client_face.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Claims } from "../oauth/claims.ts";
import { union } from "../oauth/permission.ts";
import { type ConnectedApp, connectedAppsPage } from "../pages/account/connected_apps.ts";
import { disconnectPage } from "../pages/account/disconnect.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { removeConsent } from "../people/end_person.ts";
import type { ConsentRecord } from "../store/records.ts";
import { onePage } from "./one_page.ts";
import { type AccountVisit, actFor, showFor, unknownIntent } from "./visit.ts";

const removedFor = (sub: string): string => `app removed by ${sub}`;

export const showConnectedApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("connected_apps", { request, ctx }, async (visit) => {
    const asked = readQuery(request, ctx).get("remove");
    return (asked !== undefined && (await ask(asked, visit))) || show(visit);
  });

export const changeConnectedApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("connected_apps", { request, ctx }, async (params, { session, by }) => {
    const client_id = params.get("client_id");
    if (params.get("intent") !== "remove" || client_id === undefined) throw unknownIntent();
    const { sub } = session.person;
    // A second removal, such as by a double click, succeeds too, but only the first one is logged and has an event.
    if (await removeConsent({ sub, client_id }, by, ctx))
      ctx.log.info("consent removed", { event_id: ctx.event_id, sub, client_id });
    if (!(await ctx.store.findClient(client_id)))
      return redirect(pathOf(ctx, ACCOUNT_PAGES.connected_apps));
    // The id is sealed, so that nobody can make a URL that claims a removal, or that reveals the name of an app.
    const removed = seal(client_id, removedFor(sub), ctx);
    return redirect(pathOf(ctx, ACCOUNT_PAGES.connected_apps, { removed }));
  });

/** Asks before the access of this app is removed; null when it has none. */
async function ask(client_id: string, { ctx, session, frame, view, render }: AccountVisit) {
  const client = await ctx.store.findClient(client_id);
  if (!client || !(await ctx.store.findConsent(session.person.sub, client_id))) return null;
  return render(disconnectPage({ frame, app: { ...appIdentity(client), client_id } }, view));
}

async function show({ request, ctx, session, frame, view, render }: AccountVisit) {
  const { sub, claims } = session.person;
  const params = readQuery(request, ctx);
  const before = params.get("after");
  const after = before === undefined ? null : await ctx.store.findConsent(sub, before);
  const { shown, last } = await onePage((limit) =>
    ctx.store.listConsents(sub, { limit, ...(after && { after }) }),
  );
  const apps: (ConnectedApp | null)[] = [];
  // In sequence, so that many apps of one person do not occupy every connection to the database.
  for (const consent of shown) apps.push(await describe(consent, claims, ctx));
  // The name comes from the client's record, never from the address of the page.
  const client_id = unseal(params.get("removed") ?? "", removedFor(sub), ctx);
  const removed = client_id === null ? null : await ctx.store.findClient(client_id);
  const still = removed && (await ctx.store.findConsent(sub, removed.client_id));
  const props = {
    frame,
    apps: apps.filter((app) => app !== null),
    next: last?.client_id ?? null,
    removed: removed && !still ? appIdentity(removed).name : null,
  };
  return render(connectedAppsPage(props, view));
}

async function describe(
  consent: ConsentRecord,
  claims: Claims,
  ctx: Context,
): Promise<ConnectedApp | null> {
  const client = await ctx.store.findClient(consent.client_id);
  if (!client) return null;
  return {
    ...appIdentity(asSeen(client, consent)),
    client_id: client.client_id,
    groups: permissionGroupsOf(union(consent.agreed, consent.waived), claims, ctx),
    since: consent.since,
    last_used: consent.used_at,
  };
}
