/** What every account page needs: a signed-in person, and a form that came from this browser. */

import type { AccountPage } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { readBody } from "../http/body.ts";
import { type Browser, browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import type { AccountFrame } from "../pages/account/shell.ts";
import type { Page, View } from "../pages/view.ts";
import { type Session, sessionOf } from "../sessions/session.ts";

export interface AccountVisit {
  request: HttpRequest;
  ctx: Context;
  browser: Browser;
  session: Session;
  frame: AccountFrame;
  view: View;
  render(page: Page, status?: number): HttpResponse;
}

/** Shows the page to a signed-in person; others sign in first and come back to it. */
export async function showFor(
  page: AccountPage,
  { request, ctx }: { request: HttpRequest; ctx: Context },
  show: (visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const visit = await visitOf(request, ctx);
  return visit ? show(visit) : toSignIn(page, ctx);
}

/** Carries out a form of the page, once it is proven to be the person's own. */
export async function actFor(
  page: AccountPage,
  { request, ctx }: { request: HttpRequest; ctx: Context },
  act: (params: Params, visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, { browser: browserOf(request, ctx), ctx });
  const visit = await visitOf(request, ctx);
  return visit ? act(params, visit) : toSignIn(page, ctx);
}

const toSignIn = (page: AccountPage, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/sign-in", { to: page }));

async function visitOf(request: HttpRequest, ctx: Context): Promise<AccountVisit | null> {
  const session = await sessionOf(request, ctx);
  if (!session) return null;
  const browser = browserOf(request, ctx);
  const view = viewOf(request, ctx);
  const { name } = session.person.claims;
  const frame = {
    person: {
      name: typeof name === "string" ? name : "",
      username: session.person.username,
    },
    csrf: csrfToken(browser, ctx),
    may_register_apps: mayRegisterApps(session, ctx),
  };
  const render = (page: Page, status = 200) =>
    pageResponse(page, view, { status, headers: browser.headers });
  return { request, ctx, browser, session, frame, view, render };
}

export const mayRegisterApps = ({ person }: Session, { settings }: Context): boolean =>
  person.is_admin || settings.your_apps === "everyone";

export const unknownIntent = (): PageError =>
  new PageError("form", { detail: "the form does not say what to do" });
