/** Your apps: a person registers an app, as the story does, and gets id and secret. */

import { appIdentity } from "../clients/app_identity.ts";
import { rotateSecret, usesSecret } from "../clients/client_secret.ts";
import { newClient } from "../clients/new_client.ts";
import { audit, type Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { editAppPage, registerAppPage } from "../pages/account/app_form.ts";
import { appSecretPage } from "../pages/account/app_secret.ts";
import { removeAppPage } from "../pages/account/remove_app.ts";
import { yourAppsPage } from "../pages/account/your_apps.ts";
import type { AuditRecord } from "../store/audit.ts";
import type { ClientRecord } from "../store/records.ts";
import { appValuesOf, judgeApp, readAppValues } from "./app_form.ts";
import { type AccountVisit, actFor, mayRegisterApps, showFor, unknownIntent } from "./visit.ts";

const HERE = "/account/apps";
const removedFor = (sub: string): string => `name of a removed app of ${sub}`;
/** A bound for what one person can add. */
const MOST_APPS = 100;

export const showYourApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor(HERE, { request, ctx }, async (visit) => {
    checkMay(visit);
    const params = readQuery(request, ctx);
    const app = params.get("app");
    if (app !== undefined) return showApp(await ownApp(app, visit), params, visit);
    if (params.get("view") === "register") return showForm(visit);
    return showList(params, visit);
  });

export const changeYourApps = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor(HERE, { request, ctx }, async (params, visit) => {
    checkMay(visit);
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

function checkMay({ session, ctx }: AccountVisit): void {
  if (!mayRegisterApps(session, ctx)) throw new PageError("not_allowed", { status: 403 });
}

/** Somebody else's app is as unknown as one that does not exist. */
async function ownApp(client_id: string | undefined, { session, ctx }: AccountVisit) {
  const client = client_id === undefined ? null : await ctx.store.findClient(client_id);
  if (!client || client.owner_sub !== session.person.sub)
    throw new PageError("not_found", { status: 404 });
  return client;
}

async function showList(params: Params, { session, ctx, frame, view, render }: AccountVisit) {
  const clients = await ctx.store.listClients({ owner_sub: session.person.sub, limit: 1000 });
  const apps = clients.map((client) => ({
    ...appIdentity(client),
    client_id: client.client_id,
    created_at: client.created_at,
  }));
  const removed = unseal(params.get("removed") ?? "", removedFor(session.person.sub), ctx);
  return render(yourAppsPage({ frame, apps, removed }, view));
}

function showForm({ frame, view, render }: AccountVisit): HttpResponse {
  const values = { name: "", site: "", redirect_uris: "", kind: "web" as const };
  return render(registerAppPage({ frame, values, errors: {} }, view));
}

function showApp(client: ClientRecord, params: Params, visit: AccountVisit): HttpResponse {
  const { frame, view, render } = visit;
  const { client_id } = client;
  if (params.get("view") === "remove")
    return render(removeAppPage({ frame, app: { ...appIdentity(client), client_id } }, view));
  return showEdit(client, visit, { saved: params.get("saved") !== undefined });
}

function showEdit(
  client: ClientRecord,
  { frame, view, render, ctx }: AccountVisit,
  props: Partial<Parameters<typeof editAppPage>[0]>,
): HttpResponse {
  const page = editAppPage(
    {
      frame,
      client_id: client.client_id,
      current_name: appIdentity(client).name,
      secret_overlap: ctx.settings.lifetimes.client_secret_overlap,
      values: appValuesOf(client.metadata),
      errors: {},
      ...props,
    },
    view,
  );
  return render(page, props.errors ? 400 : 200);
}

async function register(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { request, ctx, session, frame, view, render } = visit;
  const values = readAppValues(params);
  const judged = judgeApp(values, ctx);
  if ("errors" in judged)
    return render(registerAppPage({ frame, values, errors: judged.errors }, view), 400);
  const { sub } = session.person;
  if ((await ctx.store.listClients({ owner_sub: sub, limit: 1000 })).length >= MOST_APPS)
    throw new PageError("not_allowed", { status: 403, detail: `at most ${MOST_APPS} apps` });
  const { client, client_secret } = newClient(judged.metadata, {
    now: ctx.now,
    created_by: "user",
    owner_sub: sub,
  });
  const { client_id } = client;
  const { address } = request;
  const events = [audit("client_created", { actor: "person", sub, client_id, address }, ctx)];
  await ctx.store.createClient(client, { events });
  // Looked at again, since many forms at once would each have seen room for one more.
  if ((await ctx.store.listClients({ owner_sub: sub, limit: 1000 })).length > MOST_APPS) {
    await ctx.store.removeClient(client_id, ctx.now);
    throw new PageError("not_allowed", { status: 403, detail: `at most ${MOST_APPS} apps` });
  }
  ctx.log.info("app registered", { event_id: ctx.event_id, sub, client_id });
  const app = { name: appIdentity(client).name, client_id };
  return render(appSecretPage({ frame, app, reason: "registered", client_secret }, view), 201);
}

async function update(params: Params, client: ClientRecord, visit: AccountVisit) {
  const { ctx } = visit;
  // What kind of app it is was settled when it was registered: its secret depends on it.
  const values = { ...readAppValues(params), kind: appValuesOf(client.metadata).kind };
  const judged = judgeApp(values, ctx);
  if ("errors" in judged) return showEdit(client, visit, { values, errors: judged.errors });
  const { client_name, redirect_uris } = judged.metadata;
  const { client_uri: _, client_name: __, ...rest } = client.metadata;
  const metadata = {
    ...rest,
    redirect_uris,
    ...(client_name !== undefined && { client_name }),
    ...(judged.metadata.client_uri !== undefined && { client_uri: judged.metadata.client_uri }),
  };
  await save({ ...client, metadata }, client, "client_changed", visit);
  return redirect(pathOf(ctx, HERE, { app: client.client_id, saved: "yes" }));
}

function eventOf(
  event: "client_changed" | "client_secret_changed" | "client_removed",
  { client_id }: ClientRecord,
  { session, request, ctx }: AccountVisit,
): AuditRecord {
  const { address } = request;
  return audit(event, { actor: "person", sub: session.person.sub, client_id, address }, ctx);
}

/** An operator may have changed the app in the same second: nothing of that is undone. */
async function save(
  changed: ClientRecord,
  before: ClientRecord,
  event: "client_changed" | "client_secret_changed",
  visit: AccountVisit,
): Promise<void> {
  const events = [eventOf(event, before, visit)];
  if (await visit.ctx.store.updateClient(changed, { before, events })) return;
  throw new PageError("form", { status: 409, detail: "the app was changed elsewhere meanwhile" });
}

async function newSecret(params: Params, client: ClientRecord, visit: AccountVisit) {
  const { ctx, frame, view, render } = visit;
  if (!usesSecret(client.metadata)) throw unknownIntent();
  const keeps = params.get("keep_old") === "yes";
  const overlap = keeps ? ctx.settings.lifetimes.client_secret_overlap : 0;
  const { secret, secrets } = rotateSecret(client.secrets, { now: ctx.now, overlap });
  await save({ ...client, secrets }, client, "client_secret_changed", visit);
  const { client_id } = client;
  ctx.log.info("client secret replaced", { event_id: ctx.event_id, client_id });
  const props = {
    frame,
    app: { name: appIdentity(client).name, client_id },
    reason: "new_secret" as const,
    client_secret: secret,
    old_secret_until: keeps ? ctx.now + overlap : null,
  };
  return render(appSecretPage(props, view));
}

async function remove(client: ClientRecord, visit: AccountVisit) {
  const { ctx } = visit;
  const { client_id, metadata } = client;
  const events = [eventOf("client_removed", client, visit)];
  await ctx.store.removeClient(client_id, ctx.now, { events });
  ctx.log.info("app removed", { event_id: ctx.event_id, client_id });
  // Sealed: nobody can send a person an address that claims something was removed.
  const purpose = removedFor(visit.session.person.sub);
  const removed = seal(metadata.client_name ?? client_id, purpose, ctx);
  return redirect(pathOf(ctx, HERE, { removed }));
}
