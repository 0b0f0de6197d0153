/** The last step of a sign-up with a proven address: the account, and the first sign-in. */
import { appOf } from "../authorization/origins.ts";
import type { Context } from "../context.ts";
import { personOnPage } from "../http/actor.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import type { CreateAccountProps } from "../pages/create_account.ts";
import { addressTakenPage, createProvenAccountPage } from "../pages/create_proven_account.ts";
import { CODE_PAGES, SIGN_UP_ACCOUNT } from "../pages/paths.ts";
import type { Page } from "../pages/view.ts";
import { createProvenPerson } from "../people/create_person.ts";
import { refuseUsername } from "../people/login.ts";
import { TooBusy } from "../people/password.ts";
import { finishProof, type SignInVisit } from "./finish_proof.ts";
import { type AccountForm, isFaultless, readAccountForm } from "./new_account.ts";
import { openProvenAddress } from "./proven_address.ts";
import { proveAgain } from "./proven_sign_up.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";
import { countSignUp } from "./sign_up_limit.ts";
import { withTakenName } from "./taken_name.ts";

interface Proven extends SignInVisit {
  address: string;
  /** As it came. */
  proven: string;
}

export async function showProvenAccount(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = provenIn(readQuery(request, ctx), request, ctx);
  if (!("address" in visit)) return proveAgain(visit, ctx);
  if (await hasAccount(visit)) return showTaken(visit);
  const { address } = visit;
  const values = { username: nameIn(address), email: address, name: "" };
  return show(visit, { values, errors: {} });
}

/** The part before the @, where it can be a user name. */
function nameIn(address: string): string {
  const name = address.slice(0, address.lastIndexOf("@"));
  return name.includes("@") || refuseUsername(name) !== null ? "" : name;
}

export async function createProvenAccount(
  request: HttpRequest,
  ctx: Context,
): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visitOf(request, ctx));
  const visit = provenIn(params, request, ctx);
  if (!("address" in visit)) return proveAgain(visit, ctx);
  if (await hasAccount(visit)) return showTaken(visit);
  const form = readAccountForm(params, ctx, visit.address);
  if (!isFaultless(form)) return show(visit, await withTakenName(form, request.address, ctx), 400);
  const seconds = await countSignUp(request.address, ctx);
  if (seconds !== null)
    return show(visit, { ...form, problem: { kind: "throttled", seconds } }, 429);
  return create(form, visit);
}

async function create(form: AccountForm, visit: Proven): Promise<HttpResponse> {
  const { address: email, request, ctx } = visit;
  const { username, name } = form.values;
  const account = { username, email, ...(name !== "" && { name }), password: form.password };
  try {
    const person = await createProvenPerson(account, personOnPage(null, request, ctx), ctx);
    if (person !== "taken") {
      const proof = { kind: "pwd", at: ctx.now } as const;
      return await finishProof({ person, proof, is_new: true }, visit);
    }
    const of_name = !(await hasAccount(visit)) && (await ctx.users.findByLogin(username)) !== null;
    return of_name
      ? show(visit, { ...form, errors: { username: "taken" } }, 409)
      : showTaken(visit);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { ...form, problem: { kind: "busy" } }, 503);
  }
}

/** With its address, where this browser has proved one. */
function provenIn(params: Params, request: HttpRequest, ctx: Context): SignInVisit | Proven {
  const page = visitOf(request, ctx);
  const visit = { ...page, return_to: readReturnTo(params, page) };
  const proven = params.get("proven") ?? "";
  const address = openProvenAddress(proven, page);
  return address === null ? visit : { ...visit, address, proven };
}

const hasAccount = async ({ address, ctx }: Proven): Promise<boolean> =>
  ((await ctx.users.findByVerifiedEmail?.(address)) ?? null) !== null;

/** Somebody has created an account with the address since it was proved; it was this person, or has their mailbox. */
function showTaken(visit: Proven): HttpResponse {
  const { address, return_to, ctx } = visit;
  const page = addressTakenPage(
    {
      address,
      sign_in_href: pathOf(ctx, "/sign-in", return_to.hidden),
      reset_href: ctx.features.has("reset")
        ? pathOf(ctx, CODE_PAGES.reset, return_to.hidden)
        : null,
    },
    viewFor(visit),
  );
  return answer(page, visit, { status: 409, wait: null });
}

async function show(
  visit: Proven,
  { values, errors, problem = null }: Pick<CreateAccountProps, "values" | "errors" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const { ctx, browser, return_to, proven } = visit;
  const hidden = { csrf: csrfToken(browser, ctx), ...return_to.hidden, proven };
  const page = createProvenAccountPage(
    {
      form: { action: pathOf(ctx, SIGN_UP_ACCOUNT), hidden },
      app: await appOf(return_to.tx, ctx),
      sign_in_href: pathOf(ctx, "/sign-in", return_to.hidden),
      ...{ values, errors, problem },
    },
    viewFor(visit),
  );
  const wait = problem?.kind === "throttled" ? problem.seconds : problem ? 2 : null;
  return answer(page, visit, { status, wait });
}

const viewFor = ({ request, ctx, return_to }: SignInVisit) =>
  viewOf(request, ctx, return_to.tx?.ui_locales);

function answer(
  page: Page,
  visit: SignInVisit,
  { status, wait }: { status: number; wait: number | null },
): HttpResponse {
  const { browser, return_to } = visit;
  const headers = [
    ...browser.headers,
    ...(wait === null ? [] : [["retry-after", String(wait)] as const]),
  ];
  return pageResponse({ ...page, ...onTheWay(return_to) }, viewFor(visit), { status, headers });
}
