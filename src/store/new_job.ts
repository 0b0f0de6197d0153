/** A job that no node has leased yet. */
import type { JobRecord } from "./records.ts";

/**
 * @param times.now seconds since the epoch; the job is due at once
 * @param times.life seconds after which it is given up
 */
export const newJob = (
  { payload, ...job }: Pick<JobRecord, "job_id" | "place" | "kind"> & { payload: object },
  { now, life }: { now: number; life: number },
): JobRecord => ({
  ...job,
  payload: JSON.stringify(payload),
  due_at: now,
  leased_until: 0,
  lease_no: 0,
  attempts: 0,
  error: null,
  expires_at: now + life,
});
