/** The part of a store that keeps which clients to tell when a session ends. */
import type { ClientSessionRecord, JobRecord } from "./records.ts";

/** The clients that people are signed in to by their sessions. */
export interface ClientSessionStore {
  /** Those of a person, or of one session; at most `limit`, the one to be checked first. */
  listClientSessions(
    which: { sub: string; session_id?: string },
    limit: number,
  ): Promise<ClientSessionRecord[]>;
  /** Those of all people that are to be checked, at most `limit`. */
  listDueClientSessions(now: number, limit: number): Promise<ClientSessionRecord[]>;
  /** Forgets it, and writes the job that tells its client. False: another node was faster. */
  endClientSession(which: ClientSessionRecord, job: JobRecord): Promise<boolean>;
  postponeClientSession(which: ClientSessionRecord, check_at: number): Promise<void>;
}
