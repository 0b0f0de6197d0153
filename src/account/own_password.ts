/** A signed-in person changes their own password. */

import { finishProof } from "../authentication/finish_proof.ts";
import { strongProof } from "../authentication/fresh_proof.ts";
import { knownPeople } from "../authentication/known_people.ts";
import { passwordProblem } from "../authentication/new_account.ts";
import { toPage } from "../authentication/return_to.ts";
import { tryPassword } from "../authentication/sign_in_limit.ts";
import { sealDone } from "../http/just_done.ts";
import type { HttpResponse } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { noticeJobs } from "../mail/notices.ts";
import type { Proofs } from "../oauth/assurance.ts";
import type { Params } from "../oauth/params.ts";
import type { SecurityProps } from "../pages/account/security.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { changePassword as changeOwnPassword } from "../people/change_password.ts";
import { TooBusy } from "../people/password.ts";
import { accountIn, ProofLapsed, sessionsOf } from "../sessions/session.ts";
import { showSecurityPage as show } from "./show_security.ts";
import { type AccountVisit, signedOutMeanwhile, unknownIntent } from "./visit.ts";

/** Requires the old password. Every other session then ends, since one may be a thief's. */
export async function changePassword(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx } = visit;
  const wanted = params.get("new_password") ?? "";
  const current = params.get("current_password") ?? "";
  const problem = passwordProblem(wanted, ctx);
  const of_new = problem ? { new_password: problem } : {};
  if (current === "")
    return show(visit, { errors: { current_password: "missing", ...of_new } }, 400);
  if (!ctx.users.changePassword) throw unknownIntent();
  const stale = await strongProof(visit.session, pathOf(ctx, ACCOUNT_PAGES.security), visit);
  if (stale) return stale;
  try {
    const revoke = params.get("revoke") === "yes";
    return await replace({ current, wanted, revoke, of_new }, visit);
  } catch (error) {
    if (error instanceof ProofLapsed) return signedOutMeanwhile("security", ctx);
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { errors: {}, problem: { kind: "busy" } }, 503);
  }
}

interface Replacement {
  current: string;
  wanted: string;
  revoke: boolean;
  /** The problem of the new password, which is told together with a wrong current one. */
  of_new: Pick<SecurityProps["errors"], "new_password">;
}

/** @throws ProofLapsed when another password has replaced this one already */
async function replace(
  { current, wanted, revoke, of_new }: Replacement,
  visit: AccountVisit,
): Promise<HttpResponse> {
  const { request, ctx, session, by } = visit;
  const { person, record } = session;
  const wrong = () => show(visit, { errors: { current_password: "wrong", ...of_new } }, 400);
  const known = knownPeople(request, ctx);
  const attempt = { login: person.username, password: current, address: request.address, known };
  const verdict = await tryPassword(attempt, ctx);
  if ("problem" in verdict && verdict.problem === "throttled") {
    const { seconds } = verdict;
    return show(visit, { errors: of_new, problem: { kind: "throttled", seconds } }, 429);
  }
  if (!("person" in verdict) || verdict.person.sub !== person.sub) return wrong();
  if (of_new.new_password) return show(visit, { errors: of_new }, 400);
  const { language } = visit.view;
  const jobs = noticeJobs({ what: "password_changed" }, { person, request, language }, ctx);
  const change = { password: wanted, mark: verdict.mark, session: record, revoke, jobs };
  const changed = await changeOwnPassword(change, by, ctx);
  // An operator set another password, or ended the session, while this password waited to be hashed.
  if (!changed) {
    const still = accountIn(visit.frame.account, await sessionsOf(request, ctx));
    return still ? wrong() : signedOutMeanwhile("security", ctx);
  }
  ctx.wakeJobs();
  ctx.log.info("password changed", { event_id: ctx.event_id, sub: person.sub });
  const told = revoke ? "password_changed_all" : "password_changed";
  const proof = { kind: "pwd", at: ctx.now } as const;
  const [first, ...others] = record.proofs;
  // The session keeps its level: a stronger proof was asked for before the change.
  const proofs: Proofs = first.kind === "pwd" ? [proof, ...others] : record.proofs;
  const proved = { person, proof, proofs, holds: changed.holds };
  return finishProof(proved, {
    ...visit,
    return_to: toPage(ctx, "security", { done: sealDone(told, person.sub, ctx) }),
  });
}
