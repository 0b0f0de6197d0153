/**
 * Runs one job under its lease, which is renewed meanwhile. When another node has taken the job over, the outcome here
 * does not count: finishing requires the same lease.
 */
import type { Server } from "../context.ts";
import type { JobRecord } from "../store/records.ts";

export interface JobKind {
  kind: string;
  /**
   * Has to be safe to run twice. An error makes the job be tried again later. The message is stored with the job, and
   * must hold no secret.
   */
  run(job: JobRecord, env: JobEnv): Promise<void>;
  /** Called for a job that is past its end, before it is removed. Has to be safe to run twice. */
  givenUp?(job: JobRecord, env: JobEnv): Promise<void>;
}

/** The job is to be tried again, and not before `seconds` have passed. */
export class TryLater extends Error {
  override readonly name = "TryLater";
  readonly seconds: number;
  /** Nothing was tried, so that there is nothing to log, and the pauses do not grow. */
  readonly quiet: boolean;
  constructor(seconds: number, message: string, { quiet = false } = {}) {
    super(message);
    this.seconds = seconds;
    this.quiet = quiet;
  }
}

export interface JobEnv {
  server: Server;
  /** Aborted when the outcome no longer counts: another node has the job, or this server stops. */
  signal: AbortSignal;
}

/** Seconds that a lease lasts, and seconds between two renewals. */
export interface LeaseTimes {
  lease: number;
  renew: number;
}

export interface RunningJob {
  /** Never rejects. */
  done: Promise<void>;
  /** Lets another node take the job at once. */
  giveBack(): Promise<void>;
}

/** Seconds before a job is tried again: 5, 10, 20 and so on, and an hour at most. */
const pauseAfter = (attempts: number): number => Math.min(3600, 5 * 2 ** (attempts - 1));
/** Characters of an error that are kept. */
const LONGEST = 300;

/** @param job leased a moment ago */
export function runJob(
  job: JobRecord,
  kind: JobKind,
  { server, times }: { server: Server; times: LeaseTimes },
): RunningJob {
  const { store, clock, log } = server;
  const lease = new AbortController();
  const now = () => Math.floor(clock() / 1000);
  const told = { job_id: job.job_id, kind: job.kind, attempts: job.attempts };

  async function work(): Promise<void> {
    const timer = setInterval(renew, times.renew * 1000);
    timer.unref();
    try {
      const env = { server, signal: lease.signal };
      if (job.expires_at <= now()) return await giveUp(env);
      await kind.run(job, env);
      if (!lease.signal.aborted && !(await store.finishJob(job))) lost();
    } catch (error) {
      if (!lease.signal.aborted) await postpone(error);
    } finally {
      clearInterval(timer);
    }
  }

  async function giveUp(env: JobEnv): Promise<void> {
    await kind.givenUp?.(job, env);
    if (await store.finishJob(job)) log.warn("job was given up", { ...told, why: job.error });
  }

  async function postpone(cause: unknown): Promise<void> {
    const error = (cause instanceof Error ? cause.message : String(cause)).slice(0, LONGEST);
    const quiet = cause instanceof TryLater && cause.quiet;
    if (!quiet) log.warn("job failed", { ...told, why: error });
    const least = cause instanceof TryLater ? cause.seconds : 0;
    const due_at = now() + Math.max(least, quiet ? 0 : pauseAfter(job.attempts));
    // While the database is away, the lease expires by itself, and the job is then taken again.
    await store.postponeJob(job, { due_at, error }).catch(() => {});
  }

  async function renew(): Promise<void> {
    // While the database is away the outcome is unknown: the lease may still be held when the database comes back.
    const ours = await store.renewLease(job, now() + times.lease).catch(() => true);
    if (!ours) lost();
  }

  function lost(): void {
    if (lease.signal.aborted) return;
    lease.abort();
    log.warn("job was taken over by another node", told);
  }

  return {
    done: work(),
    async giveBack() {
      lease.abort();
      const later = { due_at: now(), error: "the server stopped" };
      await store.postponeJob(job, later).catch(() => {});
    },
  };
}
