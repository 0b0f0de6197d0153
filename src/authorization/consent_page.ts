/** Consent: shows what an app asks for, records the person's answer, and goes back to the dispatcher. */

import { appIdentity, redirectOf } from "../clients/app_identity.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readQuery } from "../http/body.ts";
import { type Browser, browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { isSignIn, type NextStep } from "../oauth/next_step.ts";
import { isWithin } from "../oauth/scope.ts";
import { consentPage } from "../pages/consent.ts";
import { type Session, sessionOf } from "../sessions/session.ts";
import type { ClientRecord, ConsentRecord } from "../store/records.ts";
import { readConsentForm } from "./consent_form.ts";
import { decideNext } from "./decide_next.ts";
import { permissionGroupsOf } from "./permissions.ts";
import { openPending, type Pending, sealPending } from "./transaction.ts";

const SHOWN = "consent shown";

/** What the page showed, sealed into its form: the answer is to that and to nothing else. */
interface Shown {
  id: string;
  sub: string;
  session_id: string;
  scope: string[];
  resources: string[];
}

export async function showConsent(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const sealed = readQuery(request, ctx).get("continue");
  const pending = openPending(sealed, { browser, ctx });
  const session = await sessionOf(request, ctx);
  const client = await ctx.store.findClient(pending.request.client_id);
  if (!session || !client || sealed === undefined) return back(sealed ?? "", ctx);
  const consent = await ctx.store.findConsent(session.person.sub, client.client_id);
  const next = stepOf(pending, { client, session, consent, ctx });
  if (next.step !== "consent") return back(sealed, ctx);
  return show({ request, ctx, browser, pending, sealed }, { session, client, consent });
}

export async function answerConsent(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
  const { params, scope } = readConsentForm(request, ctx);
  checkForm(request, params, { browser, ctx });
  const sealed = params.get("continue") ?? "";
  const pending = openPending(sealed, { browser, ctx });
  const session = await sessionOf(request, ctx);
  const shown = readShown(params.get("shown"), ctx);
  if (shown?.id !== pending.id) throw new PageError("form");
  // Somebody else has signed in meanwhile, or the sign-in ended: back to the first step that is missing.
  if (session?.record.session_id !== shown.session_id || session.person.sub !== shown.sub)
    return back(sealed, ctx);
  const client = await ctx.store.findClient(pending.request.client_id);
  const consent = await ctx.store.findConsent(shown.sub, pending.request.client_id);
  if (!client || isSignIn(stepOf(pending, { client, session, consent, ctx })))
    return back(sealed, ctx);
  const decision = params.get("decision");
  if (decision !== "allow" && decision !== "deny")
    throw new PageError("form", { detail: "neither allowed nor refused" });
  if (!isWithin(scope, shown.scope))
    throw new PageError("form", { detail: "a scope was not on the page" });
  const required = shown.scope.filter(isRequired);
  const allowed = shown.scope.filter((name) => required.includes(name) || scope.includes(name));
  const agreed = decision === "allow" ? allowed : [];
  const declined = shown.scope.filter((name) => !agreed.includes(name));
  const { sub, resources } = shown;
  const answer = { sub, resources, scope: agreed, declined };
  return back(sealPending({ ...pending, answer }, ctx), ctx);
}

/** Whoever has to sign in first does: the answer is theirs, and nobody's who sat here before. */
const stepOf = (pending: Pending, known: Parameters<typeof decideNext>[1]): NextStep =>
  decideNext({ ...pending, answer: null }, known);

/** The sign-in itself: without it the app learns nothing at all. */
const isRequired = (scope: string): boolean => scope === "openid";

const back = (sealed: string, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/authorize", { continue: sealed }));

function readShown(sealed: string | undefined, ctx: Context): Shown | null {
  const text = sealed === undefined ? null : unseal(sealed, SHOWN, ctx);
  return text === null ? null : (JSON.parse(text) as Shown);
}

function show(
  visit: {
    request: HttpRequest;
    ctx: Context;
    browser: Browser;
    pending: Pending;
    sealed: string;
  },
  known: { session: Session; client: ClientRecord; consent: ConsentRecord | null },
): HttpResponse {
  const { request, ctx, browser, pending, sealed } = visit;
  const { person, record } = known.session;
  const { scope, resources, redirect_uri } = pending.request;
  const { session_id } = record;
  const shown: Shown = { id: pending.id, sub: person.sub, session_id, scope, resources };
  const hidden = { csrf: csrfToken(browser, ctx), continue: sealed };
  const view = viewOf(request, ctx, pending.ui_locales);
  const { name } = person.claims;
  const tied = scope.includes("openid") && !scope.includes("offline_access");
  const page = consentPage(
    {
      form: {
        action: pathOf(ctx, "/consent"),
        hidden: { ...hidden, shown: seal(JSON.stringify(shown), SHOWN, ctx) },
      },
      app: {
        ...appIdentity(known.client, redirect_uri),
        registered_by: known.client.created_by === "operator" ? "operator" : "person",
      },
      redirect: redirectOf(redirect_uri),
      person: { name: typeof name === "string" ? name : "", username: person.username },
      other_account: { action: pathOf(ctx, "/sign-in"), hidden: { ...hidden, switch: "yes" } },
      groups: permissionGroupsOf(scope, person.claims, ctx).map(({ name, permissions }) => ({
        name,
        permissions: permissions.map((permission) => ({
          ...permission,
          required: isRequired(permission.scope),
          granted_before: known.consent?.scope.includes(permission.scope) ?? false,
          checked: !(known.consent?.declined.includes(permission.scope) ?? false),
        })),
      })),
      lasts: { kind: tied ? "session" : "until_removed" },
    },
    view,
  );
  return pageResponse(page, view, { headers: browser.headers });
}
