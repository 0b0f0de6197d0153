/** Stored jobs: each is leased by one node at a time. */
import type { JobRecord } from "./records.ts";

export interface JobStore {
  addJobs(jobs: readonly JobRecord[]): Promise<void>;
  /**
   * Takes due jobs that no node works on, each with one conditional write, so that one node gets it.
   * @param lease.until the time from which another node may take it over
   */
  leaseJobs(lease: {
    kinds: readonly string[];
    now: number;
    until: number;
    limit: number;
  }): Promise<JobRecord[]>;
  /** Jobs of a kind, whether or not a node works on them, the oldest first: ordered by id. */
  listJobs(kind: string, page: { after?: string | undefined; limit: number }): Promise<JobRecord[]>;
  /** False: another node has taken the job over. */
  renewLease(job: JobRecord, until: number): Promise<boolean>;
  /** Removes the job. False: another node has taken it over. */
  finishJob(job: JobRecord): Promise<boolean>;
  /** Gives the job back, to be tried again. False: another node has taken it over. */
  postponeJob(job: JobRecord, later: { due_at: number; error: string }): Promise<boolean>;
}
