/** Creating an account, where visitors may: then the person is signed in. */
import { audit, type Context } from "../context.ts";
import { readBody, readQuery } from "../http/body.ts";
import { type Browser, browserOf, checkForm, csrfToken } from "../http/browser.ts";
import { rememberPerson } from "../http/known_people.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { lookOf, PageError, pageResponse } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { startSession } from "../http/session.ts";
import { type CreateAccountProps, createAccountPage } from "../pages/create_account.ts";
import { TooBusy } from "../users/password.ts";
import { appOf } from "./app_identity.ts";
import { createAccount, isFaultless, readAccountForm } from "./new_account.ts";
import { onTheWay } from "./sign_in.ts";
import { countSignUp } from "./sign_up_limit.ts";
import { readWay, type Way } from "./way.ts";

interface Visit {
  request: HttpRequest;
  ctx: Context;
  browser: Browser;
  way: Way;
}

const EMPTY = { values: { username: "", email: "", name: "" }, errors: {} };

export async function showSignUp(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  checkOffered(ctx);
  const browser = browserOf(request, ctx);
  const way = readWay(readQuery(request, ctx), { browser, ctx });
  return show({ request, ctx, browser, way }, EMPTY);
}

export async function signUp(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  checkOffered(ctx);
  const browser = browserOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, { browser, ctx });
  const visit = { request, ctx, browser, way: readWay(params, { browser, ctx }) };
  const form = readAccountForm(params, ctx);
  if (!isFaultless(form)) return show(visit, form, 400);
  const seconds = await countSignUp(request.address, ctx);
  if (seconds !== null)
    return show(visit, { ...form, problem: { kind: "throttled", seconds } }, 429);
  try {
    const person = await createAccount(form, { is_admin: false, only_as_first: false }, ctx);
    if (person === "taken") return show(visit, { ...form, errors: { username: "taken" } }, 409);
    const { sub } = person;
    audit("user_created", { actor: "person", sub, address: request.address }, ctx);
    const signed_in_for = visit.way.pending?.id ?? null;
    const cookies = await startSession({ person, amr: ["pwd"], signed_in_for }, request, ctx);
    return redirect(visit.way.on, [...cookies, rememberPerson(person.sub, request, ctx)]);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { ...form, problem: { kind: "busy" } }, 503);
  }
}

function checkOffered({ settings, users }: Context): void {
  if (!settings.sign_up || !users.create) throw new PageError("not_found", { status: 404 });
}

async function show(
  { request, ctx, browser, way }: Visit,
  props: Pick<CreateAccountProps, "values" | "errors" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const look = lookOf(request, ctx, way.pending?.ui_locales);
  const hidden = { csrf: csrfToken(browser, ctx), ...way.hidden };
  const { values, errors, problem = null } = props;
  const page = createAccountPage(
    {
      form: { action: pathOf(ctx, "/sign-up"), hidden },
      app: await appOf(way.pending?.request ?? null, ctx),
      sign_in_href: pathOf(ctx, "/sign-in", way.hidden),
      values,
      errors,
      problem,
    },
    look,
  );
  const wait = problem?.kind === "throttled" ? problem.seconds : problem ? 2 : null;
  const headers = [
    ...browser.headers,
    ...(wait === null ? [] : [["retry-after", String(wait)] as const]),
  ];
  return pageResponse({ ...page, ...onTheWay(way) }, look, { status, headers });
}
