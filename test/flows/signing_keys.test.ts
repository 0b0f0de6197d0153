/** Signing keys: published before they sign, and until their last token has expired. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { addKey, keepSigningKeys } from "../../src/keys/keyring.ts";
import { at, authorizationUrl } from "../support/browser.ts";
import { introspect, post, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";

const DAY = 86_400;

async function published(server: TestServer): Promise<JSONWebKeySet> {
  const response = await server.fetch(new Request(at(server, "/jwks")));
  assert.equal(response.status, 200);
  return JSON.parse(await response.text());
}

const kidsOf = ({ keys }: JSONWebKeySet, alg: string) =>
  keys.flatMap((key) => (key.alg === alg ? [key.kid ?? ""] : []));

/** Tokens that outlive sessions, so that time alone matters. */
async function start() {
  const server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient({ ...WEB, id_token_signed_response_alg: "ES256" });
  const parameters = { scope: "openid offline_access" };
  const tokens = await tokensFor(server, client, { parameters });
  const next = async () => (await refresh(server, client, tokens.refresh_token)).body;
  return { server, client, tokens, next };
}

const rotate = ({ server, now }: TestServer, seconds = 600) =>
  addKey(server.store, server.secrets, { alg: "ES256", now: now(), signs_at: now() + seconds });

const kidOf = (token: string) => decodeProtectedHeader(token).kid;

test("a new key is published at once and signs after 600 seconds", async () => {
  const { server, tokens, next } = await start();
  after(() => server.close());
  const old_kid = kidOf(tokens.access_token);
  const key = (await rotate(server)) ?? assert.fail("not added");
  assert.deepEqual(kidsOf(await published(server), "ES256").sort(), [old_kid, key.kid].sort());
  server.advance(599);
  assert.equal(kidOf((await next()).access_token), old_kid);
  server.advance(1);
  const after_rotation = await next();
  assert.equal(kidOf(after_rotation.access_token), key.kid);
  assert.equal(kidOf(after_rotation.id_token), key.kid);
});

test("the old key stays published until its last token has expired", async () => {
  const { server, client, next } = await start();
  after(() => server.close());
  const key = (await rotate(server)) ?? assert.fail("not added");
  server.advance(599);
  const last = await next(); // the longest-lived token is the ID token, with an hour
  server.advance(599);
  assert.equal((await introspect(server, client, last.access_token)).active, true);
  server.advance(3000);
  const jwks = await published(server);
  const currentDate = new Date(server.now() * 1000);
  const { payload } = await jwtVerify(last.id_token, createLocalJWKSet(jwks), { currentDate });
  assert.ok(payload.exp !== undefined && payload.exp - server.now() <= 1, "in its last second");
  server.advance(600);
  assert.deepEqual(kidsOf(await published(server), "ES256"), [key.kid]);
});

test("an ID token is accepted as a hint after its key is no longer published", async () => {
  const { server, client, tokens } = await start();
  after(() => server.close());
  await rotate(server);
  server.advance(DAY);
  assert.equal(
    kidsOf(await published(server), "ES256").includes(kidOf(tokens.id_token) ?? ""),
    false,
  );
  const hint = { prompt: "none", id_token_hint: tokens.id_token };
  const { url } = await tokens.browser.get(authorizationUrl(client, hint));
  assert.match(url.href, /code=/);
});

test("two nodes rotating at once create one key", async () => {
  const { server } = await start();
  after(() => server.close());
  const made = await Promise.all([rotate(server), rotate(server)]);
  assert.equal(made.filter((key) => key !== null).length, 1);
  assert.equal(kidsOf(await published(server), "ES256").length, 2);
});

test("the schedule creates the next keys after 90 days, not before", async () => {
  const { server } = await start();
  after(() => server.close());
  const { store, secrets } = server.server;
  const first = await published(server);
  server.advance(90 * DAY - 1);
  await keepSigningKeys(store, secrets, server.now());
  assert.deepEqual(await published(server), first);
  server.advance(1);
  await keepSigningKeys(store, secrets, server.now());
  await keepSigningKeys(store, secrets, server.now());
  const both = await published(server);
  for (const alg of ["ES256", "RS256"]) assert.equal(kidsOf(both, alg).length, 2, alg);
  const client = await server.addClient(SERVICE);
  const ask = () => post(server, "/token", { client, grant_type: "client_credentials" });
  const [old_kid] = kidsOf(first, "ES256");
  assert.equal(kidOf((await ask()).body.access_token), old_kid);
  server.advance(600);
  assert.notEqual(kidOf((await ask()).body.access_token), old_kid);
});

test("a retired key disappears at once, and its tokens are refused", async () => {
  const { server, client, next } = await start();
  after(() => server.close());
  server.advance(DAY);
  const stolen = await next();
  const key = (await rotate(server, 0)) ?? assert.fail("not added");
  const fresh = await next();
  assert.equal(kidOf(fresh.access_token), key.kid, "the new key signs at once when needed");
  assert.equal((await introspect(server, client, stolen.access_token)).active, true);
  const { store } = server.server;
  assert.equal(await store.retireSigningKey(kidOf(stolen.access_token) ?? "", server.now()), true);
  assert.deepEqual(kidsOf(await published(server), "ES256"), [key.kid]);
  assert.equal((await introspect(server, client, stolen.access_token)).active, false);
  assert.equal((await userinfo(server, stolen.access_token)).status, 401);
  assert.equal((await introspect(server, client, fresh.access_token)).active, true);
});
