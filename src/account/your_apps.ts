/** Your apps: a person registers an app, and gets its id and secret. */

import { appIdentity } from "../clients/app_identity.ts";
import { changeClient } from "../clients/change_client.ts";
import { newestSecret } from "../clients/client_secret.ts";
import { connectionOf } from "../clients/connection.ts";
import { MOST_APPS } from "../clients/create_client.ts";
import { removeClient } from "../clients/end_client.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { openDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { editAppPage } from "../pages/account/app_form.ts";
import { removeAppPage } from "../pages/account/remove_app.ts";
import { type YourApp, type YourAppsProps, yourAppsPage } from "../pages/account/your_apps.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import type { ClientRecord } from "../store/records.ts";
import { appValuesOf, judgeApp, readAppValues, readAuthMethod } from "./app_form.ts";
import { newSecret } from "./new_secret.ts";
import { onePage } from "./one_page.ts";
import { register, showDone, showRegister } from "./register_app.ts";
import { type AccountVisit, actFor, showFor, unknownIntent } from "./visit.ts";

const removedFor = (sub: string): string => `name of a removed app of ${sub}`;

export const showYourApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("your_apps", { request, ctx }, async (visit) => {
    const params = readQuery(request, ctx);
    const app = params.get("app");
    if (app !== undefined) return showApp(await ownApp(app, visit), params, visit);
    if (params.get("view") === "register") return showRegister(visit);
    return showList(params, visit);
  });

export const changeYourApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("your_apps", { request, ctx }, async (params, visit) => {
    if (params.get("intent") === "register") return register(params, visit);
    const client = await ownApp(params.get("app"), visit);
    switch (params.get("intent")) {
      case "update":
        return update(params, client, visit);
      case "new_secret":
        return newSecret(params, client, visit);
      case "remove":
        return remove(client, visit);
      default:
        throw unknownIntent();
    }
  });

/** Another person's app counts as unknown. */
async function ownApp(client_id: string | undefined, { session, ctx }: AccountVisit) {
  const client = client_id === undefined ? null : await ctx.store.findClient(client_id);
  if (!client || client.owner_sub !== session.person.sub)
    throw new PageError("not_found", { status: 404 });
  return client;
}

async function showList(params: Params, { session, ctx, frame, view, render }: AccountVisit) {
  const { sub, is_admin } = session.person;
  const clients = await ctx.store.listClients({ owner_sub: sub, limit: MOST_APPS });
  const apps = clients.map(yourApp);
  const removed = unseal(params.get("removed") ?? "", removedFor(sub), ctx);
  const of_operators = is_admin ? await appsOfOperators(params.get("after"), ctx) : null;
  return render(yourAppsPage({ frame, apps, removed, of_operators }, view));
}

const yourApp = (client: ClientRecord): YourApp => ({
  ...appIdentity(client),
  client_id: client.client_id,
  created_at: client.created_at,
});

/** For administrators: the apps that operators added by command or in code. They are read-only on pages. */
async function appsOfOperators(
  after_id: string | undefined,
  { store }: Context,
): Promise<NonNullable<YourAppsProps["of_operators"]>> {
  const after = after_id === undefined ? null : await store.findClient(after_id);
  const { shown, last } = await onePage((limit) =>
    store.listClients({ created_by: "operator", limit, ...(after && { after }) }),
  );
  const apps = shown.map((client) => ({
    ...yourApp(client),
    disabled: client.disabled_at !== null,
  }));
  return { apps, next: last?.client_id ?? null };
}

function showApp(client: ClientRecord, params: Params, visit: AccountVisit): HttpResponse {
  const { frame, view, render } = visit;
  const { client_id } = client;
  if (params.get("view") === "remove")
    return render(removeAppPage({ frame, app: { ...appIdentity(client), client_id } }, view));
  const done = openDone(params.get("done"), visit.session.person.sub, visit.ctx);
  const saved = done === `saved:${client_id}`;
  return showEdit(client, visit, { saved, again: done === `again:${client_id}` });
}

function showEdit(
  client: ClientRecord,
  { frame, view, render, ctx }: AccountVisit,
  props: Partial<Parameters<typeof editAppPage>[0]>,
): HttpResponse {
  const page = editAppPage(
    {
      frame,
      connection: connectionOf(client, null, ctx.catalogue),
      app: appIdentity(client),
      newest_secret: newestSecret(client.secrets),
      secret_overlap: ctx.settings.lifetimes.client_secret_overlap,
      values: appValuesOf(client),
      errors: {},
      ...props,
    },
    view,
  );
  return render(page, props.errors ? 400 : 200);
}

async function update(params: Params, client: ClientRecord, visit: AccountVisit) {
  const { ctx, by } = visit;
  // The kind of app is fixed at registration, since its secret depends on it.
  const { kind, auth_method: present } = appValuesOf(client);
  const auth_method = present && readAuthMethod(params, present);
  const values = { ...readAppValues(params, ctx), kind, auth_method };
  const judged = judgeApp(values, ctx);
  if ("errors" in judged) return showEdit(client, visit, { values, errors: judged.errors });
  const { client_name, redirect_uris, client_uri, grant_types, response_types } = judged.metadata;
  const { post_logout_redirect_uris } = judged.metadata;
  const change = {
    ...{ client_name, redirect_uris, client_uri, post_logout_redirect_uris },
    // With a redirect URI, a device may use a browser too.
    ...(kind === "device" && { grant_types, response_types }),
    ...(auth_method !== null && { token_endpoint_auth_method: auth_method }),
  };
  const written = await changeClient({ client, change }, by, ctx);
  if (written === "changed_meanwhile") throw changedMeanwhile();
  return showDone("saved", client.client_id, visit);
}

async function remove(client: ClientRecord, visit: AccountVisit) {
  const { ctx, by } = visit;
  const { client_id, metadata } = client;
  await removeClient(client, by, ctx);
  ctx.log.info("app removed", { event_id: ctx.event_id, client_id });
  // The name is sealed, so that nobody can make a URL that claims a removal.
  const purpose = removedFor(visit.session.person.sub);
  const removed = seal(metadata.client_name ?? client_id, purpose, ctx);
  return redirect(pathOf(ctx, ACCOUNT_PAGES.your_apps, { removed }));
}

/** An operator may have changed the app meanwhile, and that change must not be undone. */
const changedMeanwhile = (): PageError =>
  new PageError("form", { status: 409, detail: "the app was changed elsewhere meanwhile" });
