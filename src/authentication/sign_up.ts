/** Creating an account, where visitors may: then the person is signed in. */

import { appOf } from "../clients/app_identity.ts";
import { audit, type Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { type Browser, browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { type CreateAccountProps, createAccountPage } from "../pages/create_account.ts";
import { TooBusy } from "../people/password.ts";
import { startSession } from "../sessions/session.ts";
import { rememberPerson } from "./known_people.ts";
import { createAccount, isFaultless, readAccountForm } from "./new_account.ts";
import { type ReturnTo, readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";
import { countSignUp } from "./sign_up_limit.ts";

interface Visit {
  request: HttpRequest;
  ctx: Context;
  browser: Browser;
  return_to: ReturnTo;
}

const EMPTY = { values: { username: "", email: "", name: "" }, errors: {} };

export async function showSignUp(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  checkOffered(ctx);
  const browser = browserOf(request, ctx);
  const return_to = readReturnTo(readQuery(request, ctx), { browser, ctx });
  return show({ request, ctx, browser, return_to }, EMPTY);
}

export async function signUp(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  checkOffered(ctx);
  const browser = browserOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, { browser, ctx });
  const visit = { request, ctx, browser, return_to: readReturnTo(params, { browser, ctx }) };
  const form = readAccountForm(params, ctx);
  if (!isFaultless(form)) return show(visit, form, 400);
  const seconds = await countSignUp(request.address, ctx);
  if (seconds !== null)
    return show(visit, { ...form, problem: { kind: "throttled", seconds } }, 429);
  try {
    const person = await createAccount(form, { is_admin: false, only_as_first: false }, ctx);
    if (person === "taken") return show(visit, { ...form, errors: { username: "taken" } }, 409);
    const { sub } = person;
    const about = { actor: "person", sub, address: request.address } as const;
    await ctx.store.appendAudit([audit("user_created", about, ctx)]);
    const signed_in_for = visit.return_to.pending?.id ?? null;
    const cookies = await startSession({ person, amr: ["pwd"], signed_in_for }, request, ctx);
    return redirect(visit.return_to.on, [...cookies, rememberPerson(person.sub, request, ctx)]);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { ...form, problem: { kind: "busy" } }, 503);
  }
}

function checkOffered({ settings, users }: Context): void {
  if (!settings.sign_up || !users.create) throw new PageError("not_found", { status: 404 });
}

async function show(
  { request, ctx, browser, return_to }: Visit,
  props: Pick<CreateAccountProps, "values" | "errors" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const view = viewOf(request, ctx, return_to.pending?.ui_locales);
  const hidden = { csrf: csrfToken(browser, ctx), ...return_to.hidden };
  const { values, errors, problem = null } = props;
  const page = createAccountPage(
    {
      form: { action: pathOf(ctx, "/sign-up"), hidden },
      app: await appOf(return_to.pending?.request ?? null, ctx),
      sign_in_href: pathOf(ctx, "/sign-in", return_to.hidden),
      values,
      errors,
      problem,
    },
    view,
  );
  const wait = problem?.kind === "throttled" ? problem.seconds : problem ? 2 : null;
  const headers = [
    ...browser.headers,
    ...(wait === null ? [] : [["retry-after", String(wait)] as const]),
  ];
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { status, headers });
}
