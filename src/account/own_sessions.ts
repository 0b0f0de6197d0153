/** A signed-in person sees their own sessions, and ends them. */
import { isSessionLive } from "../context.ts";
import type { Params } from "../oauth/params.ts";
import type { SessionView } from "../pages/account/session_row.ts";
import { endSessions } from "../sessions/end_sessions.ts";
import type { AccountVisit } from "./visit.ts";

const MOST = 200;

export async function ownSessions({ ctx, session }: AccountVisit): Promise<SessionView[]> {
  const { person, record } = session;
  const sessions = await ctx.store.listSessions(person.sub, { limit: MOST });
  return sessions
    .filter((each) => isSessionLive(each, person, ctx))
    .map((each) => ({
      id: each.session_id,
      this_one: each.session_id === record.session_id,
      user_agent: each.user_agent || null,
      network: each.network || null,
      since: each.created_at,
      last_seen: each.seen_at,
    }));
}

/** Nothing happens for a session that is not the person's own. */
export async function endSession(
  params: Params,
  { ctx, session, by }: AccountVisit,
): Promise<void> {
  const own = await ctx.store.listSessions(session.record.sub, { limit: MOST });
  const chosen = own.find(({ session_id }) => session_id === params.get("session"));
  if (chosen) await endSessions(chosen, { reason: "ended", by }, ctx);
}

export async function endOtherSessions({ ctx, session, by }: AccountVisit): Promise<void> {
  const { sub, session_id: except } = session.record;
  await endSessions({ sub, except }, { reason: "ended", by }, ctx);
}
