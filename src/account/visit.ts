/** What every account page needs: a signed-in person, and a form that came from this browser. */

import type { AccountPage } from "../authentication/return_to.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import type { Actor } from "../operation.ts";
import type { AccountFrame } from "../pages/account/shell.ts";
import type { Page, View } from "../pages/view.ts";
import { type Session, sessionOf } from "../sessions/session.ts";
import { countChange } from "./change_limit.ts";

export interface AccountVisit extends PageVisit {
  session: Session;
  /** The person, as operations know them. */
  by: Actor;
  frame: AccountFrame;
  view: View;
  render(page: Page, status?: number): HttpResponse;
}

/** Shows the page to a signed-in person; others sign in first and come back to it. */
export async function showFor(
  page: AccountPage,
  { request, ctx }: Pick<PageVisit, "request" | "ctx">,
  show: (visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const visit = await signedIn(visitOf(request, ctx));
  return visit ? show(visit) : toSignIn(page, ctx);
}

/** Carries out a form of the page, once it is proven to be the person's own. */
export async function actFor(
  page: AccountPage,
  { request, ctx }: Pick<PageVisit, "request" | "ctx">,
  act: (params: Params, visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const page_visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page_visit);
  const visit = await signedIn(page_visit);
  if (!visit) return toSignIn(page, ctx);
  await countChange(visit.session.person.sub, request, ctx);
  return act(params, visit);
}

export const toSignIn = (page: AccountPage, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/sign-in", { to: page }));

async function signedIn({ request, ctx, browser }: PageVisit): Promise<AccountVisit | null> {
  const session = await sessionOf(request, ctx);
  if (!session) return null;
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
  const by = personOnPage(session.person.sub, request, ctx);
  return { request, ctx, browser, session, by, frame, view, render };
}

export const mayRegisterApps = ({ person }: Session, { features, settings }: Context): boolean =>
  features.has("your_apps") && (person.is_admin || settings.your_apps === "everyone");

export const unknownIntent = (): PageError =>
  new PageError("form", { detail: "the form does not say what to do" });
