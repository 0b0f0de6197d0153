/** Client ID Metadata Documents: a client that registers nowhere, on SQLite; PostgreSQL runs the same. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { SignJWT } from "jose";
import type { Config } from "../../src/config.ts";
import { authorizationUrl, testBrowser, VERIFIER } from "../support/browser.ts";
import { documentClient, REDIRECT } from "../support/document_client.ts";
import { DOCUMENTS, documentStories } from "../support/document_stories.ts";
import {
  authorize,
  introspect,
  post,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from "../support/flow.ts";
import { ISSUER, type TestServer, testServer } from "../support/server.ts";
import { looseOutbound, type Stranger, stranger } from "../support/stranger.ts";

let site: Stranger;
let server: TestServer;
before(async () => {
  site = await stranger();
  server = await testServer({ allow_private_fetch: true }, { outbound: looseOutbound() });
  await server.addUser("ada");
  await server.addUser("bob");
});
after(async () => {
  await server.close();
  await site.close();
});

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = ({ publicKey }: { publicKey: KeyObject }, kid: string) => ({
  ...publicKey.export({ format: "jwk" }),
  kid,
});
async function assertion(
  client_id: string,
  { privateKey }: { privateKey: KeyObject },
  kid: string,
) {
  const claims = { iss: client_id, sub: client_id, aud: ISSUER, jti: randomUUID() };
  return {
    client_assertion: await new SignJWT({ ...claims, iat: server.now(), exp: server.now() + 60 })
      .setProtectedHeader({ alg: "ES256", kid })
      .sign(privateKey),
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  };
}
const byCode = (code: string) => ({
  ...{ grant_type: "authorization_code", code, code_verifier: VERIFIER },
});

test("a client whose id is the URL of its document gets tokens, and is asked for at the authorization endpoint only", async () => {
  const client = documentClient(site);
  const { access_token, refresh_token } = await tokensFor(server, client);
  assert.equal(client.asked(), 1);
  site.answer(
    new URL(client.client_id).pathname,
    (_, response) => void response.writeHead(500).end(),
  );
  server.advance(301);
  const next = (await refresh(server, client, refresh_token)).body;
  assert.ok(next.access_token);
  assert.equal((await userinfo(server, access_token)).status, 200);
  assert.equal((await post(server, "/revoke", { client, token: next.refresh_token })).status, 200);
  assert.equal((await userinfo(server, access_token)).status, 401);
  assert.equal(client.asked(), 1);
  // A new request needs it.
  const page = await testBrowser(server).get(authorizationUrl(client));
  assert.equal(page.status, 400);
  assert.equal(client.asked(), 2);
});

test("nothing is stored before a person agrees", async () => {
  const client = documentClient(site);
  const { store } = server.server;
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(client));
  assert.match(sign_in.html, /Printly/);
  const consent = await browser.signIn(sign_in, "ada");
  assert.equal(consent.url.pathname, "/consent");
  assert.equal(await store.findClient(client.client_id), null);
  const denied = await browser.submit(consent, { decision: "deny" }, "/consent");
  assert.equal(denied.url.searchParams.get("error"), "access_denied");
  assert.equal(await store.findClient(client.client_id), null);
  await authorize(server, client, { browser });
  const stored = await store.findClient(client.client_id);
  assert.equal(stored?.created_by, "metadata_document");
  assert.equal(client.asked(), 1);
  const [event] = await store.listAudit({ client_id: client.client_id, limit: 10 });
  assert.ok(event);
});

test("a document is cached as HTTP says, within bounds", async () => {
  for (const [cache_control, fresh, stale] of [
    [null, 299, 2],
    ["max-age=60", 59, 2],
    ["max-age=864000", 86_399, 2],
    ["no-store", 0, 1],
  ] as const) {
    const headers = cache_control === null ? {} : { "cache-control": cache_control };
    const client = documentClient(site, {}, headers);
    await testBrowser(server).get(authorizationUrl(client));
    server.advance(fresh);
    await testBrowser(server).get(authorizationUrl(client));
    assert.equal(client.asked(), 1, String(cache_control));
    server.advance(stale);
    await testBrowser(server).get(authorizationUrl(client));
    assert.equal(client.asked(), 2, String(cache_control));
  }
});

test("a request in progress goes on with the document that it began with", async () => {
  const client = documentClient(site, {}, { "cache-control": "no-store" });
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(client));
  server.advance(60);
  const consent = await browser.signIn(sign_in, "ada");
  server.advance(60);
  const { url } = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.ok(url.searchParams.get("code"));
  assert.equal(client.asked(), 1);
});

test("an error is not cached", async () => {
  const client = documentClient(site, { redirect_uris: [] });
  const first = await testBrowser(server).get(authorizationUrl(client));
  assert.equal(first.status, 400);
  assert.match(first.html, /redirect_uris is missing/);
  client.change({});
  assert.equal((await testBrowser(server).get(authorizationUrl(client))).status, 200);
});

test("a client of a document may hold keys, by value or by address", async () => {
  const [one, two, other] = [pair(), pair(), pair()];
  const method = { token_endpoint_auth_method: "private_key_jwt" };
  const by_value = documentClient(site, { ...method, jwks: { keys: [jwk(one, "1")] } });
  const address = `/keys-${randomUUID()}`;
  const jwks_uri = site.publish(address, { keys: [jwk(one, "1")] });
  const by_address = documentClient(site, { ...method, jwks_uri });
  for (const client of [by_value, by_address]) {
    const { client_id } = client;
    const { code } = await authorize(server, client);
    // Public requests, and other keys, are refused.
    assert.equal((await redeem(server, client, code)).status, 401);
    const stolen = await assertion(client_id, other, "1");
    assert.equal((await post(server, "/token", { ...byCode(code), ...stolen })).status, 401);
    const own = await assertion(client_id, one, "1");
    const { status, body } = await post(server, "/token", { ...byCode(code), ...own });
    assert.equal(status, 200, JSON.stringify(body));
    const again = {
      ...{ grant_type: "refresh_token", refresh_token: body.refresh_token },
      ...(await assertion(client_id, one, "1")),
    };
    const refreshed = await post(server, "/token", again);
    // Not rotated, since it is bound to the client's key.
    assert.equal(refreshed.body.refresh_token, body.refresh_token);

    // A new key beside the old one is found.
    client.change({ ...method, jwks: { keys: [jwk(one, "1"), jwk(two, "2")] } });
    if (client === by_address) {
      client.change({ ...method, jwks_uri });
      site.publish(address, { keys: [jwk(two, "2")] });
    }
    server.advance(5);
    const rotated = { ...again, ...(await assertion(client_id, two, "2")) };
    assert.equal((await post(server, "/token", rotated)).status, 200);
  }
  // Keys without one in common may be anybody's.
  by_value.change({ ...method, jwks: { keys: [jwk(other, "3")] } });
  server.advance(5);
  const taken = await assertion(by_value.client_id, other, "3");
  const { status } = await post(server, "/token", {
    grant_type: "refresh_token",
    refresh_token: "x",
    ...taken,
  });
  assert.equal(status, 401);
});

test("a grant keeps the authentication method of its snapshot", async () => {
  const key = pair();
  const method = { token_endpoint_auth_method: "private_key_jwt" };
  const client = documentClient(site, { ...method, jwks: { keys: [jwk(key, "1")] } });
  const { code } = await authorize(server, client);
  const own = await assertion(client.client_id, key, "1");
  const { body } = await post(server, "/token", { ...byCode(code), ...own });
  // The document now says that no key is needed, and somebody else has agreed to that.
  client.change({ token_endpoint_auth_method: "none" });
  server.advance(301);
  const public_tokens = await tokensFor(server, client, { username: "bob" });
  assert.ok(public_tokens.access_token);
  const stolen = await refresh(server, client, body.refresh_token);
  assert.deepEqual([stolen.status, stolen.body.error], [401, "invalid_client"]);
  const refreshed = await post(server, "/token", {
    ...{ grant_type: "refresh_token", refresh_token: body.refresh_token },
    ...(await assertion(client.client_id, key, "1")),
  });
  assert.equal(refreshed.status, 200);
  assert.equal((await refresh(server, client, public_tokens.refresh_token)).status, 200);
});

test("an operator can disable a client and deny a host; what was given ends", async () => {
  const client = documentClient(site);
  const { access_token, refresh_token } = await tokensFor(server, client);
  const { store } = server.server;
  const stored = await store.findClient(client.client_id);
  assert.ok(stored);
  await store.updateClient({ ...stored, disabled_at: server.now() });
  assert.equal((await userinfo(server, access_token)).status, 401);
  assert.equal((await refresh(server, client, refresh_token)).body.error, "invalid_client");
  const asked = client.asked();
  server.advance(301);
  assert.equal((await testBrowser(server).get(authorizationUrl(client))).status, 403);
  assert.equal(client.asked(), asked);
  await store.updateClient({ ...stored, disabled_at: null });
  assert.equal((await userinfo(server, access_token)).status, 200);
});

test("hosts can be denied, or named alone; what a denied one was given ends", async () => {
  const secret = "A".repeat(43);
  const open = await testServer(
    { allow_private_fetch: true },
    { outbound: looseOutbound(), secret },
  );
  await open.addUser("ada");
  const client = documentClient(site);
  const { access_token, refresh_token } = await tokensFor(open, client);
  const { store } = open.server;
  for (const [lists, allowed] of [
    [{ allow: ["127.0.0.1"], deny: ["*.apps.example"] }, true],
    [{ deny: ["127.0.0.1"] }, false],
    [{ allow: ["127.0.0.1"], deny: ["127.0.0.1"] }, false],
    [{ allow: ["apps.example", "*.apps.example"] }, false],
    [{ enabled: false }, false],
  ] satisfies [Config["client_id_metadata_documents"], boolean][]) {
    const config = { allow_private_fetch: true, client_id_metadata_documents: lists };
    const strict = await testServer(config, { store, outbound: looseOutbound(), secret });
    const fresh = documentClient(site);
    const what = JSON.stringify(lists);
    const page = await testBrowser(strict).get(authorizationUrl(fresh));
    assert.equal(page.status === 200, allowed, what);
    assert.equal(fresh.asked(), allowed ? 1 : 0);
    const known = await testBrowser(strict).get(authorizationUrl(client));
    assert.equal(known.status, allowed ? 200 : 403, what);
    assert.equal((await userinfo(strict, access_token)).status, allowed ? 200 : 401, what);
    if (!allowed) assert.equal((await refresh(strict, client, refresh_token)).status, 401, what);
  }
  await open.close();
});

test("a client of a document is as limited as others that nobody checked", async () => {
  const config = {
    ...{ allow_private_fetch: true, scopes: { "a.read": "A", "b.read": "B", admin: "All" } },
    resources: {
      "https://a.test/": { name: "A", scopes: ["a.read"], open: true },
      "https://b.test/": { name: "B", scopes: ["b.read"] },
    },
  };
  await using limited = await testServer(config, { outbound: looseOutbound() });
  await limited.addUser("ada");
  for (const scope of [undefined, "openid a.read b.read admin"]) {
    const client = documentClient(site, {
      ...(scope !== undefined && { scope }),
      ...{ resources: ["https://b.test/"], trusted: true, require_pkce: false },
    });
    const asked = await authorize(limited, client, {
      parameters: { scope: "openid a.read b.read admin" },
    });
    const { body } = await redeem(limited, client, asked.code);
    assert.equal(body.scope, "openid a.read");
    const none = await testBrowser(limited).get(
      authorizationUrl(client, { code_challenge: undefined, code_challenge_method: undefined }),
    );
    assert.equal(none.url.searchParams.get("error"), "invalid_request");
    const foreign = authorizationUrl(client, { resource: "https://b.test/" });
    const refused = await testBrowser(limited).get(foreign);
    assert.equal(refused.url.searchParams.get("error"), "invalid_target");
  }
  const client = documentClient(site, {
    grant_types: ["authorization_code", "client_credentials", "implicit", "password"],
    response_types: ["code", "token", "id_token"],
  });
  await authorize(limited, client);
  const stored = await limited.server.store.findClient(client.client_id);
  assert.deepEqual(stored?.metadata.grant_types, ["authorization_code"]);
  assert.deepEqual(stored?.metadata.response_types, ["code"]);
  assert.equal(stored?.trusted, false);
  const own = await post(limited, "/token", {
    ...{ grant_type: "client_credentials", client_id: client.client_id },
  });
  assert.equal(own.body.error, "unauthorized_client");
  assert.equal((await introspect(limited, client, "x")).error, "invalid_client");
});

test("a redirect to this computer works without a port in the document", async () => {
  const redirect_uris = [
    "http://127.0.0.1/callback",
    "http://localhost/callback",
    "http://[::1]/cb",
  ];
  const client = documentClient(site, { redirect_uris });
  for (const redirect_uri of [
    "http://127.0.0.1:53124/callback",
    "http://localhost:53124/callback",
    "http://[::1]:9/cb",
  ]) {
    const { code } = await authorize(server, client, { parameters: { redirect_uri } });
    assert.equal((await redeem(server, client, code, { redirect_uri })).status, 200);
  }
});

test("the feature is advertised, and without it a URL is no client", async () => {
  const member = "client_id_metadata_document_supported";
  const metadataOf = async (at: TestServer) => {
    const address = `${ISSUER}/.well-known/oauth-authorization-server`;
    return JSON.parse(await (await at.fetch(new Request(address))).text());
  };
  assert.equal((await metadataOf(server))[member], true);
  const off = { client_id_metadata_documents: { enabled: false }, allow_private_fetch: true };
  await using closed = await testServer(off, { outbound: looseOutbound() });
  assert.ok(!(member in (await metadataOf(closed))));
  const client = documentClient(site);
  const page = await testBrowser(closed).get(authorizationUrl(client));
  assert.equal(page.status, 400);
  assert.equal(client.asked(), 0);
});

test("a removed client comes back with the next agreement, without its earlier grants", async () => {
  const client = documentClient(site);
  const { refresh_token } = await tokensFor(server, client);
  const { store } = server.server;
  server.advance(2);
  assert.ok(await store.removeClient(client.client_id, server.now()));
  assert.equal((await refresh(server, client, refresh_token)).status, 401);
  server.advance(2);
  const again = await tokensFor(server, client);
  assert.ok(again.access_token);
  assert.equal((await refresh(server, client, refresh_token)).body.error, "invalid_grant");
  assert.equal((await refresh(server, client, again.refresh_token)).status, 200);
});

test("the redirect URI of the request is one of the document", async () => {
  const client = documentClient(site);
  const evil = authorizationUrl(client, { redirect_uri: "https://evil.test/cb" });
  const page = await testBrowser(server).get(evil);
  assert.equal(page.status, 400);
  assert.ok(!page.html.includes('href="https://evil.test'));
  assert.equal(REDIRECT, "https://printly.test/callback");
});

test("a client that nobody uses any more is forgotten after a year", async () => {
  const client = documentClient(site);
  const { store } = server.server;
  const isThere = async () => (await store.findClient(client.client_id)) !== null;
  const sweep = async () => {
    while (await store.sweep(server.now(), 100));
  };
  const { refresh_token } = await tokensFor(server, client);
  server.advance(86_400 * 300);
  await sweep();
  assert.ok(await isThere());
  // Another agreement renews the year.
  await tokensFor(server, client, { username: "bob" });
  server.advance(86_400 * 300);
  await sweep();
  assert.ok(await isThere());
  server.advance(86_400 * 70);
  await sweep();
  // Each request looks for changes of the directory, every half second.
  await wait(600);
  await server.server.store.currentState();
  assert.equal(await isThere(), false);
  assert.equal((await refresh(server, client, refresh_token)).status, 401);
});

for (const [sentence, story] of Object.entries(documentStories))
  test(sentence, async () => {
    await using own = await testServer(DOCUMENTS, { outbound: looseOutbound() });
    await story(own, site);
  });
