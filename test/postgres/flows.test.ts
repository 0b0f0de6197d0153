/** The main stories on PostgreSQL: on one node, and on two nodes of which each answers every other request. */
import assert from "node:assert/strict";
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
    test("a NUL in a parameter is refused without a server error", async () => {
      for (const path of ["/authorize?client_id=%00", "/authorize?client_id=a%00b&nonce=%00"])
        assert.equal((await server.fetch(new Request(new URL(path, server.issuer)))).status, 400);
      for (const path of ["/token", "/revoke", "/introspect"]) {
        const body = new URLSearchParams({ client_id: "\0", grant_type: "x", token: "\0" });
        const request = new Request(new URL(path, server.issuer), { method: "POST", body });
        assert.equal((await server.fetch(request)).status, 401, path);
      }
    });
    for (const [sentence, story] of Object.entries(stories)) test(sentence, () => story(server));
  });
