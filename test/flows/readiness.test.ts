/** Probes: liveness and readiness. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { openStore } from "../../src/store/open_store.ts";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { failingStore, SECRET } from "../security/failing_store.ts";
import { basic } from "../support/flow.ts";
import { ISSUER, SERVICE, type TestServer, testServer } from "../support/server.ts";

async function probe(server: TestServer, path = "/readyz") {
  const response = await server.fetch(new Request(`${ISSUER}${path}`));
  const { status } = response;
  return { status, body: JSON.parse(await response.text()), headers: response.headers };
}

test("a working server is ready and lists its checks", async () => {
  await using server = await testServer();
  const { status, body, headers } = await probe(server);
  assert.equal(status, 200);
  assert.equal(body.ready, true);
  assert.deepEqual(
    body.checks.map(({ name, ok }: { name: string; ok: boolean }) => [name, ok]),
    [
      ["database", true],
      ["schema", true],
      ["keys", true],
      ["clock", true],
    ],
  );
  assert.match(headers.get("cache-control") ?? "", /no-store/);
});

test("without its database the server is alive but not ready, and shows no reason to strangers", async () => {
  const { store, fail } = failingStore();
  await using server = await testServer({}, { store, secret: SECRET });
  fail(new DatabaseUnavailable("no route to db.internal"));
  const { status, body, headers } = await probe(server);
  assert.equal(status, 503);
  assert.ok(headers.get("retry-after"));
  assert.equal(body.ready, false);
  assert.deepEqual(body.checks[0], { name: "database", ok: false, detail: "does not answer" });
  assert.doesNotMatch(JSON.stringify(body), /db\.internal/);
  assert.ok(server.lines.some(({ fields }) => String(fields.why).includes("db.internal")));
  const healthy = await server.fetch(new Request(`${ISSUER}/healthz`));
  assert.equal(healthy.status, 200);
  fail(null);
  assert.equal((await probe(server)).status, 200);
});

test("a database that does not answer is not ready, and is asked once for all probes", async () => {
  const { database, lifetimes } = parseConfig({ database: "sqlite::memory:" });
  const { store } = openStore({ database, lifetimes }, { secret: SECRET });
  let asked = 0;
  const readSchema = () => {
    asked += 1;
    return new Promise<never>(() => {});
  };
  await using server = await testServer({}, { store: { ...store, readSchema }, secret: SECRET });
  const answers = await Promise.all([probe(server), probe(server), probe(server)]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [503, 503, 503],
  );
  assert.equal(asked, 1);
});

test("an older schema is not ready, a newer one is", async () => {
  const { database, lifetimes } = parseConfig({ database: "sqlite::memory:" });
  for (const [version, status] of [
    [1, 503],
    [3, 200],
  ] as const) {
    const { store } = openStore({ database, lifetimes }, { secret: SECRET });
    const readSchema = async () => ({ version, newest: 2 });
    await using server = await testServer({}, { store: { ...store, readSchema }, secret: SECRET });
    const answer = await probe(server);
    assert.equal(answer.status, status);
    assert.match(JSON.stringify(answer.body), new RegExp(`is at ${version}`));
  }
});

test("missing signing keys are not ready", async () => {
  await using server = await testServer();
  const { store } = server.server;
  for (const { kid } of await store.listSigningKeys())
    await store.retireSigningKey(kid, server.now());
  const { status, body } = await probe(server);
  assert.equal(status, 503);
  assert.match(JSON.stringify(body), /none for ES256, RS256/);
});

test("a stopping server is not ready at once, and finishes its requests", async () => {
  await using server = await testServer();
  const client = await server.addClient(SERVICE);
  server.drain();
  const { status, body } = await probe(server);
  assert.equal(status, 503);
  assert.deepEqual(body.checks, [{ name: "running", ok: false, detail: "is stopping" }]);
  const answer = await server.fetch(
    new Request(`${ISSUER}/token`, {
      method: "POST",
      headers: { authorization: basic(client) },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    }),
  );
  assert.equal(answer.status, 200);
});
