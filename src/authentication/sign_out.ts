/**
 * Signing out of this browser, of one account or of all. It asks first, since a stranger's page could have led here.
 */
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { signOutPage } from "../pages/sign_out.ts";
import { signedOutPage } from "../pages/signed_out.ts";
import type { View } from "../pages/view.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import {
  accountIn,
  currentSession,
  forgetSession,
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
  const page =
    one && openDone(params.get("done"), browser.id, ctx) !== "signed_out"
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
  // A form that names no account is for the only one.
  const one = account === undefined ? sessions.slice(0, 1) : [accountIn(account, sessions)];
  const ending = (which === "all" ? sessions : one).filter((each) => each !== null);
  for (const { person, record } of ending) {
    const by = personOnPage(person.sub, request, ctx);
    await endSessions(record, { reason: "signed_out", by }, ctx);
  }
  const left = sessions.length - ending.length;
  const forgotten = ending.map(({ person }) => forgetSession(person.sub, ctx));
  const done = sealDone("signed_out", browser.id, ctx);
  return redirect(pathOf(ctx, "/sign-out", left > 0 ? { done } : {}), forgotten);
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
