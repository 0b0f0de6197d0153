/** Kinds of authorization requests and legacy grants on PostgreSQL; test/flows runs the same stories on SQLite. */
import { after, before, test } from "node:test";
import { grantTable } from "../support/grant_table.ts";
import { legacyStories } from "../support/legacy_stories.ts";
import { passwordStories } from "../support/password_stories.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { objectStories, referenceStories } from "../support/request_objects.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";
import { SECRET } from "../support/two_nodes.ts";

let postgres: TestPostgres;
let server: TestServer;
let publisher: Stranger;
before(async () => {
  postgres = await startPostgres();
  const database = await postgres.newDatabase();
  const runtime = { secret: SECRET, outbound: looseOutbound() };
  server = await testServer({ database, legacy_grants: true }, runtime);
  publisher = await stranger();
});
after(async () => {
  await server.close();
  await postgres.stop();
  await publisher.close();
});

const stories = {
  ...legacyStories,
  ...passwordStories,
  ...objectStories,
  ...referenceStories(() => publisher),
  ...grantTable,
};
for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));
