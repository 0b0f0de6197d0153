/** When names of ended access tokens are listed, as the clock of PostgreSQL tells, and when others see them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import {
  CONFORMANCE_LIFETIMES,
  type GrantRecord,
  type Store,
} from "../../src/store/conformance/conformance.ts";
import { START, sampleConsent, sampleGrant } from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import { postgresDriver } from "../../src/store/postgres/driver.ts";
import { POOL_LIMITS } from "../../src/store/postgres/limits.ts";
import { sqlStore } from "../../src/store/sql/store.ts";
import { isEnded } from "../support/ended_tokens.ts";
import { post, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { postgresProxy } from "../support/postgres_proxy.ts";
import { ISSUER, testServer, WEB } from "../support/server.ts";
import { SECRET } from "../support/two_nodes.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

async function opened(url: string, limits: Partial<typeof POOL_LIMITS> = {}): Promise<Store> {
  const store = sqlStore(postgresDriver(url, { ...POOL_LIMITS, ...limits }), CONFORMANCE_LIFETIMES);
  await store.migrate();
  return store;
}

async function granted(store: Store): Promise<GrantRecord> {
  const grant = sampleGrant();
  await grantWith(store, grant, sampleConsent());
  return grant;
}

const secondsNow = async (store: Store): Promise<number> =>
  Math.floor(((await store.readClock()) ?? 0) / 1000);

async function endedAt(store: Store): Promise<number[]> {
  const all = { kind: "person", from: 0, to: Number.MAX_SAFE_INTEGER } as const;
  return (await store.listEnded(all, { limit: 100 })).map(({ ended_at }) => ended_at);
}

for (const [operation, end] of Object.entries({
  "one name": (store: Store, { grant_id }: GrantRecord) => store.revokeGrant(grant_id, START),
  "the names of grants": (store: Store, { sub, client_id }: GrantRecord) =>
    store.removeConsent({ sub, client_id }, START),
}))
  test(`${operation}: a transaction that waited for a lock is listed under the time after the wait`, async () => {
    const url = await postgres.newDatabase();
    const store = await opened(url);
    const grant = await granted(store);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("BEGIN");
    await other.query("SELECT 1 FROM authorization_grant FOR UPDATE");
    const began = await secondsNow(store);
    const ending = end(store, grant);
    await sleep(2500);
    await other.query("COMMIT");
    assert.equal(await ending, true);
    const [ended_at = 0] = await endedAt(store);
    assert.ok(ended_at >= began + 2, `${ended_at - began} s after the beginning`);
    assert.ok(ended_at <= (await secondsNow(store)));
    await other.end();
    await store.close();
  });

test("a node that stops in the middle of a revocation revokes and lists nothing", async () => {
  const url = await postgres.newDatabase();
  const store = await opened(url);
  const { grant_id } = await granted(store);
  const proxy = await postgresProxy(url);
  const lame = await opened(proxy.url, { connections: 1 });
  // The statements have run, and the answer that the commit waits for is lost.
  proxy.cutAt("UPDATE 1");
  await assert.rejects(lame.revokeGrant(grant_id, START));
  await sleep(200);
  assert.equal((await store.findGrant(grant_id))?.revoked_at, null);
  assert.deepEqual(await endedAt(store), []);
  await lame.close();
  await proxy[Symbol.asyncDispose]();
  await store.close();
});

test("a node that hangs before the commit loses its transaction within 5 seconds", async () => {
  const url = await postgres.newDatabase();
  const store = await opened(url);
  const { grant_id } = await granted(store);
  const proxy = await postgresProxy(url);
  const hanging = await opened(proxy.url, { connections: 1, statement_timeout: 60_000 });
  await hanging.findGrant(grant_id);
  // The database has the statements and no commit, as from a process that was stopped.
  proxy.change = (piece) => (piece.includes("COMMIT") ? "" : piece);
  const revoking = hanging.revokeGrant(grant_id, START).catch((error: unknown) => error);
  const began = performance.now();
  const watcher = new pg.Client({ connectionString: url });
  await watcher.connect();
  for (let open = true; open; await sleep(100)) {
    const { rows } = await watcher.query(
      "SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()",
    );
    const waited = performance.now() - began;
    open = rows.length > 0 || waited < 500;
    assert.ok(waited < 5000, "the transaction is still open");
  }
  assert.deepEqual(await endedAt(store), []);
  assert.equal(await store.revokeGrant(grant_id, START), true, "nothing is locked");
  await watcher.end();
  await proxy[Symbol.asyncDispose]();
  assert.ok((await revoking) instanceof Error);
  await hanging.close();
  await store.close();
});

test("another node lists a revoked grant within half a second", async () => {
  const database = await postgres.newDatabase();
  const runtime = { secret: SECRET, clock: Date.now };
  const config = { database, rate_limits: { changes: 0 } };
  await using one = await testServer(config, runtime);
  await using two = await testServer(config, runtime);
  await one.addUser("ada");
  const client = await one.addClient(WEB);
  for (let round = 0; round < 5; round += 1) {
    const { access_token, refresh_token } = await tokensFor(one, client);
    const now = Math.floor(Date.now() / 1000);
    const ask = async () =>
      JSON.parse(await (await two.fetch(new Request(`${ISSUER}/ended?after=${now - 60}`))).text());
    assert.equal(isEnded(access_token, await ask()), false);
    await post(one, "/revoke", { client, token: refresh_token });
    const revoked = performance.now();
    while (!isEnded(access_token, await ask())) await sleep(10);
    const took = performance.now() - revoked;
    assert.ok(took < 700, `${took} ms`);
  }
});
