/** Additions by a signed-in person are bounded, and each bound is reached here (M4 of the review of November 2026). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { type TestServer, testServer, WEB } from "../support/server.ts";

const events = async ({ server }: TestServer, event: string) =>
  (await server.store.listAudit({ limit: 1000 })).filter((each) => each.event === event);

test("M4 a person has at most 100 live grants to an app: the longest unused one ends, with an event", async () => {
  await using server = await testServer({ rate_limits: { changes: 0 } });
  const [client, other] = [await server.addClient(WEB), await server.addClient(WEB)];
  const sub = await server.addUser("ada");
  const { browser, refresh_token: oldest } = await tokensFor(server, client);
  const elsewhere = await tokensFor(server, other, { browser });
  server.advance(5);
  const again = async () => {
    server.advance(1);
    const { url } = await browser.get(authorizationUrl(client));
    return (await redeem(server, client, url.searchParams.get("code") ?? "")).body.refresh_token;
  };
  const second = await again();
  for (let i = 2; i < 100; i += 1) await again();
  assert.equal((await refresh(server, client, oldest)).status, 200, "a hundred stand");
  assert.equal((await events(server, "grant_ended")).length, 0);
  // The oldest one is used after a day, and then the second one is the longest unused.
  server.advance(90_000);
  assert.equal((await refresh(server, client, oldest)).status, 200);
  const last = await again();
  assert.equal((await refresh(server, client, oldest)).status, 200);
  assert.equal((await refresh(server, client, last)).status, 200);
  assert.equal((await refresh(server, other, elsewhere.refresh_token)).status, 200);
  const ended = await events(server, "grant_ended");
  assert.equal(ended.length, 1);
  const [{ sub: about, client_id, details } = assert.fail()] = ended;
  assert.deepEqual([about, client_id, details.reason], [sub, client.client_id, "too_many"]);
  assert.equal((await refresh(server, client, second)).body.error, "invalid_grant");
});

test("M4 codes that nobody redeems push no grant out", async () => {
  await using server = await testServer({ limits: { grants: 3 }, rate_limits: { changes: 0 } });
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const { browser, refresh_token } = await tokensFor(server, client);
  for (let i = 0; i < 9; i += 1) {
    server.advance(61);
    await browser.get(authorizationUrl(client));
  }
  assert.equal((await refresh(server, client, refresh_token)).status, 200);
});

test("M4 standing consent is answered 300 times a minute; then a page asks to wait", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  await server.addUser("bob");
  const { browser } = await tokensFor(server, client);
  // The sign-in and the first answer count too.
  for (let i = 2; i < 300; i += 1)
    assert.ok((await browser.get(authorizationUrl(client))).url.searchParams.has("code"));
  const refused = await browser.get(authorizationUrl(client));
  assert.equal(refused.status, 429);
  assert.match(refused.html, /a lot at once/);
  const bob = await tokensFor(server, client, { username: "bob" });
  assert.ok(bob.access_token, "another person does not wait");
  server.advance(1);
  assert.ok((await browser.get(authorizationUrl(client))).url.searchParams.has("code"));
});

test("M4 sign-ins with the right password are limited, and each refusal writes nothing", async () => {
  await using server = await testServer({ rate_limits: { changes: 5 } });
  await server.addUser("ada");
  const statuses: number[] = [];
  for (let i = 0; i < 7; i += 1) {
    const browser = testBrowser(server);
    statuses.push((await browser.signIn(await browser.get("/sign-in"), "ada")).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
  assert.equal((await events(server, "signed_in")).length, 5);
});

test("M4 an app of a person revokes so many tokens a minute, and each refusal writes nothing", async () => {
  await using server = await testServer({ rate_limits: { changes: 6 } });
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  let tokens = await tokensFor(server, client);
  const statuses: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    statuses.push((await post(server, "/revoke", { client, token: tokens.access_token })).status);
    tokens = { ...tokens, ...(await refresh(server, client, tokens.refresh_token)).body };
  }
  assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
  assert.equal((await events(server, "token_revoked")).length, 4);
  assert.equal((await introspect(server, client, tokens.access_token)).active, true);
  assert.equal(
    (await post(server, "/revoke", { client, token: tokens.refresh_token })).status,
    429,
  );
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
});

test("M4 answers to an app are limited, and each refusal writes nothing", async () => {
  await using server = await testServer({ rate_limits: { changes: 6 } });
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const { browser } = await tokensFor(server, client);
  const statuses: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    const scope = i % 2 === 0 ? "openid photos.read" : "openid photos.write";
    const page = await browser.get(authorizationUrl(client, { scope, prompt: "consent" }));
    statuses.push((await browser.submit(page, { decision: "allow" }, "/consent")).status);
  }
  assert.deepEqual(statuses.slice(4), [429, 429]);
  assert.equal((await events(server, "consent_given")).length, 3);
});
