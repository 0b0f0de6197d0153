/** Judges the proof that a form holds, by one of the ways that the account has. */
import { assertPasskey } from "../factors/assert_passkey.ts";
import { tryRecoveryCode, tryTotp } from "../factors/try_second_factor.ts";
import { PageError } from "../http/page.ts";
import type { Proof } from "../oauth/assurance.ts";
import type { Params } from "../oauth/params.ts";
import type { ProveProblem } from "../pages/prove.ts";
import { TooBusy } from "../people/password.ts";
import type { SignInVisit } from "./finish_proof.ts";
import { knownPeople } from "./known_people.ts";
import { tryPassword } from "./sign_in_limit.ts";
import { type WhoProves, waysOf } from "./who_proves.ts";

type Outcome = { proof: Proof; holds?: () => Promise<boolean> } | { problem: ProveProblem };

/** @throws PageError `form` for a way that the account does not have */
export async function proofIn(
  params: Params,
  who: WhoProves,
  visit: SignInVisit,
): Promise<Outcome> {
  const way = params.get("way") ?? "";
  if (!waysOf(who, visit.ctx).some((each) => each === way))
    throw new PageError("form", { detail: "the account has no such way to prove it" });
  const outcome = await judge(way, params, { who, visit });
  if ("problem" in outcome) report(way, outcome.problem, visit);
  return outcome;
}

function judge(
  way: string,
  params: Params,
  { who, visit }: { who: WhoProves; visit: SignInVisit },
): Promise<Outcome> {
  if (way === "passkey") return byPasskey(params, who, visit);
  return way === "pwd" ? byPassword(params, who, visit) : byCode(way, params, { who, visit });
}

async function byPasskey(params: Params, who: WhoProves, visit: SignInVisit): Promise<Outcome> {
  const posted = { ceremony: params.get("ceremony"), credential: params.get("credential") };
  const { sub } = who.person;
  const asserted = await assertPasskey({ ...posted, purpose: "prove", sub }, visit);
  return "problem" in asserted
    ? { problem: { kind: "passkey", why: asserted.problem } }
    : { proof: asserted.proof, holds: asserted.holds };
}

async function byPassword(params: Params, who: WhoProves, visit: SignInVisit): Promise<Outcome> {
  const { request, ctx } = visit;
  const { username: login, sub } = who.person;
  const password = params.get("password") ?? "";
  if (password === "") return { problem: { kind: "missing" } };
  if (password.length > ctx.settings.limits.password) return { problem: { kind: "wrong" } };
  const known = knownPeople(request, ctx);
  try {
    const attempt = { login, password, address: request.address, known };
    const verdict = await tryPassword(attempt, ctx);
    if ("problem" in verdict)
      return verdict.problem === "throttled"
        ? { problem: { kind: "throttled", seconds: verdict.seconds } }
        : { problem: { kind: "wrong" } };
    if (verdict.person.sub !== sub) return { problem: { kind: "wrong" } };
    return { proof: { kind: "pwd", at: ctx.now }, holds: verdict.holds };
  } catch (error) {
    if (error instanceof TooBusy) return { problem: { kind: "busy" } };
    throw error;
  }
}

async function byCode(
  way: string,
  params: Params,
  { who, visit }: { who: WhoProves; visit: SignInVisit },
): Promise<Outcome> {
  const { ctx } = visit;
  const { sub } = who.person;
  const code = params.get("code") ?? "";
  if (code === "") return { problem: { kind: "missing" } };
  try {
    const tried =
      way === "totp" ? await tryTotp(sub, code, ctx) : await tryRecoveryCode(sub, code, ctx);
    if ("proof" in tried) return tried;
    if (tried.problem === "throttled")
      return { problem: { kind: "throttled", seconds: tried.seconds } };
    return { problem: { kind: tried.problem } };
  } catch (error) {
    if (error instanceof TooBusy) return { problem: { kind: "busy" } };
    throw error;
  }
}

function report(way: string, { kind }: ProveProblem, { request, ctx }: SignInVisit): void {
  const { address } = request;
  ctx.log.info("proof refused", { event_id: ctx.event_id, way, problem: kind, address });
}
