import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { START, testServer } from "../../test/support/server.ts";
import type { Server } from "../context.ts";
import { sampleSession } from "../store/conformance/samples.ts";
import { backgroundJobs } from "./jobs.ts";

const expired = () => sampleSession({ expires_at: START - 1 });
const sessionsOf = ({ store }: Server) => store.listSessions("ada", { limit: 200 });

test("a running server sweeps expired rows until none is left, and stops on request", async () => {
  const server = await testServer();
  const { store } = server.server;
  const live = sampleSession({ expires_at: START + 1000 });
  const over = Array.from({ length: 1200 }, expired);
  await Promise.all([...over, live].map((session) => store.createSession(session)));
  const jobs = backgroundJobs(server.server, { keeps_house: true });
  jobs.start();
  for (let i = 0; i < 200 && (await sessionsOf(server.server)).length > 1; i += 1) await wait(25);
  assert.deepEqual(await sessionsOf(server.server), [live]);
  await jobs.stop();
  await store.createSession(expired());
  jobs.start();
  await wait(200);
  assert.equal((await sessionsOf(server.server)).length, 2, "nothing begins after the end");
  await server.close();
});

test("a process without housekeeping writes nothing by itself", async () => {
  const asked: string[] = [];
  const watch = (operation: string) => {
    asked.push(operation);
    return null;
  };
  const server = await testServer({}, { store_watches: [watch] });
  await server.server.store.createSession(expired());
  await wait(200);
  asked.length = 0;
  const jobs = backgroundJobs(server.server, { keeps_house: false });
  jobs.start();
  await wait(200);
  await jobs.stop();
  assert.deepEqual(
    asked.filter((name) => name === "sweep" || name === "leaseJobs"),
    [],
  );
  await server.close();
});

test("a failing sweep is logged and does not stop the other jobs", async () => {
  const server = await testServer();
  const warned = Promise.withResolvers<string>();
  const leased = Promise.withResolvers<void>();
  const log = { ...server.server.log, warn: (event: string) => warned.resolve(event) };
  const store: Server["store"] = {
    ...server.server.store,
    sweep: () => Promise.reject(new Error("the database is gone")),
    leaseJobs: async () => {
      leased.resolve();
      return [];
    },
  };
  const jobs = backgroundJobs({ ...server.server, store, log }, { keeps_house: true });
  jobs.start();
  assert.equal(await warned.promise, "clean-up failed");
  await leased.promise;
  await jobs.stop();
  await server.close();
});

test("stopping the server waits for a running sweep", async () => {
  const server = await testServer();
  const [began, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let over = false;
  const store: Server["store"] = {
    ...server.server.store,
    async sweep() {
      began.resolve();
      await ended.promise;
      over = true;
      return false;
    },
  };
  const jobs = backgroundJobs({ ...server.server, store }, { keeps_house: true });
  jobs.start();
  await began.promise;
  const stopped = jobs.stop().then(() => over);
  await wait(50);
  ended.resolve();
  assert.equal(await stopped, true);
  await server.close();
});
