/**
 * Connected apps: the permissions of each, and the button that removes the consent with every grant that rests on it.
 */

import { permissionGroupsOf } from "../authorization/permissions.ts";
import { appIdentity } from "../clients/app_identity.ts";
import { asSeen } from "../clients/client_face.ts";
import { isEnabled } from "../clients/document_client.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { startAddress } from "../oauth/initiated_login.ts";
import { type Permission, permissionOf, union } from "../oauth/permission.ts";
import { type ConnectedApp, connectedAppsPage } from "../pages/account/connected_apps.ts";
import { disconnectPage } from "../pages/account/disconnect.ts";
import type { AppIdentity } from "../pages/app.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { removeConsent } from "../people/end_person.ts";
import type { Person } from "../people/users.ts";
import type { ClientRecord, ConsentRecord } from "../store/records.ts";
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
  const { sub } = session.person;
  const params = readQuery(request, ctx);
  const before = params.get("after");
  const after = before === undefined ? null : await ctx.store.findConsent(sub, before);
  const { shown, last } = await onePage((limit) =>
    ctx.store.listConsents(sub, { limit, ...(after && { after }) }),
  );
  const apps: (ConnectedApp | null)[] = [];
  // In sequence, so that many apps of one person do not occupy every connection to the database.
  for (const consent of shown) apps.push(await describe(consent, session.person, ctx));
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
  person: Person,
  ctx: Context,
): Promise<ConnectedApp | null> {
  const client = await ctx.store.findClient(consent.client_id);
  if (!client) return null;
  const permissions = union(consent.agreed, consent.waived);
  const app = appIdentity(asSeen(client, consent));
  return {
    ...app,
    client_id: client.client_id,
    groups: permissionGroupsOf(permissions, person.claims, ctx),
    since: consent.since,
    last_used: consent.used_at,
    start: startOf(client, app, { person, permissions, ctx }),
  };
}

/** The link that begins a sign-in at the app (OpenID Connect Core §4). */
function startOf(
  client: ClientRecord,
  { host }: AppIdentity,
  about: { person: Person; permissions: readonly Permission[]; ctx: Context },
): string | null {
  const { metadata, created_by } = client;
  const { initiate_login_uri: uri } = metadata;
  if (uri === undefined || !isEnabled(client, about.ctx)) return null;
  // An app that no operator knows leads to the host that the page names, and nowhere else.
  if (created_by !== "operator" && new URL(uri).host !== host) return null;
  const { issuer } = about.ctx;
  return startAddress(uri, { issuer, login_hint: loginHint(about) });
}

/** A name that the app knows anyway, by what the person agreed to tell. */
function loginHint({
  person: { username, claims },
  permissions,
  ctx: { issuer },
}: Parameters<typeof startOf>[2]): string | null {
  if (permissions.includes(permissionOf(issuer, "profile"))) return username;
  const { email } = claims;
  const tells = permissions.includes(permissionOf(issuer, "email")) && typeof email === "string";
  return tells ? email : null;
}
