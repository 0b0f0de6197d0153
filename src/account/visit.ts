/** The checks of every account page: a signed-in person, and a form that came from this browser. */

import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody } from "../http/body.ts";
import { checkForm, csrfToken, type PageVisit, visitOf } from "../http/browser.ts";
import { type HttpResponse, redirect, withHeaders } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { NoticeTo } from "../mail/notices.ts";
import type { Hint } from "../oauth/hint.ts";
import type { Params } from "../oauth/params.ts";
import type { Actor } from "../operation.ts";
import type { AccountFrame } from "../pages/account/shell.ts";
import { ACCOUNT_PAGES, type AccountPage, accountPages } from "../pages/paths.ts";
import type { Page, View } from "../pages/view.ts";
import { OWN_PAGES, rememberAccount } from "../sessions/last_account.ts";
import {
  accountIn,
  currentSession,
  markUsed,
  type Session,
  sessionsOf,
  shownAccount,
} from "../sessions/session.ts";
import { countChange } from "./change_limit.ts";

export interface AccountVisit extends PageVisit {
  session: Session;
  /** The person as the actor of operations. */
  by: Actor;
  frame: AccountFrame;
  view: View;
  render(page: Page, status?: number): HttpResponse;
}

/**
 * Rules for pages that are not for everybody. They are checked before a page is shown, and the navigation leaves such
 * pages out.
 */
const mayOpen: Partial<Record<AccountPage, (session: Session, ctx: Context) => boolean>> = {
  your_apps: ({ person }, { features, settings }) =>
    features.has("your_apps") && (person.is_admin || settings.your_apps === "everyone"),
};

/**
 * Shows the page to a signed-in person; others sign in first and come back to it.
 * @throws PageError `not_allowed`
 */
export async function showFor(
  page: AccountPage,
  { request, ctx }: Pick<PageVisit, "request" | "ctx">,
  show: (visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const session = await currentSession(request, ctx);
  if (!session) return redirect(pathOf(ctx, "/sign-in", { to: ACCOUNT_PAGES[page] }));
  const visit = await visitBy(session, visitOf(request, ctx));
  checkMayOpen(page, visit);
  return show(visit);
}

/**
 * Handles a form of the page, after checking that it came from this browser and that its account is still signed in.
 * @throws PageError `not_allowed`; `form` for a form that names no account
 */
export async function actFor(
  page: AccountPage,
  { request, ctx }: Pick<PageVisit, "request" | "ctx">,
  act: (params: Params, visit: AccountVisit) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const page_visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page_visit);
  const account = params.get("account");
  // Each form names the account that it was shown for: another tab may show another one.
  if (account === undefined)
    throw new PageError("form", { detail: "the form does not name its account" });
  const session = accountIn(account, await sessionsOf(request, ctx));
  if (!session) return signedOutMeanwhile(page, ctx);
  const visit = await visitBy(session, page_visit);
  checkMayOpen(page, visit);
  const { sub } = visit.session.person;
  await countChange(sub, request, ctx);
  const response = await act(params, visit);
  // The next page shows the account that the form was for, even if another tab has shown another one.
  return withHeaders(response, rememberAccount(OWN_PAGES, sub, { request, ctx }));
}

/** The account of a form is signed out: the person chooses one of those that are left, or signs in. */
export const signedOutMeanwhile = (page: AccountPage, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/select-account", { to: ACCOUNT_PAGES[page] }));

const HOW_TO_OPEN: Partial<Record<AccountPage, Hint>> = {
  your_apps: { hint: "`your_apps` of the configuration, or valetkey user update … --admin" },
};

function checkMayOpen(page: AccountPage, { frame }: AccountVisit): void {
  if (!frame.pages.includes(page))
    throw new PageError("not_allowed", { status: 403, reason: HOW_TO_OPEN[page] ?? {} });
}

async function visitBy(
  session: Session,
  { request, ctx, browser }: PageVisit,
): Promise<AccountVisit> {
  await markUsed(session, request, ctx);
  const view = viewOf(request, ctx);
  const account = shownAccount(session);
  const frame = {
    person: account,
    account: account.key,
    csrf: csrfToken(browser, ctx),
    pages: accountPages.filter((page) => mayOpen[page]?.(session, ctx) ?? true),
  };
  const render = (page: Page, status = 200) =>
    pageResponse(page, view, { status, headers: browser.headers });
  const by = personOnPage(session.person.sub, request, ctx);
  return { request, ctx, browser, session, by, frame, view, render };
}

/** The person of this page, for mails about a change. */
export const noticeTo = ({ session: { person }, request, view }: AccountVisit): NoticeTo => ({
  ...{ person, request },
  language: view.language,
});

export const unknownIntent = (): PageError =>
  new PageError("form", { detail: "the form does not say what to do" });
