/** Every grant meets every rule; test/postgres runs the same table. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FEATURES } from "../../src/features.ts";
import { acceptedMetadata } from "../../src/offer.ts";
import { GRANTS, grantTable } from "../support/grant_table.ts";
import { testServer } from "../support/server.ts";

const server = await testServer({ legacy_grants: true });
after(() => server.close());

for (const [cell, story] of Object.entries(grantTable)) test(cell, () => story(server));

test("every grant type of the server has its column", () => {
  const all = acceptedMetadata(FEATURES).grant_types.map((name) => name.split(":").at(-1) ?? "");
  assert.deepEqual(Object.keys(GRANTS).sort(), [...all].sort());
});
