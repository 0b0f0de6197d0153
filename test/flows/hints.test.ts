/** Hints in the log that name a setting, or that answer no refusal. test/cli/hints.test.ts runs the others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { introspect, post, tokensFor } from "../support/flow.ts";
import { PRINTS, SERVICE, SNAPS, type TestServer, testServer, WEB } from "../support/server.ts";

const hintOf = ({ lines }: TestServer, event: string): unknown =>
  lines.findLast((line) => line.event === event)?.fields.hint;

test("scopes that are left out: the hint names the setting or the command", async () => {
  await using server = await testServer();
  const { client_id } = await server.addClient({ ...WEB, scope: "openid" });
  const ask = (scope: string) =>
    testBrowser(server).get(authorizationUrl({ client_id }, { scope }));
  await ask("openid groups");
  assert.match(String(hintOf(server, "scopes left out")), /`scopes` of the configuration/);
  await ask("openid notes.read");
  const command = `valetkey client update ${client_id} --scope "openid notes.read"`;
  assert.equal(hintOf(server, "scopes left out"), command);
});

test("an app of a person: the hint names the setting of the API, and no command that is refused", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB, { created_by: "user", owner_sub: "somebody" });
  const { client_id } = client;
  await testBrowser(server).get(authorizationUrl({ client_id }, { scope: "openid photos.read" }));
  assert.match(String(hintOf(server, "scopes left out")), /`open: true`/);
  await post(server, "/token", { client, grant_type: "client_credentials" });
  assert.equal(hintOf(server, "refused"), undefined);
});

test("a rate limit: the hint names its key", async () => {
  await using server = await testServer({ rate_limits: { client: 1 } });
  const client = await server.addClient(SERVICE);
  for (let sent = 0; sent < 3; sent += 1)
    await post(server, "/token", { client, grant_type: "client_credentials" });
  assert.equal(hintOf(server, "rate limited"), "rate_limits.client of the configuration");
});

test("what is too long or too much: the hint names its key", async () => {
  await using server = await testServer({
    limits: { body: 200, header: 2000, parameters: 2 },
  });
  const client = await server.addClient(SERVICE);
  const send = (path: string, body: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    return server.fetch(new Request(`${server.issuer}${path}`, { method: "POST", headers, body }));
  };
  await post(server, "/token", { client, grant_type: "client_credentials", a: "1", b: "2" });
  assert.equal(hintOf(server, "refused"), "limits.parameters of the configuration");
  await send("/token", "x".repeat(201));
  assert.equal(hintOf(server, "refused"), "limits.body of the configuration");
  await testBrowser(server).get(`/jwks?${"x".repeat(2000)}`);
  assert.equal(hintOf(server, "refused"), "limits.header of the configuration");
});

test("wrong passwords: the hint of a wait names its key", async () => {
  await using server = await testServer({
    sign_in_limits: { account: 1, address: 1, window: 900 },
  });
  await server.addUser("ada");
  const browser = testBrowser(server);
  const page = await browser.get("/account");
  for (let tries = 0; tries < 4; tries += 1) await browser.signIn(page, "ada", "wrong");
  assert.equal(hintOf(server, "sign-in refused"), "sign_in_limits of the configuration");
  server.advance(3600);
  await browser.signIn(page, "ada", "x".repeat(2000));
  assert.equal(hintOf(server, "page refused"), "limits.password of the configuration");
});

test("a page that a person may not open: the hint names who decides", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/account"), "ada");
  await browser.get("/account/apps");
  assert.match(String(hintOf(server, "page refused")), /your_apps/);
});

test("introspection of a token for another API is reported in the log only", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  const api = await server.addClient({ ...SERVICE, grant_types: [] }, { resource: PRINTS });
  const { access_token } = await tokensFor(server, client, { parameters: { resource: SNAPS } });
  assert.deepEqual(await introspect(server, api, access_token), { active: false });
  assert.match(String(hintOf(server, "introspection for another API")), /client add --resource/);
});

test("a disabled account: only the right password has a hint, and the page tells neither", async () => {
  await using server = await testServer();
  const sub = await server.addUser("ada");
  const { store } = server.server;
  const account = await store.findAccount(sub);
  assert.ok(account);
  await store.updateAccount({ ...account, disabled_at: server.now() }, ["ada"]);
  const browser = testBrowser(server);
  const page = await browser.get("/account");
  const wrong = await browser.signIn(page, "ada", "not the password");
  assert.equal(hintOf(server, "account is disabled"), undefined);
  const right = await browser.signIn(page, "ada");
  assert.equal(hintOf(server, "account is disabled"), `valetkey user enable ${sub}`);
  assert.deepEqual([right.status, wrong.status], [401, 401]);
});
