/** The main stories on two workers of one SQLite, of which each answers every other request. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { TestServer } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { twoWorkers } from "../support/two_workers.ts";

const asked = { primary: new Set<string>(), worker: new Set<string>() };
let server: TestServer;
before(async () => {
  server = await twoWorkers((who, operation) => asked[who].add(operation));
});
after(() => server.close());

for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));

test("only the primary sweeps and rotates keys", () => {
  const house = ["sweep", "addSigningKey"];
  assert.deepEqual(
    house.map((operation) => [asked.primary.has(operation), asked.worker.has(operation)]),
    house.map(() => [true, false]),
  );
  assert.ok(asked.worker.has("advanceGrant") && !asked.primary.has("advanceGrant"));
});
