/** Signing out of this browser: asks first, since a stranger's page could have led here. */
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { signOutPage } from "../pages/sign_out.ts";
import { signedOutPage } from "../pages/signed_out.ts";
import { endSession, sessionOf } from "../sessions/session.ts";

export async function showSignOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const browser = browserOf(request, ctx);
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
  const browser = browserOf(request, ctx);
  checkForm(request, readBody(request, ctx, { json: false }), { browser, ctx });
  const session = await sessionOf(request, ctx);
  const cookies = session ? await endSession(session, ctx) : [];
  return redirect(pathOf(ctx, "/sign-out"), cookies);
}
