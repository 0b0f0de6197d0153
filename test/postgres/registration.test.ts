/** Apps that register themselves, on PostgreSQL: on one node, and on two nodes of which each answers every other request. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { APP, OPEN, registerAt, registrationStories } from "../support/registration.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { SECRET, twoNodes } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const open: Record<string, (database: string) => Promise<TestServer>> = {
  "PostgreSQL, one node": (database) => testServer({ ...OPEN, database }, { secret: SECRET }),
  "PostgreSQL, two nodes in turn": (database) => twoNodes(database, OPEN),
};

for (const [name, start] of Object.entries(open))
  describe(name, () => {
    let server: TestServer;
    before(async () => {
      server = await start(await postgres.newDatabase());
    });
    after(() => server.close());
    for (const [sentence, story] of Object.entries(registrationStories))
      test(sentence, () => story(server));
  });

test("a registration at one node empties no cache of the other, which finds the app at once", async () => {
  await using pair = await twoNodes(await postgres.newDatabase(), OPEN);
  const [one, two] = pair.nodes;
  const { client_id: known } = await one.addClient(APP);
  const { store } = two.server;
  await store.currentState();
  const before = await store.findClient(known);
  for (let i = 0; i < 5; i += 1) {
    const logo = { logo_uri: "https://app.test/logo.png" };
    const { body, status } = await registerAt(one, { ...APP, ...logo });
    assert.equal(status, 201);
    assert.ok(await store.findClient(body.client_id));
  }
  // Later than the next read of the versions.
  await new Promise((resolve) => setTimeout(resolve, 700));
  await store.currentState();
  assert.equal(await store.findClient(known), before, "the very same record, from the cache");
});

test("the limit of an address holds on all nodes together", async () => {
  const registration = { ...OPEN.registration, per_address_hour: 10 };
  await using pair = await twoNodes(await postgres.newDatabase(), { ...OPEN, registration });
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () => registerAt(pair).then(({ status }) => status)),
  );
  assert.equal(outcomes.filter((status) => status === 201).length, 10);
});
