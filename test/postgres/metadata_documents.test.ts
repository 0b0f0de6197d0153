/** Metadata documents and keys by address, on PostgreSQL: on one node, and on two nodes in turn. */
import { after, before, describe, test } from "node:test";
import { DOCUMENTS, documentStories } from "../support/document_stories.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { type Stranger, stranger } from "../support/stranger.ts";
import { SECRET, twoNodes } from "../support/two_nodes.ts";

let postgres: TestPostgres;
let site: Stranger;
before(async () => {
  postgres = await startPostgres();
  site = await stranger();
});
after(async () => {
  await site.close();
  await postgres.stop();
});

const open: Record<string, (database: string) => Promise<TestServer>> = {
  "PostgreSQL, one node": (database) => testServer({ ...DOCUMENTS, database }, { secret: SECRET }),
  "PostgreSQL, two nodes in turn": (database) => twoNodes(database, DOCUMENTS),
};

for (const [name, start] of Object.entries(open))
  describe(name, () => {
    let server: TestServer;
    before(async () => {
      server = await start(await postgres.newDatabase());
    });
    after(() => server.close());
    for (const [sentence, story] of Object.entries(documentStories))
      test(sentence, () => story(server, site));
  });
