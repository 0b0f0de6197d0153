/** Other programs hold most connections of the database: requests get 503 or their answer, and nothing is lost. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { parseConfig } from "../../src/config.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { refresh, tokensFor } from "../support/flow.ts";
import { type OwnPostgres, startOwnPostgres } from "../support/postgres.ts";
import { NATIVE, testServer } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };
const MOST = 10;

let postgres: OwnPostgres;
before(async () => {
  postgres = await startOwnPostgres([`max_connections=${MOST}`]);
});
after(() => postgres.stop());

test("with few connections left, or none, and after they are free again", async () => {
  const url = await postgres.newDatabase();
  const store = sqlStore(postgresDriver(url), parseConfig({}).lifetimes);
  await using server = await testServer({}, { secret: SECRET, store });
  await server.addUser("ada");
  const client = await server.addClient(NATIVE);
  const { browser, ...first } = await tokensFor(server, client, { parameters: LOCAL });
  const latest = [first.refresh_token];
  // One after the other, so that they open few connections.
  while (latest.length < 20)
    latest.push((await tokensFor(server, client, { browser, parameters: LOCAL })).refresh_token);
  /** Each app uses its newest refresh token. */
  async function refreshAll(): Promise<number> {
    let answered = 0;
    await Promise.all(
      latest.map(async (token, i) => {
        const { status, headers, body } = await refresh(server, client, token);
        if (status === 200) {
          answered += 1;
          latest[i] = body.refresh_token;
        } else assert.deepEqual([status, headers.get("retry-after")], [503, "2"]);
      }),
    );
    return answered;
  }
  const others: pg.Client[] = [];
  /** Other programs have this many connections, and the server none. */
  async function leaveFew(count: number): Promise<void> {
    for (let tries = 0; others.length < count; tries += 1) {
      assert.ok(tries < 200, "the connections of the server do not end");
      const other = new pg.Client({ connectionString: url });
      const is_open = await other.connect().then(
        () => true,
        () => false,
      );
      if (is_open) others.push(other);
      else await sleep(20);
      await others[0]?.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'valetkey'",
      );
    }
  }
  await postgres.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'valetkey'",
  );
  await leaveFew(MOST - 2);
  let answered = 0;
  for (let round = 0; round < 5; round += 1) answered += await refreshAll();
  assert.ok(answered > 0);
  await leaveFew(MOST);
  assert.equal(await refreshAll(), 0);
  for (const other of others) await other.end();
  assert.equal(await refreshAll(), latest.length);
});
