/** Finds the sessions that have ended, so that their clients are told. */
import type { Server } from "../context.ts";
import { endClientSessions } from "../sessions/client_sessions.ts";
import { END_CLIENT_SESSIONS, type EndClientSessions } from "../store/ending_jobs.ts";
import type { Repeated } from "./repeat.ts";
import type { JobKind } from "./run_job.ts";

/** Rows that one round reads. */
const BATCH = 200;

/** After a change that has ended sessions of a person: a new password, or the end of the account. */
export const endedSessions: JobKind = {
  kind: END_CLIENT_SESSIONS,
  async run({ payload }, { server, signal }) {
    const ended: EndClientSessions = JSON.parse(payload);
    if ((await endClientSessions(ended, server, signal)) > 0) server.wakeJobs();
  },
};

/** Sessions that have ended by themselves. */
export const expiredSessions = (server: Server): Repeated => ({
  name: "expired sessions",
  every: 30,
  async run() {
    const now = Math.floor(server.clock() / 1000);
    const due = await server.store.listDueClientSessions(now, BATCH);
    let told = 0;
    for (const sub of new Set(due.map((each) => each.sub)))
      told += await endClientSessions({ sub, all: false }, server);
    if (told > 0) server.wakeJobs();
    return due.length === BATCH;
  },
});
