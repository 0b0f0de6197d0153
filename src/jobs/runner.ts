/**
 * Takes due jobs from the store, and runs them. One node at a time holds a job. A node that died or stalled loses it
 * when its lease ends, so that each job runs at least once.
 */
import type { Server } from "../context.ts";
import { type Repeating, repeat, within } from "./repeat.ts";
import { type JobKind, type LeaseTimes, type RunningJob, runJob } from "./run_job.ts";

export interface RunnerOptions extends LeaseTimes {
  /** Seconds between two searches for due jobs. */
  every: number;
  /** Seconds that a stopping server waits for running jobs, before it gives them back. */
  grace: number;
  /** Jobs that run at the same time. */
  at_once: number;
}

export const OPTIONS: RunnerOptions = { lease: 60, renew: 20, every: 5, grace: 5, at_once: 4 };

/** @param kinds jobs of other kinds are left to nodes that know them */
export function jobRunner(
  server: Server,
  kinds: readonly JobKind[],
  options: RunnerOptions = OPTIONS,
): Repeating {
  const { store, clock, log } = server;
  const known = new Map(kinds.map((each) => [each.kind, each]));
  const running = new Set<RunningJob>();
  /** The last search took as many jobs as there was room for: there may be more. */
  let more = false;
  let stopping: Promise<void> | null = null;
  const loop = repeat({ name: "jobs", every: options.every, run: look }, log);

  async function look(): Promise<boolean> {
    const limit = options.at_once - running.size;
    if (limit === 0) return false;
    // Requests refresh the cached directory, and there may be no request.
    await store.currentState();
    const now = Math.floor(clock() / 1000);
    const until = now + options.lease;
    const jobs = await store.leaseJobs({ kinds: [...known.keys()], now, until, limit });
    for (const job of jobs) {
      const kind = known.get(job.kind);
      if (kind) keep(runJob(job, kind, { server, times: options }));
    }
    more = jobs.length === limit;
    return false;
  }

  function keep(job: RunningJob): void {
    running.add(job);
    void job.done.then(() => {
      running.delete(job);
      if (more) loop.wake();
    });
  }

  async function stop(): Promise<void> {
    const settled = loop.stop().then(() => Promise.all([...running].map(({ done }) => done)));
    await within(options.grace, settled);
    // So that no other node has to wait for the end of these leases.
    await Promise.all([...running].map((job) => job.giveBack()));
  }

  return {
    start: loop.start,
    wake: loop.wake,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
