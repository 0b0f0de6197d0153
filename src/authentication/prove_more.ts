/**
 * The pages that ask for one more proof: `/sign-in/second` after a first factor or for a request that needs a stronger
 * sign-in, `/confirm` before a change of how the person signs in.
 */
import { appOf } from "../authorization/origins.ts";
import { carry } from "../authorization/transaction.ts";
import type { Context } from "../context.ts";
import { requestOptions } from "../factors/passkey_options.ts";
import { readBody, readQuery } from "../http/body.ts";
import { checkForm, csrfToken, visitOf } from "../http/browser.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { PageError, pageResponse, viewOf } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type ProveProblem, type ProveUse, provePage } from "../pages/prove.ts";
import { ProofLapsed } from "../sessions/session.ts";
import { finishProof, type SignInVisit } from "./finish_proof.ts";
import { proofIn } from "./proof_in_form.ts";
import { readReturnTo } from "./return_to.ts";
import { onTheWay } from "./sign_in.ts";
import { type WhoProves, waysOf, whoProves } from "./who_proves.ts";

const PATHS = { sign_in: "/sign-in/second", step_up: "/sign-in/second", confirm: "/confirm" };

const USES: readonly ProveUse[] = ["code", "password", "recovery", "lost"];
const useIn = (params: Params): ProveUse | null =>
  USES.find((each) => each === params.get("use")) ?? null;

export async function showProveMore(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readQuery(request, ctx);
  const { visit, who } = await arrive(params, request, ctx);
  return who ? show(visit, who, { use: useIn(params), problem: null }) : startAgain(visit);
}

export async function proveMore(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  const params = readBody(request, ctx, { json: false });
  checkForm(request, params, visitOf(request, ctx));
  const { visit, who } = await arrive(params, request, ctx);
  if (!who) return startAgain(visit);
  if (params.get("way") === "decline") return decline(visit, who);
  const outcome = await proofIn(params, who, visit);
  const refuse = (problem: ProveProblem) => show(visit, who, { use: useIn(params), problem });
  if ("problem" in outcome) return refuse(outcome.problem);
  const { person, purpose, first } = who;
  const holds = outcome.holds ?? who.holds;
  // Of a person who is signed in, the session holds the first factor.
  const half = purpose === "sign_in" ? { first } : {};
  try {
    const proved = { person, proof: outcome.proof, ...half, ...(holds && { holds }) };
    return await finishProof(proved, visit);
  } catch (error) {
    if (error instanceof ProofLapsed) return startAgain(visit);
    throw error;
  }
}

async function arrive(params: Params, request: HttpRequest, ctx: Context) {
  const page = visitOf(request, ctx);
  const visit: SignInVisit = { ...page, return_to: readReturnTo(params, page) };
  return { visit, who: await whoProves(params, visit) };
}

/** The first factor is too old, or nothing more has to be proved. A request in progress finds its next step itself. */
function startAgain({ ctx, return_to }: SignInVisit): HttpResponse {
  const { tx, hidden } = return_to;
  if (tx) return redirect(pathOf(ctx, "/authorize", { continue: carry(tx, ctx) }));
  return redirect(pathOf(ctx, "/sign-in", hidden));
}

/** Only a person who is signed in can go on without it: the request then gets what the sign-in has reached. */
function decline({ ctx, return_to: { tx } }: SignInVisit, { purpose }: WhoProves): HttpResponse {
  if (!tx || purpose !== "step_up")
    throw new PageError("form", { detail: "a proof can't be left out here" });
  return redirect(pathOf(ctx, "/authorize", { continue: carry({ ...tx, declined: true }, ctx) }));
}

async function show(
  { request, ctx, browser, return_to }: SignInVisit,
  who: WhoProves,
  { use, problem }: { use: ProveUse | null; problem: ProveProblem | null },
): Promise<HttpResponse> {
  const view = viewOf(request, ctx, return_to.tx?.ui_locales);
  const path = PATHS[who.purpose];
  const carried = { ...return_to.hidden, ...who.hidden };
  const ways = waysOf(who, ctx);
  const { sub, username, claims } = who.person;
  const page = provePage(
    {
      form: { action: pathOf(ctx, path), hidden: { csrf: csrfToken(browser, ctx), ...carried } },
      app: await appOf(return_to.tx, ctx),
      person: { name: typeof claims.name === "string" ? claims.name : "", username },
      purpose: who.purpose,
      use,
      ways,
      passkey: ways.includes("passkey") ? requestOptions("prove", { browser, sub }, ctx) : null,
      hrefOf: (other) => pathOf(ctx, path, { ...carried, use: other }),
      help: ctx.settings.sign_in_help ?? null,
      problem,
    },
    view,
  );
  const headers = [...browser.headers, ...retryAfter(problem)];
  const status = STATUS[problem?.kind ?? "lost"] ?? (problem ? 401 : 200);
  return pageResponse({ ...page, ...onTheWay(return_to) }, view, { status, headers });
}

const STATUS: Readonly<Record<string, number>> = { throttled: 429, busy: 503, missing: 400 };

function retryAfter(problem: ProveProblem | null): [string, string][] {
  if (problem?.kind === "throttled") return [["retry-after", String(problem.seconds)]];
  return problem?.kind === "busy" ? [["retry-after", "2"]] : [];
}
