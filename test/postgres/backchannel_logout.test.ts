/** Back-channel logout on PostgreSQL: on one node, on two nodes that share the work, and with people's rows spread. */
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { logoutStories } from "../support/logout_stories.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { CONFIG, type TestServer, testServer } from "../support/server.ts";
import { spreadingDriver } from "../support/spreading.ts";
import { SECRET, twoNodes } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const config = { allow_private_fetch: true, rate_limits: { changes: 0 } };
const open: Record<string, (database: string) => Promise<TestServer>> = {
  "one node": (database) => testServer({ ...config, database }, { secret: SECRET }),
  "two nodes in turn": (database) => twoNodes(database, config),
  "rows of people on other nodes": (database) =>
    testServer(
      { ...CONFIG, ...config },
      {
        secret: SECRET,
        store: sqlStore(spreadingDriver(database), parseConfig(CONFIG).lifetimes),
      },
    ),
};

for (const [name, start] of Object.entries(open))
  describe(name, () => {
    let server: TestServer;
    before(async () => {
      server = await start(await postgres.newDatabase());
    });
    after(() => server.close());
    for (const [sentence, story] of Object.entries(logoutStories))
      test(sentence, () => story(server));
  });
