/**
 * Registers an app of a person. Each form carries the sealed id of its app, so that a form that is sent twice, such as
 * by a reload of the page that answers it, registers one app.
 */
import { appIdentity } from "../clients/app_identity.ts";
import { connectionOf } from "../clients/connection.ts";
import { createClient, MOST_APPS } from "../clients/create_client.ts";
import { newClientId } from "../clients/new_client.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { sealDone } from "../http/just_done.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type RegisterAppProps, registerAppPage } from "../pages/account/app_form.ts";
import { appSecretPage } from "../pages/account/app_secret.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { judgeApp, kindsOf, readAppValues } from "./app_form.ts";
import { type AccountVisit, signedOutMeanwhile } from "./visit.ts";

/** Seconds for which a form can register its app. */
const A_DAY = 86_400;

interface FormOfApp {
  client_id: string;
  expires_at: number;
}

const purposeFor = (sub: string): string => `new app of ${sub}`;

const EMPTY = {
  values: {
    name: "",
    site: "",
    redirect_uris: "",
    post_logout_redirect_uris: "",
    kind: "web",
    auth_method: "client_secret_basic",
  },
  errors: {},
} as const;

export function showRegister(
  { frame, session, ctx, view, render }: AccountVisit,
  filled: Pick<RegisterAppProps, "values" | "errors" | "problem"> = EMPTY,
  status = 200,
): HttpResponse {
  const made: FormOfApp = { client_id: newClientId(), expires_at: ctx.now + A_DAY };
  const form_id = seal(JSON.stringify(made), purposeFor(session.person.sub), ctx);
  return render(registerAppPage({ frame, form_id, kinds: kindsOf(ctx), ...filled }, view), status);
}

export async function register(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx, session, by, frame, view, render } = visit;
  const { sub } = session.person;
  const values = readAppValues(params, ctx);
  const judged = judgeApp(values, ctx);
  if ("errors" in judged) return showRegister(visit, { values, errors: judged.errors }, 400);
  const form = openForm(params.get("form") ?? "", visit);
  if (!form) return showRegister(visit, { values, errors: {}, problem: "form_expired" }, 400);
  const sentBefore = async () =>
    (await shownAgain(form.client_id, visit)) ??
    showRegister(visit, { values, errors: {}, problem: "form_expired" }, 400);
  // An app that was removed meanwhile is not registered again.
  if (await ctx.store.isClaimed("app_form", form.client_id)) return sentBefore();
  const input = { document: judged.metadata, client_id: form.client_id };
  const made = await createClient(input, by, ctx);
  if (made === "taken") return sentBefore();
  // Removed or disabled while the form was under way: the session is over too.
  if (made === "no_owner") return signedOutMeanwhile("your_apps", ctx);
  if (made === "too_many")
    throw new PageError("not_allowed", { status: 403, detail: `at most ${MOST_APPS} apps` });
  const { client, client_secret } = made;
  const { client_id } = client;
  await ctx.store.claimOnce("app_form", client_id, { now: ctx.now, expires_at: form.expires_at });
  ctx.log.info("app registered", { event_id: ctx.event_id, sub, client_id });
  const connection = connectionOf(client, client_secret, ctx.catalogue);
  const app = { name: appIdentity(client).name, client_id };
  return render(appSecretPage({ frame, app, reason: "registered", connection }, view), 201);
}

function openForm(form_id: string, { session, ctx }: AccountVisit): FormOfApp | null {
  const opened = unseal(form_id, purposeFor(session.person.sub), ctx);
  const form: FormOfApp | null = opened === null ? null : JSON.parse(opened);
  return form && form.expires_at > ctx.now ? form : null;
}

/** The page of the app, without its secret. Null: the person has no such app any more. */
async function shownAgain(client_id: string, visit: AccountVisit): Promise<HttpResponse | null> {
  const { session, ctx } = visit;
  const client = await ctx.store.findClient(client_id);
  return client?.owner_sub === session.person.sub ? showDone("again", client_id, visit) : null;
}

/** Leads to the page of the app, which says that its change is saved, or that the form had its effect before. */
export function showDone(
  what: "saved" | "again",
  app: string,
  { ctx, session }: Pick<AccountVisit, "ctx" | "session">,
): HttpResponse {
  const done = sealDone(`${what}:${app}`, session.person.sub, ctx);
  return redirect(pathOf(ctx, ACCOUNT_PAGES.your_apps, { app, done }));
}
