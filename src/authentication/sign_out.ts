/** Signing out of this browser: asks first, since a stranger's page could have led here. */
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { signOutPage } from "../pages/sign_out.ts";
import { signedOutPage } from "../pages/signed_out.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import { forgetSession, sessionOf } from "../sessions/session.ts";

export async function showSignOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { browser } = visitOf(request, ctx);
  const view = viewOf(request, ctx);
  if (!(await sessionOf(request, ctx))) {
    const page = signedOutPage({ apps: [], back: null }, view);
    return pageResponse(page, view, { headers: browser.headers });
  }
  const form = { action: pathOf(ctx, "/sign-out"), hidden: { csrf: csrfToken(browser, ctx) } };
  const page = signOutPage({ form, app: null, leaves_site: false }, view);
  return pageResponse(page, view, { headers: browser.headers });
}

export async function signOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  checkForm(request, readBody(request, ctx, { json: false }), visitOf(request, ctx));
  const session = await sessionOf(request, ctx);
  const back = pathOf(ctx, "/sign-out");
  if (!session) return redirect(back);
  const by = personOnPage(session.person.sub, request, ctx);
  await endSessions(session.record, { reason: "signed_out", by }, ctx);
  return redirect(back, [forgetSession(ctx)]);
}
