/** Imported by each process of a job test: the parts of a server on one database, with a job runner that the test times. */
import { setTimeout as wait } from "node:timers/promises";
import { assemble } from "../../src/authorization_server.ts";
import { parseConfig } from "../../src/config.ts";
import { uuidv7 } from "../../src/crypto/hash.ts";
import { serverSecrets } from "../../src/crypto/server_secret.ts";
import type { JobKind } from "../../src/jobs/run_job.ts";
import { jobRunner } from "../../src/jobs/runner.ts";
import { placeOf } from "../../src/store/place.ts";
import type { JobRecord } from "../../src/store/records.ts";
import type { Store } from "../../src/store/store.ts";
import { open as openDatabase } from "../store/open_store.ts";
import { CONFIG } from "../support/server.ts";

/** Ids of jobs. `refused`: this process was not allowed to finish them. `lost`: it was told to stop running them. */
export interface Seen {
  began: string[];
  finished: string[];
  refused: string[];
  lost: string[];
}

export interface RunnerProcess {
  /** Adds jobs that are due at once. */
  add(count: number): Promise<void>;
  start(): Promise<void>;
  seen(): Promise<Seen>;
  close(): Promise<void>;
}

/** Times of the runner in seconds. */
export interface RunnerSettings {
  database: string;
  lease: number;
  renew: number;
  grace: number;
  /** Duration of each job here, in milliseconds. */
  takes: number;
}

export async function open(settings: string): Promise<RunnerProcess> {
  const { database, takes, ...times }: RunnerSettings = JSON.parse(settings);
  const store = await openDatabase(database);
  await store.migrate();
  const seen: Seen = { began: [], finished: [], refused: [], lost: [] };
  const noted: Store = {
    ...store,
    async finishJob(job) {
      const done = await store.finishJob(job);
      seen[done ? "finished" : "refused"].push(job.job_id);
      return done;
    },
  };
  const kind: JobKind = {
    kind: "test",
    async run({ job_id }, { signal }) {
      seen.began.push(job_id);
      signal.addEventListener("abort", () => seen.lost.push(job_id));
      await wait(takes);
    },
  };
  const secrets = serverSecrets(Buffer.alloc(32, 9).toString("base64url"));
  const server = assemble(parseConfig(CONFIG), {}, { store: noted, secrets });
  const runner = jobRunner(server, [kind], { ...times, every: 0.1, at_once: 4 });
  return {
    add: (count) => store.addJobs(Array.from({ length: count }, newJob)),
    start: async () => runner.start(),
    seen: async () => seen,
    async close() {
      await runner.stop();
      await store.close();
    },
  };
}

function newJob(): JobRecord {
  const now = Math.floor(Date.now() / 1000);
  const job_id = uuidv7(Date.now());
  return {
    job_id,
    place: placeOf(job_id),
    kind: "test",
    payload: "{}",
    due_at: now,
    leased_until: 0,
    lease_no: 0,
    attempts: 0,
    error: null,
    expires_at: now + 3600,
  };
}
