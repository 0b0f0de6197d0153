/** Ends grants of clients, and records that are on other nodes than the directory. */
import { ENDING_KINDS, runEndingJob } from "../store/ending_jobs.ts";
import type { JobKind } from "./run_job.ts";

export const endings: readonly JobKind[] = ENDING_KINDS.map((kind) => ({
  kind,
  run: (job, { server, signal }) => runEndingJob(job, server.store, signal),
}));
