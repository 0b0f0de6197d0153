/** The endpoint that lists ended access tokens (docs/ended-tokens.md). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setClientDisabled } from "../../src/clients/change_client.ts";
import { retireKey } from "../../src/keys/change_keys.ts";
import { testBrowser } from "../support/browser.ts";
import { hashesIn, isEnded, type List } from "../support/ended_tokens.ts";
import { introspect, post, refresh, tokensFor } from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import { ISSUER, SERVICE, SNAPS, START, testServer, WEB } from "../support/server.ts";
import { soon } from "../support/stories.ts";

const server = await testServer();
await completeKeySet(server);
await server.addUser("ada");
const app = await server.addClient(WEB);
const api = await server.addClient(WEB, { resource: SNAPS });
after(() => server.close());

const PARAMETERS = { scope: "openid offline_access photos.read" };
const BY_CODE = { kind: "operator", id: null, via: "code" } as const;

const ask = (query = "", headers: Record<string, string> = {}) =>
  server.fetch(new Request(`${ISSUER}/ended${query}`, { headers }));
async function listed(query = ""): Promise<List> {
  const response = await ask(query);
  assert.equal(response.status, 200);
  return JSON.parse(await response.text());
}

test("it answers with the time, the window and the beginning of the list", async () => {
  const response = await ask();
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("cache-control"), "no-cache");
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  const body = JSON.parse(await response.text());
  const now = server.now();
  assert.deepEqual(body, { now, window: 660, after: now - 660 - (now % 10), ended: [] });
  assert.equal((await listed(`?after=${now - 60}`)).after, now - 60);
  for (const query of ["?after=", "?after"]) assert.equal((await ask(query)).status, 200);
  for (const wrong of ["-1", "1.5", "1e9", "now", "1&after=2"]) {
    const refused = await ask(`?after=${wrong}`);
    assert.equal(refused.status, 400, wrong);
    assert.equal(JSON.parse(await refused.text()).error, "invalid_request");
  }
  assert.equal(
    (await server.fetch(new Request(`${ISSUER}/ended`, { method: "POST" }))).status,
    405,
  );
});

test("a cache asks each time, and is answered without the list until something has ended", async () => {
  const address = `?after=${server.now() - 60 - (server.now() % 10)}`;
  const first = await ask(address);
  const etag = first.headers.get("etag") ?? "";
  assert.match(etag, /^"[\w-]{16}"$/);
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await ask(address, { "if-none-match": known });
    assert.equal(again.status, 304);
    assert.equal(await again.text(), "");
    assert.equal(again.headers.get("etag"), etag);
    assert.equal(again.headers.get("cache-control"), "no-cache");
  }
  server.advance(1);
  assert.equal(
    (await ask(address, { "if-none-match": etag })).status,
    304,
    "time alone is no news",
  );
  const { refresh_token } = await tokensFor(server, app, { parameters: PARAMETERS });
  await post(server, "/revoke", { client: app, token: refresh_token });
  await soon(async () => {
    const news = await ask(address, { "if-none-match": etag });
    assert.equal(news.status, 200);
    assert.notEqual(news.headers.get("etag"), etag);
  });
});

test("a revoked access token ends those of its epoch; the next ones hold at once", async () => {
  const { access_token, refresh_token } = await tokensFor(server, app, { parameters: PARAMETERS });
  await post(server, "/revoke", { client: app, token: access_token });
  const { body } = await refresh(server, app, refresh_token, { resource: SNAPS });
  await soon(async () => assert.equal(isEnded(access_token, await listed()), true));
  assert.equal(isEnded(body.access_token, await listed()), false);
  assert.equal((await introspect(server, api, body.access_token)).active, true);
});

test("a revoked token of a client ends alone", async () => {
  const service = await server.addClient(SERVICE);
  const own = async () => {
    const grant = { grant_type: "client_credentials", resource: SNAPS };
    return (await post(server, "/token", { client: service, ...grant })).body.access_token;
  };
  const [one, two] = [await own(), await own()];
  await post(server, "/revoke", { client: service, token: one });
  await soon(async () => assert.equal(isEnded(one, await listed()), true));
  assert.equal(isEnded(two, await listed()), false);
});

test("a client that is enabled again has tokens that hold, from 5 seconds after it was disabled", async () => {
  const client = await server.addClient(WEB);
  const { access_token, refresh_token } = await tokensFor(server, client, {
    parameters: PARAMETERS,
  });
  const { server: env } = server;
  const disabled = await setClientDisabled({ client: client.record, disabled: true }, BY_CODE, env);
  assert.ok(typeof disabled === "object");
  await soon(async () => assert.equal(isEnded(access_token, await listed()), true));
  await setClientDisabled({ client: disabled, disabled: false }, BY_CODE, env);
  const next = async () =>
    (await refresh(server, client, refresh_token, { resource: SNAPS })).body.access_token;
  // A request that overlapped with the end would have got such a token.
  assert.equal(isEnded(await next(), await listed()), true);
  server.advance(5);
  assert.equal(isEnded(await next(), await listed()), false);
});

test("tokens of a retired key end, even those that somebody makes with it later", async () => {
  const { access_token } = await tokensFor(server, app, { parameters: PARAMETERS });
  const { kid } = JSON.parse(atob(access_token.split(".")[0] ?? ""));
  await retireKey(kid, BY_CODE, server.server);
  server.advance(100);
  await soon(async () => assert.equal(isEnded(access_token, await listed()), true));
});

test("names are listed for the life of a token and a minute, and then swept", async () => {
  const browser = testBrowser(server);
  const { access_token, refresh_token } = await tokensFor(server, app, {
    parameters: PARAMETERS,
    browser,
  });
  await post(server, "/revoke", { client: app, token: refresh_token });
  await soon(async () => assert.equal(isEnded(access_token, await listed()), true));
  server.advance(600);
  assert.equal(isEnded(access_token, await listed()), true);
  server.advance(80);
  assert.equal(isEnded(access_token, await listed()), false);
  assert.ok(server.now() > START);
  assert.deepEqual(hashesIn(await listed()), []);
});
