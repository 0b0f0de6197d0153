/** Jobs, in SQL: one conditional write takes a job, and finishing it requires the same lease. */

import type { JobStore } from "../job_store.ts";
import type { JobRecord } from "../records.ts";
import { DIRECTORY_JOB, insertJob, PERSON_JOB } from "./alongside.ts";
import { writeApart } from "./apart.ts";
import type { SqlDriver, Value, Values } from "./driver.ts";

type Lease = Parameters<JobStore["leaseJobs"]>[0];

/** `UPDATE` or `DELETE` of one job, as long as nobody else has taken it. */
const leased = ({ job_id, place, lease_no }: JobRecord): [where: string, args: Value[]] =>
  place === null
    ? ["job_id = ? AND lease_no = ?", [job_id, lease_no]]
    : ["job_id = ? AND place = ? AND lease_no = ?", [job_id, place, lease_no]];

const tableOf = ({ place }: JobRecord) => (place === null ? DIRECTORY_JOB : PERSON_JOB).table;

export function sqlJobs(db: SqlDriver, isSpread: () => boolean): JobStore {
  async function change(job: JobRecord, set: Readonly<Record<string, Value>>): Promise<boolean> {
    const names = Object.keys(set).map((name) => `${name} = ?`);
    const [where, args] = leased(job);
    const sql = `UPDATE ${tableOf(job)} SET ${names.join(", ")} WHERE ${where}`;
    return (await db.write(sql, [...Object.values(set), ...args])).changed === 1;
  }

  async function due({ kinds, now, limit }: Lease): Promise<JobRecord[]> {
    const marks = kinds.map(() => "?").join(", ");
    const where = `WHERE due_at <= ? AND leased_until <= ? AND kind IN (${marks})
      ORDER BY due_at, job_id LIMIT ?`;
    const args = [now, now, ...kinds, limit];
    const ofDirectory = (await db.readValues(`${DIRECTORY_JOB.select} ${where}`, args)).map(
      (row): JobRecord => ({ ...DIRECTORY_JOB.parse(row), place: null }),
    );
    try {
      const ofPeople = (await db.readValues(`${PERSON_JOB.select} ${where}`, args)).map(
        PERSON_JOB.parse,
      );
      return [...ofDirectory, ...ofPeople].sort(byAge).slice(0, limit);
    } catch (error) {
      // A node with jobs of people is away. The jobs of the directory do not wait for it.
      if (ofDirectory.length > 0) return ofDirectory;
      throw error;
    }
  }

  return {
    addJobs: (jobs) =>
      writeApart(
        db,
        jobs.map((job) => ({ ...insertJob(job), place: job.place })),
        isSpread(),
      ),

    async leaseJobs(lease) {
      const taken: JobRecord[] = [];
      for (const job of await due(lease)) {
        const mine = {
          leased_until: lease.until,
          lease_no: job.lease_no + 1,
          attempts: job.attempts + 1,
        };
        if (await change(job, mine)) taken.push({ ...job, ...mine });
      }
      return taken;
    },

    async listJobs(kind, { after = "", limit }) {
      const where = "WHERE job_id > ? AND kind = ? ORDER BY job_id LIMIT ?";
      const args = [after, kind, limit];
      const [ofDirectory, ofPeople] = await Promise.all([
        db.readValues(`${DIRECTORY_JOB.select} ${where}`, args),
        db.readValues(`${PERSON_JOB.select} ${where}`, args),
      ]);
      const jobs = [...ofDirectory.map(ofNobody), ...ofPeople.map(PERSON_JOB.parse)];
      return jobs.sort(byId).slice(0, limit);
    },

    renewLease: (job, until) => change(job, { leased_until: until }),

    async finishJob(job) {
      const [where, args] = leased(job);
      return (await db.write(`DELETE FROM ${tableOf(job)} WHERE ${where}`, args)).changed === 1;
    },

    // The lease ends and its number rises, so that a stalled node can't come back to it.
    postponeJob: (job, { due_at, error }) =>
      change(job, { due_at, error, leased_until: 0, lease_no: job.lease_no + 1 }),
  };
}

const ofNobody = (row: Values): JobRecord => ({ ...DIRECTORY_JOB.parse(row), place: null });
const byId = (one: JobRecord, two: JobRecord): number => (one.job_id < two.job_id ? -1 : 1);
const byAge = (one: JobRecord, two: JobRecord): number =>
  one.due_at - two.due_at || (one.job_id < two.job_id ? -1 : 1);
