/** Findings of the review of November 2026 that have no other file: a test for each, named for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJwt } from "jose";
import { allowOnly, authorizationUrl, testBrowser } from "../support/browser.ts";
import { introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import {
  ISSUER,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";

const CLOSED = "https://admin.test/api";
const resources = {
  [SNAPS]: { name: "Snaps", scopes: ["photos.read"], open: true },
  [PRINTS]: { name: "Prints", scopes: ["photos.read", "prints.order"], open: true },
  [CLOSED]: { name: "Back office", scopes: ["notes.read"] },
};

async function signedIn(server: TestServer) {
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  return browser;
}

test("H2 an app that a person registered gets no token for a closed API, with or without its scopes", async () => {
  await using server = await testServer({ resources });
  const sub = await server.addUser("ada");
  const app = await server.addClient(WEB, { created_by: "user", owner_sub: sub });
  const browser = await signedIn(server);
  for (const scope of ["openid", "notes.read", "openid notes.read", "photos.read"]) {
    const { url } = await browser.get(authorizationUrl(app, { scope, resource: CLOSED }));
    assert.equal(url.searchParams.get("error"), "invalid_target", scope);
  }
  const { scope, access_token, refresh_token } = await tokensFor(server, app, {
    browser,
    parameters: { scope: "openid photos.read notes.read" },
  });
  assert.equal(scope, "openid photos.read");
  assert.deepEqual(decodeJwt(access_token).aud, [SNAPS, ISSUER]);
  const asked = await refresh(server, app, refresh_token, { resource: CLOSED });
  assert.equal(asked.body.error, "invalid_target");
});

test("H2 a service gets no other API's audience with a scope of its own", async () => {
  await using server = await testServer({ resources });
  const service = await server.addClient({ ...SERVICE, scope: "photos.read", resources: [SNAPS] });
  for (const more of [{ scope: "photos.read" }, {}]) {
    const asked = { client: service, grant_type: "client_credentials", resource: CLOSED, ...more };
    assert.equal((await post(server, "/token", asked)).body.error, "invalid_target");
  }
});

test("H2 pages and events name each API, also one that is asked for without a scope", async () => {
  await using server = await testServer({ resources });
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  const browser = await signedIn(server);
  const page = await browser.get(authorizationUrl(client, { scope: "openid", resource: CLOSED }));
  assert.equal(page.url.pathname, "/consent");
  assert.match(page.html, /Back office/);
  await browser.submit(page, { decision: "allow" }, "/consent");
  assert.match((await browser.get("/account")).html, /Back office/);
  const events = await server.server.store.listAudit({ limit: 10 });
  const given = events.find(({ event }) => event === "consent_given");
  assert.ok(JSON.stringify(given?.details.agreed).includes(CLOSED));
});

test("M3 a scope that two APIs share is agreed to for each of them", async () => {
  await using server = await testServer({ resources });
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  const browser = await signedIn(server);
  const ask = (resource: string, scope: string) =>
    browser.get(authorizationUrl(client, { resource, scope: `openid ${scope}` }));
  await browser.submit(await ask(SNAPS, "photos.read"), { decision: "allow" }, "/consent");
  const order = await ask(PRINTS, "prints.order");
  await browser.submit(order, { decision: "allow" }, "/consent");
  const other = await ask(PRINTS, "photos.read");
  assert.equal(other.url.pathname, "/consent", "asked, and not given silently");
  assert.match(other.html, /Prints/);
  // A permission that is refused there is not granted later because of another consent.
  await browser.submit(other, allowOnly(other), "/consent");
  const { url } = await ask(PRINTS, "photos.read prints.order");
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "", {
    resource: PRINTS,
  });
  assert.equal(body.scope, "prints.order");
});

test("M6 what trust skipped is asked when the client is no longer trusted", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient(WEB, { trusted: true });
  const { browser } = await tokensFor(server, client);
  assert.ok((await browser.get(authorizationUrl(client))).url.searchParams.has("code"));
  await server.server.store.updateClient({ ...client.record, trusted: false });
  assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/consent");
  const silent = await browser.get(authorizationUrl(client, { prompt: "none" }));
  assert.equal(silent.url.searchParams.get("error"), "consent_required");
});

test("L4 a form that is answered again with less narrows what was given, and revokes nothing else", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  const browser = await signedIn(server);
  const scope = "openid photos.read photos.write";
  const page = await browser.get(authorizationUrl(client, { scope }));
  const first = await browser.submit(page, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, first.url.searchParams.get("code") ?? "");
  assert.equal(body.scope, scope);
  const again = await browser.submit(page, allowOnly(page, "photos.read"), "/consent");
  assert.equal(again.status, 200);
  assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
  const narrowed = await refresh(server, client, body.refresh_token);
  assert.equal(narrowed.body.scope, "openid photos.read");
});
