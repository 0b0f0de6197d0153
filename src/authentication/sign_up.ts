/** Creates an account, if visitors may do so, and signs the person in. */

import { appOf } from "../authorization/origins.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Handler } from "../http/route.ts";
import { type CreateAccountProps, createAccountPage } from "../pages/create_account.ts";
import { createPerson } from "../people/create_person.ts";
import { TooBusy } from "../people/password.ts";
import { finishProof, type SignInVisit } from "./finish_proof.ts";
import { isFaultless, newPersonOf, readAccountForm } from "./new_account.ts";
import { showProvenSignUp, takeProvenSignUp } from "./proven_sign_up.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";
import { countSignUp } from "./sign_up_limit.ts";
import { withTakenName } from "./taken_name.ts";

const EMPTY = { values: { username: "", email: "", name: "" }, errors: {} };

const isProven = ({ features }: Context): boolean => features.has("proven_sign_up");

/** Where there is mail, an address is proved first; else the form has everything at once. */
export const showSignUp: Handler = (request, ctx, params) =>
  isProven(ctx) ? showProvenSignUp(request, ctx, params) : showForm(request, ctx);
export const signUp: Handler = (request, ctx, params) =>
  isProven(ctx) ? takeProvenSignUp(request, ctx, params) : takeForm(request, ctx);

async function showForm(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const return_to = readReturnTo(readQuery(request, ctx), visit);
  return show({ ...visit, return_to }, EMPTY);
}

async function takeForm(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const page = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page);
  const visit = { ...page, return_to: readReturnTo(params, page) };
  const form = readAccountForm(params, ctx);
  if (!isFaultless(form)) return show(visit, await withTakenName(form, request.address, ctx), 400);
  const seconds = await countSignUp(request.address, ctx);
  if (seconds !== null)
    return show(visit, { ...form, problem: { kind: "throttled", seconds } }, 429);
  try {
    const new_person = newPersonOf(form, { is_admin: false, only_as_first: false });
    const person = await createPerson(new_person, personOnPage(null, request, ctx), ctx);
    if (person === "taken") return show(visit, { ...form, errors: { username: "taken" } }, 409);
    return await finishProof({ person, proof: { kind: "pwd", at: ctx.now }, is_new: true }, visit);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { ...form, problem: { kind: "busy" } }, 503);
  }
}

async function show(
  { request, ctx, browser, return_to }: SignInVisit,
  props: Pick<CreateAccountProps, "values" | "errors" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const hidden = { csrf: csrfToken(browser, ctx), ...return_to.hidden };
  const { values, errors, problem = null } = props;
  const page = createAccountPage(
    {
      form: { action: pathOf(ctx, "/sign-up"), hidden },
      app: await appOf(return_to.tx, ctx),
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
