/**
 * Signing out of this browser, of one account or of all. It asks first, since a stranger's page could have led here.
 */
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { signOutPage } from "../pages/sign_out.ts";
import { signedOutPage } from "../pages/signed_out.ts";
import type { View } from "../pages/view.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import {
  accountIn,
  currentSession,
  forgetOthers,
  type Session,
  sessionsOf,
  shownAccount,
} from "../sessions/session.ts";

export async function showSignOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { browser } = visitOf(request, ctx);
  const params = readQuery(request, ctx);
  const view = viewOf(request, ctx);
  const sessions = await sessionsOf(request, ctx);
  const one = accountIn(params.get("account"), sessions) ?? (await currentSession(request, ctx));
  const csrf = csrfToken(browser, ctx);
  const signed_out = openDone(params.get("done"), browser.id, ctx);
  // The person may have signed in to that account again since.
  const is_out = signed_out !== null && !accountIn(signed_out, sessions);
  const page =
    one && !is_out
      ? askPage(one, { sessions, csrf, ctx, view })
      : signedOutPage({ apps: [], back: null, still: sessions.map(shownAccount) }, view);
  return pageResponse(page, view, { headers: browser.headers });
}

export async function signOut(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  const { browser } = visitOf(request, ctx);
  checkForm(request, params, { browser, ctx });
  const sessions = await sessionsOf(request, ctx);
  const which = params.get("which") ?? (sessions.length > 1 ? "ask" : "one");
  const account = params.get("account");
  if (which === "ask") return redirect(pathOf(ctx, "/sign-out", account ? { account } : {}));
  const all = which === "all";
  if (!all && account === undefined)
    throw new PageError("form", { detail: "the form does not name its account" });
  const ending = all ? sessions : [accountIn(account, sessions)].filter((each) => each !== null);
  for (const { person, record } of ending) {
    const by = personOnPage(person.sub, request, ctx);
    await endSessions(record, { reason: "signed_out", by }, ctx);
  }
  const left = sessions.filter((each) => !ending.includes(each)).map(({ person }) => person.sub);
  const query = left.length > 0 && account ? { done: sealDone(account, browser.id, ctx) } : {};
  return redirect(pathOf(ctx, "/sign-out", query), forgetOthers(left, request, ctx));
}

function askPage(
  one: Session,
  {
    sessions,
    csrf,
    ctx,
    view,
  }: { sessions: readonly Session[]; csrf: string; ctx: Context; view: View },
) {
  const account = shownAccount(one);
  const form = { action: pathOf(ctx, "/sign-out"), hidden: { csrf, account: account.key } };
  const several = sessions.length > 1 ? { account, count: sessions.length } : null;
  return signOutPage({ form, app: null, several, leaves_site: false }, view);
}
