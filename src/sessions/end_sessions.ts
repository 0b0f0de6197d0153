/**
 * Ends sessions: deletes the rows, and writes the event and the jobs that tell their clients in the same transaction.
 * Operations that end more than sessions, such as a new password, name them in the `ends` of their own write.
 */
import { type Actor, type Env, eventOf } from "../operation.ts";
import { clientsToTell, type WhichSessions } from "./client_sessions.ts";

export interface Ending {
  /**
   * `ended`: chosen from the list of sessions. `replaced`: the browser would have held too many accounts. `proof_lapsed`: the password
   * was changed while it was being checked. `too_many`: a newer session took its place.
   */
  reason: "signed_out" | "ended" | "replaced" | "proof_lapsed" | "too_many";
  by: Actor;
  /** The app that asked for it. */
  client_id?: string | null;
}

/**
 * Grants that are tied to a session end with it.
 * @returns the number of ended sessions; 0: there was none, and nothing was written
 */
export async function endSessions(
  which: WhichSessions,
  { reason, by, client_id = null }: Ending,
  env: Env,
): Promise<number> {
  // The members are named one by one, so that the hash of a session's secret stays out of the event.
  const named = "session_id" in which ? { session_id: which.session_id } : { except: which.except };
  const asked = client_id === null ? {} : { client_id };
  const about = { by, sub: which.sub, ...asked, details: { reason, ...named } };
  const events = [eventOf("session_ended", about, env)];
  const { told, jobs } = await clientsToTell(which, env);
  const ended = await env.store.endSessions(which, { events, jobs, told });
  if (ended > 0 && jobs.length > 0) env.wakeJobs?.();
  return ended;
}
