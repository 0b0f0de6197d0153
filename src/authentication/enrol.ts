/** The page that asks for a further factor, where a request needs a level that the account can't reach yet. */
import { appOf } from "../authorization/origins.ts";
import { knownOf, stepOf } from "../authorization/proceed.ts";
import { carry, type Transaction } from "../authorization/transaction.ts";
import type { Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { enrolPage } from "../pages/enrol.ts";
import { APP_CODES, PASSKEYS } from "../pages/paths.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";

const onward = (tx: Transaction, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, "/authorize", { continue: carry(tx, ctx) }));

export async function showEnrol(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const return_to = readReturnTo(readQuery(request, ctx), visit);
  const { tx, hidden } = return_to;
  if (!tx) throw new PageError("not_found", { status: 404 });
  const next = await stepOf(tx, await knownOf(tx, request, ctx), ctx);
  if (next.step !== "enrol") return onward(tx, ctx);
  const view = viewOf(request, ctx, tx.ui_locales);
  const has = (feature: string) => ctx.features.has(feature);
  const codes = has("app_codes") && next.level === "multi";
  const page = enrolPage(
    {
      form: {
        action: pathOf(ctx, "/sign-in/enrol"),
        hidden: { csrf: csrfToken(visit.browser, ctx), ...hidden },
      },
      app: await appOf(tx, ctx),
      passkeys_href: has("passkeys") ? pathOf(ctx, PASSKEYS, hidden) : null,
      app_codes_href: codes ? pathOf(ctx, APP_CODES, hidden) : null,
    },
    view,
  );
  const { headers } = visit.browser;
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { headers });
}

/** The request ends without the level, and the app learns it. */
export async function declineEnrol(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visit);
  const { tx } = readReturnTo(params, visit);
  if (!tx) throw new PageError("form");
  return onward({ ...tx, declined: true }, ctx);
}
