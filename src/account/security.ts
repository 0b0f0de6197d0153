/** Password and sessions of a signed-in person. */

import { knownPeople } from "../authentication/known_people.ts";
import { passwordProblem } from "../authentication/new_account.ts";
import { tryPassword } from "../authentication/sign_in_limit.ts";
import { audit, type Context, isSessionLive } from "../context.ts";
import { readQuery } from "../http/body.ts";
import { type HttpRequest, type HttpResponse, redirect, withHeaders } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { type SecurityProps, securityPage } from "../pages/account/security.ts";
import { TooBusy } from "../people/password.ts";
import { startSession } from "../sessions/session.ts";
import { type AccountVisit, actFor, showFor, unknownIntent } from "./visit.ts";

const DONE = ["password_changed", "session_ended", "sessions_ended"] as const;
const HERE = "/account/security";

export const showSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  showFor(HERE, { request, ctx }, (visit) => {
    const asked = readQuery(request, ctx).get("done");
    return show(visit, { errors: {}, done: DONE.find((each) => each === asked) ?? null });
  });

export const changeSecurity = (request: HttpRequest, ctx: Context): Promise<HttpResponse> =>
  actFor(HERE, { request, ctx }, async (params, visit) => {
    const { record, person } = visit.session;
    const { address } = request;
    switch (params.get("intent")) {
      case "change_password":
        return changePassword(params, visit);
      case "end_session": {
        const own = await ctx.store.listSessions(person.sub, { limit: 200 });
        const chosen = own.find(({ session_id }) => session_id === params.get("session"));
        const events = [audit("session_ended", { actor: "person", sub: person.sub, address }, ctx)];
        if (chosen) await ctx.store.endSessions({ session_id: chosen.session_id }, { events });
        return done("session_ended", ctx);
      }
      case "end_other_sessions": {
        const about = { actor: "person", sub: person.sub, address } as const;
        const events = [audit("other_sessions_ended", about, ctx)];
        await ctx.store.endSessions({ sub: person.sub, except: record.session_id }, { events });
        return done("sessions_ended", ctx);
      }
      default:
        throw unknownIntent();
    }
  });

const done = (what: (typeof DONE)[number], ctx: Context): HttpResponse =>
  redirect(pathOf(ctx, HERE, { done: what }));

/** Whoever changes it proves to know it; then every other session ends, since one may be a thief's. */
async function changePassword(params: Params, visit: AccountVisit): Promise<HttpResponse> {
  const { request, ctx, session } = visit;
  const { person, record } = session;
  const current = params.get("current_password") ?? "";
  const wanted = params.get("new_password") ?? "";
  const problem = passwordProblem(wanted, ctx);
  if (problem) return show(visit, { errors: { new_password: problem } }, 400);
  if (current === "") return show(visit, { errors: { current_password: "missing" } }, 400);
  if (!ctx.users.changePassword) throw unknownIntent();
  try {
    const known = knownPeople(request, ctx);
    const { username: login } = person;
    const attempt = { login, password: current, address: request.address, known };
    const verdict = await tryPassword(attempt, ctx);
    if ("problem" in verdict && verdict.problem === "throttled") {
      const { seconds } = verdict;
      return show(visit, { errors: {}, problem: { kind: "throttled", seconds } }, 429);
    }
    if (!("person" in verdict) || verdict.person.sub !== person.sub)
      return show(visit, { errors: { current_password: "wrong" } }, 400);
    // Before and after: when the second one fails, nobody who was in stays in all the same.
    await ctx.store.endSessions({ sub: person.sub, except: record.session_id });
    await ctx.users.changePassword(person.sub, wanted);
  } catch (error) {
    if (!(error instanceof TooBusy)) throw error;
    return show(visit, { errors: {}, problem: { kind: "busy" } }, 503);
  }
  await ctx.store.endSessions({ sub: person.sub, except: record.session_id });
  const { address } = request;
  const about = { actor: "person", sub: person.sub, address } as const;
  await ctx.store.appendAudit([audit("password_changed", about, ctx)]);
  ctx.log.info("password changed", { event_id: ctx.event_id, sub: person.sub });
  const { amr, signed_in_for } = record;
  const cookies = await startSession({ person, amr, signed_in_for }, request, ctx);
  return withHeaders(done("password_changed", ctx), cookies);
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
          since: each.created_at,
          last_seen: each.seen_at,
        })),
    },
    view,
  );
  return render(page, status);
}
