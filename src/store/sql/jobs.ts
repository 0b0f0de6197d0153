/** Jobs, in SQL: one conditional write takes a job, and finishing it requires the same lease. */
import type { JobRecord } from "../records.ts";
import type { JobStore } from "../store.ts";
import { insertJobs, JOB } from "./alongside.ts";
import type { SqlDriver } from "./driver.ts";

const LEASED = "job_id = ? AND place = ? AND lease_no = ?";
const leased = ({ job_id, place, lease_no }: JobRecord) => [job_id, place, lease_no];

export function sqlJobs(db: SqlDriver): JobStore {
  async function change(sql: string, args: readonly (string | number)[]): Promise<boolean> {
    return (await db.write(sql, args)).changed === 1;
  }

  return {
    async addJobs(jobs) {
      await db.writeAll(insertJobs(jobs));
    },

    async leaseJobs({ kinds, now, until, limit }) {
      const marks = kinds.map(() => "?").join(", ");
      const due = `${JOB.select} WHERE due_at <= ? AND leased_until <= ? AND kind IN (${marks})
        ORDER BY due_at, job_id LIMIT ?`;
      const rows = await db.read(due, [now, now, ...kinds, limit]);
      const taken: JobRecord[] = [];
      for (const job of rows.map(JOB.parse)) {
        const { lease_no, attempts } = job;
        const mine = await change(
          `UPDATE job SET leased_until = ?, lease_no = ?, attempts = ? WHERE ${LEASED}`,
          [until, lease_no + 1, attempts + 1, ...leased(job)],
        );
        if (mine)
          taken.push({
            ...job,
            leased_until: until,
            lease_no: lease_no + 1,
            attempts: attempts + 1,
          });
      }
      return taken;
    },

    renewLease: (job, until) =>
      change(`UPDATE job SET leased_until = ? WHERE ${LEASED}`, [until, ...leased(job)]),

    finishJob: (job) => change(`DELETE FROM job WHERE ${LEASED}`, leased(job)),

    // The lease ends, and its number with it: a stalled node can't come back to it.
    postponeJob: (job, { due_at, error }) =>
      change(
        `UPDATE job SET due_at = ?, error = ?, leased_until = 0, lease_no = ? WHERE ${LEASED}`,
        [due_at, error, job.lease_no + 1, ...leased(job)],
      ),
  };
}
