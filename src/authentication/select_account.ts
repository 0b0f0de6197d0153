/** The choice between the accounts that are signed in in this browser (OpenID Connect Core §3.1.2.1). */
import { appOf } from "../authorization/origins.ts";
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { selectAccountPage } from "../pages/select_account.ts";
import { OWN_PAGES, rememberAccount } from "../sessions/last_account.ts";
import {
  accountIn,
  MOST_ACCOUNTS,
  replacedBy,
  sessionsOf,
  shownAccount,
} from "../sessions/session.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";

export async function showSelectAccount(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const { browser } = visitOf(request, ctx);
  const return_to = readReturnTo(readQuery(request, ctx), { browser, ctx });
  const sessions = await sessionsOf(request, ctx);
  if (sessions.length === 0) return redirect(pathOf(ctx, "/sign-in", return_to.hidden));
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const page = selectAccountPage(
    {
      form: {
        action: pathOf(ctx, "/select-account"),
        hidden: { csrf: csrfToken(browser, ctx), ...return_to.hidden },
      },
      app: await appOf(return_to.tx, ctx),
      accounts: sessions.map(shownAccount),
      other_account_href: pathOf(ctx, "/sign-in", { ...return_to.hidden, other: "yes" }),
      replaced: { accounts: replacedBy(sessions).map(shownAccount), most: MOST_ACCOUNTS },
    },
    view,
  );
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { headers: browser.headers });
}

export async function selectAccount(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visit);
  const return_to = readReturnTo(params, visit);
  const sessions = await sessionsOf(request, ctx);
  const chosen = accountIn(params.get("account"), sessions);
  // It was signed out meanwhile: the page shows those that are left.
  if (!chosen) return redirect(pathOf(ctx, "/select-account", return_to.hidden));
  const { sub } = chosen.person;
  return redirect(return_to.on(sub), rememberAccount(OWN_PAGES, sub, { request, ctx }));
}
