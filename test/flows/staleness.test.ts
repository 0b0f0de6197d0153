/** How long a node serves cached clients and people while it cannot check whether they changed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { startProxy } from "../../tools/drills/proxy.ts";
import { failingStore, SECRET } from "../security/failing_store.ts";
import { testBrowser } from "../support/browser.ts";
import { introspect, post, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { ISSUER, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";
import { soon } from "../support/stories.ts";

let postgres: TestPostgres;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres.stop());

const LASTING = { scope: "openid offline_access photos.read" };
const DOCUMENTS = ["/jwks", "/.well-known/openid-configuration", "/healthz"];

async function people(server: TestServer) {
  await server.addUser("ada");
  const web = await server.addClient(WEB);
  const service = await server.addClient(SERVICE);
  const { browser, ...tokens } = await tokensFor(server, web, { parameters: LASTING });
  const own = () => post(server, "/token", { client: service, grant_type: "client_credentials" });
  /** For each request, the status of the answer and its Retry-After. */
  const ask = async () => {
    const get = async (path: string) => {
      const { status, headers } = await server.fetch(new Request(`${ISSUER}${path}`));
      return { status, headers };
    };
    const introspection = { client: web, token: tokens.access_token };
    const asked: Record<string, { status: number; headers: Headers }> = {
      token: await own(),
      refresh: await refresh(server, web, tokens.refresh_token),
      introspection: await post(server, "/introspect", introspection),
      userinfo: await userinfo(server, tokens.access_token),
      revocation: await post(server, "/revoke", { client: web, token: "none of ours" }),
      page: await browser.get("/account"),
      "another page": await testBrowser(server).get("/sign-in"),
    };
    for (const path of DOCUMENTS) asked[path] = await get(path);
    return asked;
  };
  return { web, service, tokens, own, ask };
}

const statuses = (asked: Record<string, { status: number }>): Record<string, number> =>
  Object.fromEntries(Object.entries(asked).map(([name, { status }]) => [name, status]));

const ALL_WELL = {
  ...{ token: 200, refresh: 200, introspection: 200, userinfo: 200, revocation: 200 },
  ...{ page: 200, "another page": 200 },
  ...Object.fromEntries(DOCUMENTS.map((path) => [path, 200])),
};
const STALE = {
  ...Object.fromEntries(Object.keys(ALL_WELL).map((name) => [name, 503])),
  ...Object.fromEntries(DOCUMENTS.map((path) => [path, 200])),
};

/** Whether something that the database has to answer is still not answered. */
function waiting(work: Promise<unknown>): { still(): boolean } {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  work.then(settle, settle);
  return { still: () => !settled };
}

/** The limit ends a test that would wait for ever. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, "it never came about");
    await sleep(50);
  }
}

test("a node that cannot read the versions serves its cache for `directory_stale` seconds only", async () => {
  const { store, fail } = failingStore();
  await using server = await testServer({ directory_stale: 3 }, { store, secret: SECRET });
  const { service, own, ask } = await people(server);
  assert.deepEqual(statuses(await ask()), ALL_WELL);
  fail(new DatabaseUnavailable("the row of the versions can't be read"), ["readState"]);
  await sleep(600);
  assert.equal((await own()).status, 200, "the node still uses its cache");
  // Another node disables the client; this one cannot know.
  await store.updateClient({ ...service.record, disabled_at: server.now() });
  await until(async () => (await own()).status === 503);
  const asked = await ask();
  assert.deepEqual(statuses(asked), STALE);
  for (const [name, { status, headers }] of Object.entries(asked))
    assert.equal(headers.get("retry-after"), status === 503 ? "2" : null, name);

  fail(null);
  await soon(async () => assert.equal((await own()).status, 401));
  assert.deepEqual(statuses(await ask()), { ...ALL_WELL, token: 401 });
});

test("while PostgreSQL is silent, keys and metadata are served, all else is 503; then the node recovers", async (t) => {
  const url = new URL(await postgres.newDatabase());
  const port = Number(url.port);
  const wire = await startProxy({ targets: () => [port] });
  t.after(() => wire.close());
  url.port = String(wire.port);
  const runtime = { secret: SECRET };
  await using server = await testServer({ database: url.href, directory_stale: 5 }, runtime);
  const { own, ask, web, tokens } = await people(server);
  assert.deepEqual(statuses(await ask()), ALL_WELL);
  wire.stalled = true;
  await sleep(600);
  const read = waiting(server.server.store.findSession("none"));
  assert.equal((await own()).status, 200, "the token needs no read");
  assert.ok(read.still(), "the node does not wait for the versions");
  await until(async () => (await own()).status === 503);
  const another = waiting(server.server.store.findSession("none"));
  for (const path of DOCUMENTS)
    assert.equal((await server.fetch(new Request(`${ISSUER}${path}`))).status, 200, path);
  assert.ok(another.still(), "documents do not wait");
  wire.cut();
  wire.stalled = false;
  await until(async () => (await own()).status === 200);
  assert.equal((await introspect(server, web, tokens.access_token)).active, true);
  assert.deepEqual(statuses(await ask()), ALL_WELL);
});
