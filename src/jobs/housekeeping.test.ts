import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { START, testServer } from "../../test/support/server.ts";
import { sampleSession } from "../store/conformance/samples.ts";
import { housekeeping } from "./housekeeping.ts";

test("a running server removes what has expired, however much there is, and stops when told", async () => {
  const server = await testServer();
  const { store } = server.server;
  const over = Array.from({ length: 1200 }, () => sampleSession({ expires_at: START - 1 }));
  const live = sampleSession({ expires_at: START + 1000 });
  await Promise.all([...over, live].map((session) => store.createSession(session)));
  const keeper = housekeeping(server.server);
  keeper.start();
  for (let i = 0; i < 200 && (await store.listSessions("ada", { limit: 200 })).length > 1; i += 1)
    await wait(25);
  assert.deepEqual(await store.listSessions("ada", { limit: 200 }), [live]);
  keeper.stop();
  keeper.start();
  await server.close();
});

test("a clean-up that fails is logged, and does not end the process", async () => {
  const server = await testServer();
  const warned = Promise.withResolvers<string>();
  const log = { ...server.server.log, warn: (event: string) => warned.resolve(event) };
  const store = {
    ...server.server.store,
    sweep: () => Promise.reject(new Error("the database is gone")),
  };
  const keeper = housekeeping({ ...server.server, store, log });
  keeper.start();
  assert.equal(await warned.promise, "clean-up failed");
  keeper.stop();
  await server.close();
});
