/** Password and sessions of a signed-in person. */

import { finishProof } from "../authentication/finish_proof.ts";
import { knownPeople } from "../authentication/known_people.ts";
import { passwordProblem } from "../authentication/new_account.ts";
import { toPage } from "../authentication/return_to.ts";
import { tryPassword } from "../authentication/sign_in_limit.ts";
import { type Context, isSessionLive } from "../context.ts";
import { readQuery } from "../http/body.ts";
import { openDone, sealDone } from "../http/just_done.ts";
import { type HttpRequest, type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type SecurityProps, securityPage } from "../pages/account/security.ts";
import { ACCOUNT_PAGES } from "../pages/paths.ts";
import { changePassword as changeOwnPassword } from "../people/change_password.ts";
import { TooBusy } from "../people/password.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import { accountIn, ProofLapsed, sessionsOf } from "../sessions/session.ts";
import { type AccountVisit, actFor, showFor, signedOutMeanwhile, unknownIntent } from "./visit.ts";

const DONE = [
  "password_changed",
  "password_changed_all",
  "session_ended",
  "sessions_ended",
] as const;

export const showSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor("security", { request, ctx }, (visit) => {
    const { sub } = visit.session.person;
    const what = openDone(readQuery(request, ctx).get("done"), sub, ctx);
    return show(visit, { errors: {}, done: DONE.find((each) => each === what) ?? null });
  });

export const changeSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor("security", { request, ctx }, async (params, visit) => {
    const { session, by } = visit;
    const { sub, session_id: except } = session.record;
    switch (params.get("intent")) {
      case "change_password":
        return changePassword(params, visit);
      case "end_session": {
        const own = await ctx.store.listSessions(sub, { limit: 200 });
        const chosen = own.find(({ session_id }) => session_id === params.get("session"));
        if (chosen) await endSessions(chosen, { reason: "ended", by }, ctx);
        return done("session_ended", sub, ctx);
      }
      case "end_other_sessions":
        await endSessions({ sub, except }, { reason: "ended", by }, ctx);
        return done("sessions_ended", sub, ctx);
      default:
        throw unknownIntent();
    }
  });

const done = (what: (typeof DONE)[number], sub: string, ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, ACCOUNT_PAGES.security, { done: sealDone(what, sub, ctx) }));

/** Requires the old password. Every other session then ends, since one may be a thief's. */
async function changePassword(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { ctx } = visit;
  const wanted = params.get("new_password") ?? "";
  const current = params.get("current_password") ?? "";
  const problem = passwordProblem(wanted, ctx);
  const of_new = problem ? { new_password: problem } : {};
  if (current === "")
    return show(visit, { errors: { current_password: "missing", ...of_new } }, 400);
  if (!ctx.users.changePassword) throw unknownIntent();
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
  const change = { password: wanted, mark: verdict.mark, session: record, revoke };
  const changed = await changeOwnPassword(change, by, ctx);
  // An operator set another password, or ended the session, while this password waited to be hashed.
  if (!changed) {
    const still = accountIn(visit.frame.account, await sessionsOf(request, ctx));
    return still ? wrong() : signedOutMeanwhile("security", ctx);
  }
  ctx.log.info("password changed", { event_id: ctx.event_id, sub: person.sub });
  const told = revoke ? "password_changed_all" : "password_changed";
  const proof = { kind: "pwd", at: ctx.now } as const;
  const proved = { person, proof, holds: changed.holds };
  return finishProof(proved, {
    ...visit,
    return_to: toPage(ctx, "security", { done: sealDone(told, person.sub, ctx) }),
  });
}

async function show(
  { ctx, session, frame, view, render }: AccountVisit,
  props: Pick<SecurityProps, "errors" | "done" | "problem">,
  status = 200,
): Promise<HttpResponse> {
  const sessions = await ctx.store.listSessions(session.person.sub, { limit: 200 });
  const page = securityPage(
    {
      frame,
      can_change_password: ctx.users.changePassword !== undefined,
      ...props,
      sessions: sessions
        .filter((each) => isSessionLive(each, session.person, ctx))
        .map((each) => ({
          id: each.session_id,
          this_one: each.session_id === session.record.session_id,
          user_agent: each.user_agent || null,
          network: each.network || null,
          since: each.created_at,
          last_seen: each.seen_at,
        })),
    },
    view,
  );
  return render(page, status);
}
