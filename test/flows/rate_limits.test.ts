/** Limits for protocol endpoints, and their headers (draft-ietf-httpapi-ratelimit-headers). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { post, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, NATIVE, SERVICE, type TestClient, testServer, WEB } from "../support/server.ts";

const grant_type = "client_credentials";

test("each answer states the remaining quota; beyond it is 429 until the window moves on", async () => {
  await using server = await testServer({ rate_limits: { client: 2 } });
  const client = await server.addClient(SERVICE);
  const ask = () => post(server, "/token", { client, grant_type });
  const first = await ask();
  assert.equal(first.status, 200);
  assert.equal(first.headers.get("ratelimit-policy"), '"client";q=2;w=60');
  assert.equal(first.headers.get("ratelimit"), '"client";r=1;t=30');
  await ask();
  const refused = await ask();
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "30");
  assert.equal(refused.headers.get("ratelimit"), '"client";r=0;t=60');
  assert.equal(refused.body.error, "temporarily_unavailable");
  assert.equal(refused.body.error_description, "too many requests of one client");
  const other = await server.addClient(SERVICE);
  assert.equal((await post(server, "/token", { client: other, grant_type })).status, 200);
  server.advance(30);
  assert.equal((await ask()).status, 200);
});

test("failed client authentication does not use up the client's quota", async () => {
  await using server = await testServer({ rate_limits: { client: 2 } });
  const client = await server.addClient(SERVICE);
  const thief: TestClient = { ...client, client_secret: "wrong" };
  for (let i = 0; i < 5; i += 1) {
    const { status } = await post(server, "/token", { client: thief, grant_type });
    assert.equal(status, 401);
  }
  assert.equal((await post(server, "/token", { client, grant_type })).status, 200);
});

test("a public client is counted per network, an IPv6 network as one", async () => {
  await using server = await testServer({ rate_limits: { client: 2, address: 3 } });
  const client = await server.addClient(NATIVE);
  const ask = async (address: string): Promise<number> => {
    const body = new URLSearchParams({ client_id: client.client_id, token: "x" });
    const request = new Request(`${ISSUER}/revoke`, { method: "POST", body });
    return (await server.fetch(request, { address })).status;
  };
  const from = (...addresses: string[]) =>
    addresses.reduce<Promise<number[]>>(
      async (before, address) => [...(await before), await ask(address)],
      Promise.resolve([]),
    );
  assert.deepEqual(await from("2001:db8::1", "2001:db8::2", "2001:db8::3"), [200, 200, 429]);
  assert.deepEqual(await from("2001:db8:0:1::1", "192.0.2.1"), [200, 200]);
});

test("the address limit comes before any other check; pages are exempt", async () => {
  await using server = await testServer({ rate_limits: { address: 1 } });
  const userinfo = () => server.fetch(new Request(`${ISSUER}/userinfo`));
  assert.equal((await userinfo()).status, 401);
  assert.equal((await userinfo()).status, 429);
  const page = await server.fetch(new Request(`${ISSUER}/sign-in`));
  assert.equal(page.status, 200);
  assert.equal(page.headers.get("ratelimit"), null);
});

test("every protocol endpoint is limited per network", async () => {
  await using server = await testServer({ rate_limits: { address: 1 } });
  for (const [i, path] of ["/token", "/revoke", "/introspect", "/userinfo"].entries()) {
    const ask = async (): Promise<number> => {
      const request = new Request(ISSUER + path, { method: "POST", body: new URLSearchParams() });
      return (await server.fetch(request, { address: `192.0.2.${i}` })).status;
    };
    assert.notEqual(await ask(), 429, path);
    assert.equal(await ask(), 429, path);
  }
});

test("token requests per person are limited, and a refused one does not use up its token", async () => {
  await using server = await testServer({ rate_limits: { account: 2, window: 10 } });
  const client = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  await server.addUser("ada");
  const { refresh_token } = await tokensFor(server, client);
  const second = await refresh(server, client, refresh_token);
  assert.equal(second.status, 200);
  const { refresh_token: newest } = second.body;
  assert.equal((await refresh(server, client, newest)).status, 429);
  server.advance(5);
  const after = await refresh(server, client, newest);
  assert.equal(after.status, 200);
  assert.notEqual(after.body.refresh_token, newest);
});
