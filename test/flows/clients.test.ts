/** Clients: authentication, and changes by an operator. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { withNewSecret } from "../../src/clients/client_secret.ts";
import { createClient } from "../../src/clients/create_client.ts";
import { removeClient, revokeClient } from "../../src/clients/end_client.ts";
import type { ClientOptions } from "../../src/clients/new_client.ts";
import type { ClientMetadata } from "../../src/oauth/client_metadata.ts";
import { revokePerson } from "../../src/people/end_person.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { NATIVE, SERVICE, SNAPS, type TestClient, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const { store } = server.server;
await server.addUser("ada");
const DAY = 86_400;

const own = (client: TestClient) =>
  post(server, "/token", { client, grant_type: "client_credentials" });

test("a new secret works at once; the previous one works for client_secret_overlap", async () => {
  const client = await server.addClient(SERVICE);
  const { secret, secrets } = withNewSecret(client.record.secrets, {
    now: server.now(),
    overlap: server.config.lifetimes.client_secret_overlap,
  });
  await store.updateClient({ ...client.record, secrets });
  const renewed = { ...client, client_secret: secret };
  assert.equal((await own(renewed)).status, 200);
  server.advance(DAY - 1);
  assert.equal((await own(client)).status, 200);
  server.advance(1);
  const refused = await own(client);
  assert.equal(refused.status, 401);
  assert.equal(refused.body.error, "invalid_client");
  assert.equal((await own(renewed)).status, 200);
});

test("without overlap the old secret ends at once; at most two are valid", async () => {
  const client = await server.addClient(SERVICE);
  let { secrets } = client.record;
  const made = [client.client_secret];
  for (const overlap of [DAY, DAY]) {
    const next = withNewSecret(secrets, { now: server.now(), overlap });
    secrets = next.secrets;
    made.push(next.secret);
  }
  await store.updateClient({ ...client.record, secrets });
  const statuses = async () =>
    Promise.all(
      made.map(async (client_secret) => (await own({ ...client, client_secret })).status),
    );
  assert.deepEqual(await statuses(), [401, 200, 200]);
  const last = withNewSecret(secrets, { now: server.now(), overlap: 0 });
  made.push(last.secret);
  await store.updateClient({ ...client.record, secrets: last.secrets });
  assert.deepEqual(await statuses(), [401, 401, 401, 200]);
});

test("client_secret_basic and client_secret_post are interchangeable", async () => {
  const posting = { ...SERVICE, token_endpoint_auth_method: "client_secret_post" };
  const clients = [await server.addClient(SERVICE), await server.addClient(posting)];
  for (const client of clients)
    for (const { record } of clients) {
      // `post` sends the secret as the record says.
      const { status } = await own({ ...client, record });
      assert.equal(status, 200);
    }
});

test("other methods than the registered one are refused, and the description names it", async () => {
  const clients = {
    client_secret_basic: await server.addClient(SERVICE),
    none: await server.addClient(NATIVE),
  };
  for (const [method, client] of Object.entries(clients))
    for (const [other, { record }] of Object.entries(clients)) {
      if (method === other) continue;
      const { status, body } = await own({ ...client, record });
      assert.equal(status, 401, `${method} by ${other}`);
      assert.equal(body.error, "invalid_client");
      assert.match(body.error_description ?? "", new RegExp(method));
    }
});

test("an unknown client and a wrong secret get the same answer", async () => {
  const client = await server.addClient(SERVICE);
  const wrong = await own({ ...client, client_secret: "vks_wrong" });
  const unknown = await own({ ...client, client_id: "nobody" });
  const posting = { ...SERVICE, token_endpoint_auth_method: "client_secret_post" };
  const posted = await own({ ...(await server.addClient(posting)), client_secret: "vks_wrong" });
  assert.deepEqual(wrong.body, unknown.body);
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get("www-authenticate") ?? "", /^Basic realm="https:\/\/as\.test"/);
  assert.deepEqual([posted.status, posted.body], [401, wrong.body]);
  assert.equal(
    posted.headers.get("www-authenticate"),
    null,
    "no challenge, as no Authorization header was sent",
  );
});

test("a disabled client gets no tokens; enabling it restores what was not revoked", async () => {
  const client = await server.addClient(WEB);
  const api = await server.addClient(SERVICE, { resource: SNAPS });
  const parameters = { scope: "openid offline_access photos.read" };
  const { browser, ...tokens } = await tokensFor(server, client, { parameters });
  const { code } = await authorize(server, client, { browser, parameters });
  const revoked = await tokensFor(server, client, { browser, parameters });
  await post(server, "/revoke", { client, token: revoked.refresh_token });

  await store.updateClient({ ...client.record, disabled_at: server.now() });
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_client");
  assert.equal((await redeem(server, client, code)).body.error, "invalid_client");
  assert.deepEqual(await introspect(server, api, tokens.access_token), { active: false });
  const asked = await browser.get(authorizationUrl(client));
  assert.equal(asked.status, 403);
  assert.equal(asked.url.origin, server.issuer);

  await store.updateClient(client.record);
  assert.equal((await introspect(server, api, tokens.access_token)).active, true);
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
  assert.equal((await redeem(server, client, code)).status, 200);
  assert.equal((await refresh(server, client, revoked.refresh_token)).status, 400);
});

test("disabling a service makes its tokens inactive", async () => {
  const client = await server.addClient(SERVICE);
  const api = await server.addClient(SERVICE, { resource: SNAPS });
  const ask = { client, grant_type: "client_credentials", resource: SNAPS };
  const { body } = await post(server, "/token", ask);
  await store.updateClient({ ...client.record, disabled_at: server.now() });
  assert.equal((await own(client)).body.error, "invalid_client");
  assert.deepEqual(await introspect(server, api, body.access_token), { active: false });
});

test("removing a client ends all its tokens and removes it from connected apps", async () => {
  const client = await server.addClient(WEB);
  const api = await server.addClient(SERVICE, { resource: SNAPS });
  const parameters = { scope: "openid photos.read" };
  const { browser, ...tokens } = await tokensFor(server, client, { parameters });
  assert.match((await browser.get("/account")).html, new RegExp(`remove=${client.client_id}"`));
  await store.removeClient(client.client_id, server.now());
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_client");
  assert.deepEqual(await introspect(server, api, tokens.access_token), { active: false });
  assert.doesNotMatch(
    (await browser.get("/account")).html,
    new RegExp(`remove=${client.client_id}"`),
  );
});

test("a client with the id of a removed one inherits no tokens and no consents", async () => {
  const client = await server.addClient({
    ...WEB,
    grant_types: [...WEB.grant_types, "client_credentials"],
  });
  const parameters = { scope: "openid offline_access photos.read" };
  const { browser, ...held } = await tokensFor(server, client, { parameters });
  const { code } = await authorize(server, client, { browser, parameters });
  const { body } = await own(client);
  const by = { kind: "operator", id: null, via: "command" } as const;
  await removeClient(client.record, by, server.server);
  server.advance(1);
  const { client_id, record } = client;
  const made = await createClient({ document: record.metadata, client_id }, by, server.server);
  assert.ok(typeof made === "object");
  // With its old secret, as if it authenticated by the same keys as before.
  const { secrets } = record;
  assert.ok(await store.updateClient({ ...made.client, secrets }, { before: made.client }));
  assert.equal((await refresh(server, client, held.refresh_token)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
  for (const token of [held.access_token, body.access_token])
    assert.deepEqual(await introspect(server, client, token), { active: false });
  assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/consent");
  assert.equal(
    (await introspect(server, client, (await own(client)).body.access_token)).active,
    true,
  );
});

test("a client registered in code completes a flow with the returned credentials", async () => {
  const registered = await server.registerClient({
    client_name: "By code",
    redirect_uris: ["https://printly.test/callback"],
    grant_types: ["authorization_code", "refresh_token"],
  });
  const record = (await store.findClient(registered.client_id)) ?? assert.fail("not stored");
  const { client_id, client_secret = "" } = registered;
  const { body } = await redeem(
    server,
    { client_id, client_secret, record },
    (await authorize(server, { client_id })).code,
  );
  assert.match(body.access_token, /./);
  await assert.rejects(server.registerClient({ redirect_uris: ["http://evil.test/"] }), {
    error: "invalid_redirect_uri",
  });
});

test("registerClient and the command line refuse the same metadata", async () => {
  const web = { redirect_uris: ["https://app.test/cb"] };
  const open = { ...web, token_endpoint_auth_method: "none" } as const;
  const before = await store.listClients({ limit: 1000 });
  for (const [metadata, options, parameter] of [
    [open, { require_pkce: false }, "require_pkce"],
    [open, { resource: SNAPS }, "token_endpoint_auth_method"],
    [web, { resource: "https://other.test" }, "resource"],
    [web, { resource: "no address" }, "resource"],
    [{ ...open, grant_types: ["client_credentials"] }, {}, "grant_types"],
  ] as [Partial<ClientMetadata>, ClientOptions, string][])
    await assert.rejects(server.registerClient(metadata, options), { parameter });
  assert.deepEqual(await store.listClients({ limit: 1000 }), before);
  const { client_id } = await server.registerClient(web, {
    trusted: true,
    resource: server.issuer,
  });
  const [event] = await store.listAudit({ client_id, limit: 10 });
  assert.deepEqual(
    [event?.event, event?.actor, event?.via],
    ["client_created", "operator", "code"],
  );
});

test("revoking a client ends its tokens and codes at once, and with forget its consents; new ones can be issued", async () => {
  const client = await server.addClient({
    ...WEB,
    grant_types: [...WEB.grant_types, "client_credentials"],
  });
  const held = await tokensFor(server, client);
  const { body } = await own(client);
  const waiting = await authorize(server, client);
  const by = { kind: "operator", id: null, via: "command" } as const;
  await revokeClient({ client_id: client.client_id, forget: false }, by, server.server);
  assert.equal((await refresh(server, client, held.refresh_token)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, waiting.code)).body.error, "invalid_grant");
  for (const token of [held.access_token, body.access_token])
    assert.deepEqual(await introspect(server, client, token), { active: false });
  server.advance(1);
  const again = await own(client);
  assert.equal((await introspect(server, client, again.body.access_token)).active, true);
  const { browser } = waiting;
  assert.equal((await browser.get(authorizationUrl(client))).url.host, "printly.test");
  await revokeClient({ client_id: client.client_id, forget: true }, by, server.server);
  assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/consent");
  const listed = new RegExp(`remove=${client.client_id}"`);
  assert.doesNotMatch((await browser.get("/account")).html, listed);
});

test("a grant made in the same second as a revocation does not survive it", async () => {
  const client = await server.addClient(WEB);
  const sub = await server.addUser("hedy");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "hedy");
  const scope = "openid offline_access photos.read";
  const consent = await browser.get(authorizationUrl(client, { scope }));
  assert.equal(consent.url.pathname, "/consent");
  // The request is in flight: its session was read before the revocation, its grant is written after.
  const by = { kind: "operator", id: null, via: "command" } as const;
  const { approve } = store;
  server.server.store.approve = async (...args) => {
    await revokePerson({ sub, forget: false }, by, server.server);
    return approve(...args);
  };
  const { url } = await browser.submit(consent, { decision: "allow" }, "/consent");
  server.server.store.approve = approve;
  const code = url.searchParams.get("code");
  assert.ok(code, url.href);
  assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
});
