/** The main stories on PostgreSQL: on one node, and on two of which each answers every other request. */
import { after, before, describe, test } from "node:test";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type TestServer, testServer } from "../support/server.ts";
import { stories } from "../support/stories.ts";
import { SECRET, twoNodes } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const open: Record<string, (database: string) => Promise<TestServer>> = {
  "PostgreSQL, one node": (database) => testServer({ database }, { secret: SECRET }),
  "PostgreSQL, two nodes in turn": twoNodes,
};

for (const [name, start] of Object.entries(open))
  describe(name, () => {
    let server: TestServer;
    before(async () => {
      server = await start(await postgres.newDatabase());
    });
    after(() => server.close());
    for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));
  });
