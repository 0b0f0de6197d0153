/** Kinds of authorization requests and legacy grants on PostgreSQL; test/flows runs the same stories on SQLite. */
import { after, before, test } from "node:test";
import { legacyStories } from "../support/legacy_stories.ts";
import { passwordStories } from "../support/password_stories.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

let postgres: TestPostgres;
let server: TestServer;
before(async () => {
  postgres = await startPostgres();
  const database = await postgres.newDatabase();
  server = await testServer({ database, legacy_grants: true }, { secret: SECRET });
});
after(async () => {
  await server.close();
  await postgres.stop();
});

for (const [sentence, story] of Object.entries({ ...legacyStories, ...passwordStories }))
  test(sentence, () => story(server));
