/** The one door through which sessions end: the rows go, and the event of it is written in the same transaction. */
import { audit, type Context } from "../context.ts";
import type { AuditRecord } from "../store/audit.ts";
import type { JobRecord } from "../store/records.ts";

/** One session of a person, or all of theirs but one. */
export type WhichSessions =
  | { sub: string; session_id: string }
  | { sub: string; except: string | null };

export interface Ending {
  /**
   * `ended`: chosen from the list of sessions. `replaced`: somebody else signed in there. `proof_lapsed`: the password
   * was changed while it was being checked. `too_many`: a newer session took its place.
   */
  reason: "signed_out" | "ended" | "replaced" | "proof_lapsed" | "too_many";
  actor: AuditRecord["actor"];
  address: string | null;
  /** What is told to others because of it. */
  jobs?: readonly JobRecord[];
}

/**
 * Grants that are tied to a session end with it.
 * @returns how many sessions ended; 0: there was none, and nothing was written
 */
export async function endSessions(
  which: WhichSessions,
  { reason, actor, address, jobs = [] }: Ending,
  ctx: Pick<Context, "store" | "now_ms" | "event_id" | "settings">,
): Promise<number> {
  // Named one by one: the hash of a session's secret stays out of the event.
  const named = "session_id" in which ? { session_id: which.session_id } : { except: which.except };
  const details = { reason, ...named };
  const events = [audit("session_ended", { actor, sub: which.sub, address, details }, ctx)];
  return ctx.store.endSessions(which, { events, jobs });
}
