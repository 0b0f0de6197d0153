/** One node of a distributed database is silent: people with rows on other nodes are still served. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { CONFORMANCE_LIFETIMES } from "../../src/store/conformance/conformance.ts";
import { START, sampleAccount, sampleSession } from "../../src/store/conformance/samples.ts";
import { placeOf } from "../../src/store/place.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { fakeCitus } from "../support/fake_citus.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

test("while one node is silent, the others and the directory answer at once; later it is used again", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  const limits = { ...POOL_LIMITS, connections: 6, node_timeout: 300 };
  const store = sqlStore(postgresDriver(citus.url, limits), CONFORMANCE_LIFETIMES);
  await store.migrate();
  const people = Array.from({ length: 40 }, (_, i) => `person ${i}`);
  const sessions = people.map((sub) => sampleSession({ sub }));
  for (const session of sessions) await store.createSession(session);
  const on = (node: number) =>
    sessions
      .filter(({ sub }) => citus.nodeOf(placeOf(sub)) === node)
      .map((each) => each.session_id);
  const [lost, well] = [on(1), on(2)];
  assert.ok(lost.length > 5 && well.length > 5);

  // Requests for these rows wait, as for a node that does not answer.
  const holder = new pg.Client({ connectionString: citus.url });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT 1 FROM session WHERE session_id = ANY($1) FOR UPDATE", [lost]);

  const touches = [...lost, ...lost, ...lost].map(async (id) =>
    store.touchSession(id, START + 1, null),
  );
  let answered = 0;
  for (const touch of touches) touch.catch(() => (answered += 1));
  const silent = Promise.allSettled(touches);
  for (const id of well) await store.touchSession(id, START + 2, null);
  await store.createAccount(sampleAccount(), ["another login"]);
  assert.equal(answered, 0, "the silent node had answered nothing by then");
  for (const outcome of await silent)
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof DatabaseUnavailable);

  // From now on one request at a time tests whether the node is back; the others are refused at once.
  const later = lost.map((id) => store.touchSession(id, START + 3, null));
  const [probe, ...others] = later;
  let probed = false;
  probe?.catch(() => {
    probed = true;
  });
  for (const refused of await Promise.allSettled(others)) assert.equal(refused.status, "rejected");
  assert.equal(probed, false, "the others do not wait for the one that tests the node");
  await assert.rejects(probe ?? Promise.resolve(), DatabaseUnavailable);

  await holder.query("ROLLBACK");
  await holder.end();
  await store.touchSession(lost[0] ?? "", START + 4, null);
  await Promise.all(lost.map((id) => store.touchSession(id, START + 5, null)));
  assert.equal((await store.findSession(lost[1] ?? ""))?.seen_at, START + 5);
  await store.close();
});

test("a distributed database without placement information is used all the same", async () => {
  const citus = await fakeCitus(postgres, { nodes: 2 });
  await citus.query("DROP TABLE pg_dist_placement");
  const store = sqlStore(postgresDriver(citus.url), CONFORMANCE_LIFETIMES);
  await store.migrate();
  const session = sampleSession();
  await store.createSession(session);
  assert.deepEqual(await store.findSession(session.session_id), session);
  await store.close();
});
