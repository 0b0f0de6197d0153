/**
 * The clients that a session has signed in to, and the jobs that tell them of its end (OpenID Back-Channel Logout §2.3).
 * A row is kept as long as the session. It is replaced by a job in one transaction, so that each client is told once.
 */
import { uuidv7 } from "../crypto/hash.ts";
import { type Env, secondsNow } from "../operation.ts";
import type { EndClientSessions } from "../store/ending_jobs.ts";
import { newJob } from "../store/new_job.ts";
import { placeOf } from "../store/place.ts";
import type {
  ClientRecord,
  ClientSessionRecord,
  JobRecord,
  SessionRecord,
} from "../store/records.ts";

/** One session of a person, or all of theirs but one. */
export type WhichSessions =
  | { sub: string; session_id: string }
  | { sub: string; except: string | null };

export const BACKCHANNEL_LOGOUT = "backchannel_logout";

/** The payload of a job that tells one client. */
export type ToTell = Pick<ClientSessionRecord, "client_id" | "sub" | "sent_sub" | "sent_sid">;

/** Seconds for which a client is tried. */
const LIFE = 3 * 86_400;
/** Clients of one session. With more, those that were kept first are told as if it had ended. */
const MOST = 100;
/** Rows of a person that are read at a time. */
const STEP = 200;
/**
 * Seconds until a new row is looked at. The session may have ended at the moment in which the row was written, so that
 * the end has missed it.
 */
const SOON = 600;

/** @param sent the names of the person and the session in the client's ID tokens */
export const clientSession = (
  { session_id, sub }: Pick<SessionRecord, "session_id" | "sub">,
  { client_id }: Pick<ClientRecord, "client_id">,
  { sent_sub, sent_sid, now }: Pick<ToTell, "sent_sub" | "sent_sid"> & { now: number },
): ClientSessionRecord => ({
  ...{ session_id, client_id, sub, sent_sub, sent_sid },
  check_at: now + SOON,
});

/** The clients of these sessions, with the jobs that tell them: for the transaction that ends the sessions. */
export async function clientsToTell(
  which: WhichSessions,
  env: Env,
): Promise<{ told: ClientSessionRecord[]; jobs: JobRecord[] }> {
  // More than a person has, but for one who tries to have many: the sweep finds the rest.
  const kept = await env.store.listClientSessions(
    "session_id" in which ? { sub: which.sub, session_id: which.session_id } : { sub: which.sub },
    5 * STEP,
  );
  const told =
    "session_id" in which ? kept : kept.filter(({ session_id }) => session_id !== which.except);
  return { told, jobs: told.map((each) => jobFor(each, env)) };
}

/**
 * Tells the clients of a person's sessions that have ended, by whatever means. Safe to run twice.
 * @param signal aborted: leaves the rest to the next run
 * @returns the number of clients to tell
 */
export async function endClientSessions(
  { sub, all }: EndClientSessions,
  env: Env,
  signal?: AbortSignal,
): Promise<number> {
  const now = secondsNow(env);
  const sessions = new Map<string, SessionRecord>();
  for (const each of await env.store.listSessions(sub, { limit: STEP }))
    sessions.set(each.session_id, each);
  const counts = new Map<string, number>();
  const seen = new Set<string>();
  let told = 0;
  for (;;) {
    const kept = await env.store.listClientSessions({ sub }, STEP);
    const fresh = kept.filter((each) => !seen.has(keyOf(each)));
    if (fresh.length === 0 || signal?.aborted) return told;
    for (const each of fresh) {
      seen.add(keyOf(each));
      const count = (counts.get(each.session_id) ?? 0) + 1;
      counts.set(each.session_id, count);
      const session = sessions.get(each.session_id);
      const end = session && !all && count <= MOST ? endOf(session, env) : now;
      if (end > now) await env.store.postponeClientSession(each, Math.max(end, now + SOON));
      else if (await env.store.endClientSession(each, jobFor(each, env))) told += 1;
    }
  }
}

const keyOf = ({ session_id, client_id }: ClientSessionRecord): string =>
  JSON.stringify([session_id, client_id]);

/** When the session ends if nobody uses it any more. */
const endOf = ({ seen_at, expires_at }: SessionRecord, { settings }: Env): number =>
  Math.min(expires_at, seen_at + settings.lifetimes.session_idle);

/** Each try makes a token of its own, so that the job holds none. */
function jobFor({ client_id, sub, sent_sub, sent_sid }: ClientSessionRecord, env: Env): JobRecord {
  const payload: ToTell = { client_id, sub, sent_sub, sent_sid };
  const job_id = uuidv7(Math.floor(env.clock()));
  const job = { job_id, place: placeOf(sub), kind: BACKCHANNEL_LOGOUT, payload };
  return newJob(job, { now: secondsNow(env), life: LIFE });
}
