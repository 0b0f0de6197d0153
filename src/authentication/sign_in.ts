/** The sign-in page: by password, or by a passkey. */
import { accountOf } from "../authorization/account.ts";
import { findClientOf } from "../authorization/find_client.ts";
import { appOf, documentsOf, originOf } from "../authorization/origins.ts";
import type { Context } from "../context.ts";
import { assertPasskey } from "../factors/assert_passkey.ts";
import { mayForget } from "../factors/forget_passkey.ts";
import { requestOptions } from "../factors/passkey_options.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import { settingHint } from "../oauth/hint.ts";
import type { Params } from "../oauth/params.ts";
import { CODE_PAGES } from "../pages/paths.ts";
import { type SignInProblem, signInPage } from "../pages/sign_in.ts";
import { TooBusy } from "../people/password.ts";
import { currentSession, ProofLapsed, type Session } from "../sessions/session.ts";
import { finishProof, type SignInVisit } from "./finish_proof.ts";
import { knownPeople } from "./known_people.ts";
import { lastWay } from "./last_way.ts";
import { type ReturnTo, readReturnTo } from "./return_to.ts";
import { tryPassword, type Verdict } from "./sign_in_limit.ts";

export async function showSignIn(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const visit = visitOf(request, ctx);
  const params = readQuery(request, ctx);
  const return_to = readReturnTo(params, visit);
  // Another person wants to sign in, so no name is suggested.
  const other = params.get("other") !== undefined;
  const session = other ? null : await sessionFor(return_to, request, ctx);
  const hint = other ? null : return_to.tx?.asked.login_hint;
  const username = session?.person.username ?? hint ?? "";
  return show({ ...visit, return_to }, { username, problem: null, again: session !== null });
}

/** The session of the account that signs in again. Null: the request is for another account, or for any. */
async function sessionFor(
  { tx }: ReturnTo,
  request: HttpRequest,
  ctx: Context,
): Promise<Session | null> {
  if (!tx) return currentSession(request, ctx);
  const client = await findClientOf(tx, ctx);
  const { session, hinted_sub } = await accountOf(tx, client, { request, ctx });
  return hinted_sub === null || hinted_sub === session?.person.sub ? session : null;
}

export async function signIn(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const page = visitOf(request, ctx);
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, page);
  const return_to = readReturnTo(params, page);
  const visit = { ...page, return_to };
  const username = params.get("username") ?? "";
  const refuse = (problem: SignInProblem) =>
    show(visit, { username: username.slice(0, 256), problem, again: false });
  if (params.get("way") === "passkey") return byPasskey(params, visit, refuse);
  const verdict = await judge(params, visit);
  if ("problem" in verdict) return refuse(verdict.problem);
  try {
    const { person, holds } = verdict;
    return await finishProof({ person, holds, proof: { kind: "pwd", at: ctx.now } }, visit);
  } catch (error) {
    if (error instanceof ProofLapsed) return refuse({ kind: "wrong" });
    throw error;
  }
}

const REFUSED = { kind: "passkey", why: "refused", forget: null } as const;

/** Any passkey of this server signs in its person. */
async function byPasskey(
  params: Params,
  visit: SignInVisit,
  refuse: (problem: SignInProblem) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const { request, ctx } = visit;
  if (!ctx.features.has("passkeys")) throw new PageError("form");
  const posted = { ceremony: params.get("ceremony"), credential: params.get("credential") };
  const asserted = await assertPasskey({ ...posted, purpose: "sign_in", sub: null }, visit);
  if (!("problem" in asserted)) {
    try {
      return await finishProof(asserted, visit);
    } catch (error) {
      if (error instanceof ProofLapsed) return refuse(REFUSED);
      throw error;
    }
  }
  const { problem: why, credential_id } = asserted;
  report(`passkey ${why}`, request, ctx);
  const forget = credential_id === undefined ? null : mayForget(credential_id, ctx);
  return refuse({ kind: "passkey", why, forget });
}

type Outcome = Extract<Verdict, { person: unknown }> | { problem: SignInProblem };

async function judge(params: Params, { request, ctx }: SignInVisit): Promise<Outcome> {
  const login = params.get("username") ?? "";
  const password = params.get("password") ?? "";
  if (login === "" || password === "") return { problem: { kind: "missing" } };
  if (password.length > ctx.settings.limits.password || login.length > 256)
    throw new PageError("unreadable", {
      detail: "user name or password is too long",
      reason: settingHint("limits.password"),
    });
  const known = knownPeople(request, ctx);
  try {
    const attempt = { login, password, address: request.address, known };
    const verdict = await tryPassword(attempt, ctx);
    if ("person" in verdict) return verdict;
    report(verdict.problem, request, ctx);
    if (verdict.problem === "wrong") return { problem: { kind: "wrong" } };
    return { problem: { kind: "throttled", seconds: verdict.seconds } };
  } catch (error) {
    if (error instanceof TooBusy) return { problem: { kind: "busy" } };
    throw error;
  }
}

/** The name is not logged, since people sometimes type their password into that field. */
function report(problem: string, { address }: HttpRequest, { log, event_id }: Context): void {
  const hint = problem === "throttled" ? settingHint("sign_in_limits") : {};
  log.info("sign-in refused", { event_id, problem, address, ...hint });
}

async function show(
  { request, ctx, browser, return_to }: SignInVisit,
  { username, problem, again }: { username: string; problem: SignInProblem | null; again: boolean },
): Promise<HttpResponse> {
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const hidden = { csrf: csrfToken(browser, ctx), ...return_to.hidden };
  const page = signInPage(
    {
      form: { action: pathOf(ctx, "/sign-in"), hidden },
      app: await appOf(return_to.tx, ctx),
      documents: await documentsOf(return_to.tx, ctx),
      username,
      problem,
      again,
      forgot_href: ctx.features.has("reset")
        ? pathOf(ctx, CODE_PAGES.reset, return_to.hidden)
        : null,
      email_code_href: ctx.features.has("email_code")
        ? pathOf(ctx, CODE_PAGES.sign_in, return_to.hidden)
        : null,
      passkey: requestOptions("sign_in", { browser, sub: null }, ctx),
      password: ctx.features.has("passwords"),
      last_way: lastWay(request, ctx),
      create_account_href: ctx.features.has("sign_up")
        ? pathOf(ctx, "/sign-up", return_to.hidden)
        : null,
      help: ctx.settings.sign_in_help ?? null,
      ...(ctx.test_account && { test_account: ctx.test_account }),
    },
    view,
  );
  const headers = [...browser.headers, ...retryAfter(problem)];
  const status = STATUS[problem?.kind ?? "none"] ?? 200;
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { status, headers });
}

const STATUS: Readonly<Record<string, number>> = {
  passkey: 401,
  wrong: 401,
  missing: 400,
  throttled: 429,
  busy: 503,
};

function retryAfter(problem: SignInProblem | null): [string, string][] {
  if (problem?.kind === "throttled") return [["retry-after", String(problem.seconds)]];
  return problem?.kind === "busy" ? [["retry-after", "2"]] : [];
}

/** Chromium applies `form-action` to every redirect that follows a form: to the app, and to where the app redirects. */
export function onTheWay({ tx }: ReturnTo): { form_action?: readonly string[] } {
  const redirect_uri = tx && originOf(tx).redirect_uri;
  if (!redirect_uri) return {};
  const scheme = new URL(redirect_uri).protocol;
  return { form_action: [...new Set(["'self'", "https:", "http:", scheme])] };
}
