import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CONFIG, START } from "../../test/support/server.ts";
import { assemble } from "../authorization_server.ts";
import { parseConfig } from "../config.ts";
import { silentLog } from "../context.ts";
import { serverSecrets } from "../crypto/server_secret.ts";
import { BACKCHANNEL_LOGOUT, clientSession, type ToTell } from "../sessions/client_sessions.ts";
import { sampleConsent, sampleGrant, sampleSession } from "../store/conformance/samples.ts";
import { clientSessionsJob, endedSessionsJob } from "../store/ending_jobs.ts";
import { sqlStore } from "../store/sql/store.ts";
import { sqliteDriver } from "../store/sqlite/driver.ts";
import { endedSessions, expiredSessions } from "./client_sessions.ts";

const DAY = 86_400;

/** A server whose jobs only the test runs. */
async function scene(t: TestContext) {
  let now = START;
  const config = parseConfig(CONFIG);
  const store = sqlStore(sqliteDriver(":memory:"), config.lifetimes);
  await store.migrate();
  t.after(() => store.close());
  const secrets = serverSecrets(Buffer.alloc(32, 9).toString("base64url"));
  const runtime = { clock: () => now * 1000, log: silentLog };
  const server = assemble(config, runtime, { store, secrets });

  async function session(clients: readonly string[], sub = "ada") {
    const times = { created_at: now, seen_at: now, expires_at: now + 30 * DAY };
    const record = sampleSession({ sub, ...times });
    await store.createSession(record);
    for (const client_id of clients) {
      const sent = { sent_sub: `${sub} at ${client_id}`, sent_sid: "sid", now };
      const client_session = clientSession(record, { client_id }, sent);
      const before = await store.findConsent(sub, client_id);
      const becomes = sampleConsent({ sub, client_id });
      const consent = before ? { stands: before } : { before, becomes };
      const grant = sampleGrant({ sub, client_id });
      await store.approve({ grant, consent, client_session });
    }
    return record;
  }

  /** The clients that jobs are to tell; the jobs are taken away. */
  async function told(): Promise<string[]> {
    const lease = { kinds: [BACKCHANNEL_LOGOUT], now, until: now + 60, limit: 1000 };
    const jobs = await store.leaseJobs(lease);
    for (const job of jobs) await store.finishJob(job);
    return jobs.map(({ payload }) => (JSON.parse(payload) as ToTell).client_id).sort();
  }

  return {
    store,
    server,
    session,
    told,
    round: () => expiredSessions(server).run(),
    at(days: number) {
      now = START + days * DAY;
    },
  };
}

test("a session that nobody uses ends after its idle time, and its clients are told once", async (t) => {
  const { session, round, told, at } = await scene(t);
  await session(["printly", "snaps"]);
  for (const days of [0, 0.1, 1, 6.9]) {
    at(days);
    await round();
    assert.deepEqual(await told(), [], `after ${days} days`);
  }
  at(7.1);
  await round();
  assert.deepEqual(await told(), ["printly", "snaps"]);
  await round();
  assert.deepEqual(await told(), []);
});

test("a session in use ends at its end", async (t) => {
  const { store, server, session, round, told, at } = await scene(t);
  const { session_id } = await session(["printly"]);
  for (let days = 0; days < 30; days += 5) {
    at(days);
    await store.touchSession(session_id, Math.floor(server.clock() / 1000), null);
    await round();
    assert.deepEqual(await told(), []);
  }
  at(30.1);
  await round();
  assert.deepEqual(await told(), ["printly"]);
});

test("a session that ended unnoticed at the moment of the sign-in is found soon", async (t) => {
  const { store, session, round, told, at } = await scene(t);
  const gone = await session(["printly"]);
  await session(["snaps"]);
  await store.endSessions(gone);
  await round();
  assert.deepEqual(await told(), []);
  at(0.01);
  await round();
  assert.deepEqual(await told(), ["printly"]);
});

test("the job of a change tells the clients of ended sessions, and of all if the person is disabled", async (t) => {
  const { store, server, session, told } = await scene(t);
  const gone = await session(["printly"]);
  await session(["snaps"]);
  await session(["other"], "eve");
  await store.endSessions(gone);
  const env = { server, signal: new AbortController().signal };
  for (const _ of [1, 2]) await endedSessions.run(endedSessionsJob("ada", START), env);
  assert.deepEqual(await told(), ["printly"]);
  for (const _ of [1, 2]) await endedSessions.run(clientSessionsJob("ada", START), env);
  assert.deepEqual(await told(), ["snaps"]);
  const stopped = { server, signal: AbortSignal.abort() };
  await endedSessions.run(clientSessionsJob("eve", START), stopped);
  assert.deepEqual(await told(), [], "another node goes on");
});

test("one session keeps a hundred clients: the first of more are told that it has ended", async (t) => {
  const { session, round, told, at, store } = await scene(t);
  const early = Array.from({ length: 60 }, (_, i) => `early-${i}`);
  const late = Array.from({ length: 60 }, (_, i) => `late-${i}`);
  await session([...early, ...late]);
  at(0.01);
  await round();
  assert.equal((await told()).length, 20);
  assert.equal((await store.listClientSessions({ sub: "ada" }, 1000)).length, 100);
});
