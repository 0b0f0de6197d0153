/** Audit events: which are recorded, with which fields, and which are not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../src/config.ts";
import { openStore } from "../../src/store/open_store.ts";
import { SECRET } from "../security/failing_store.ts";
import { disconnect, testBrowser } from "../support/browser.ts";
import { authorize, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { NATIVE, PASSWORD, SERVICE, type TestServer, testServer, WEB } from "../support/server.ts";

async function events(server: TestServer) {
  return (await server.server.store.listAudit({ limit: 1000 })).reverse();
}
const names = async (server: TestServer): Promise<string[]> =>
  (await events(server)).map(({ event }) => event);

test("sign-in, consent, its removal and sign-out are recorded with person, address and request", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  const sub = await server.addUser("ada");
  const { browser, access_token, refresh_token } = await tokensFor(server, client);
  await disconnect(browser, client);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");

  const all = await events(server);
  assert.deepEqual(
    all.map(({ event, actor, client_id }) => [event, actor, client_id]),
    [
      ["signed_in", "person", null],
      ["consent_given", "person", client.client_id],
      ["consent_removed", "person", client.client_id],
      ["session_ended", "person", null],
    ],
  );
  assert.ok(all.every((each) => each.sub === sub));
  const [signed_in, given, , signed_out] = all;
  assert.equal(signed_in?.address, "203.0.113.7");
  assert.ok(server.lines.some(({ fields }) => fields.event_id === signed_in?.event_id));
  assert.deepEqual(given?.details, { agreed: [`${server.issuer} openid`], refused: [] });
  assert.equal(signed_out?.details.reason, "signed_out");
  assert.equal(given?.expires_at, server.now() + 31_536_000);
  const text = JSON.stringify(all);
  for (const secret of [PASSWORD, access_token, refresh_token, client.client_secret])
    assert.ok(secret.length > 5 && !text.includes(secret));
});

test("reuse of a code or refresh token is recorded once", async () => {
  await using server = await testServer();
  const web = await server.addClient(WEB);
  const native = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const sub = await server.addUser("ada");
  const { code } = await authorize(server, web);
  for (let i = 0; i < 4; i += 1) await redeem(server, web, code);
  const { refresh_token: first } = await tokensFor(server, native);
  const { body } = await refresh(server, native, first);
  await refresh(server, native, body.refresh_token);
  for (let i = 0; i < 4; i += 1) await refresh(server, native, first);
  const reused = (await events(server)).filter(({ event }) => event.endsWith("reused"));
  assert.deepEqual(
    reused.map(({ event, client_id }) => [event, client_id]),
    [
      ["code_reused", web.client_id],
      ["refresh_token_reused", native.client_id],
    ],
  );
  for (const { details, sub: whose } of reused) {
    assert.equal(whose, sub);
    assert.match(String(details.grant_id), /^[0-9a-f]{36}$/);
  }
});

test("a revocation is recorded only if it revoked something", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  const service = await server.addClient(SERVICE);
  await server.addUser("ada");
  const { refresh_token } = await tokensFor(server, client);
  const own = await post(server, "/token", { client: service, grant_type: "client_credentials" });
  const before = (await events(server)).length;
  await post(server, "/revoke", { client, token: refresh_token });
  await post(server, "/revoke", { client, token: refresh_token });
  await post(server, "/revoke", { client, token: "nonsense" });
  await post(server, "/revoke", { client: service, token: own.body.access_token });
  await post(server, "/revoke", { client, token: own.body.access_token });
  assert.deepEqual(
    (await events(server)).slice(before).map(({ event, client_id }) => [event, client_id]),
    [
      ["token_revoked", client.client_id],
      ["token_revoked", service.client_id],
    ],
  );
});

test("changes of password, sessions and own apps are recorded", async () => {
  await using server = await testServer({ your_apps: "everyone", sign_up: true });
  await server.addUser("ada");
  const browser = testBrowser(server);
  const act = async (path: string, intent: string, fields: Record<string, string> = {}) =>
    browser.submit(await browser.get(path), fields, {
      action: path.split("?")[0] ?? "",
      having: { intent },
    });
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const other = testBrowser(server);
  await other.signIn(await other.get("/sign-in"), "ada");
  await act("/account/security", "end_other_sessions");
  await act("/account/security", "change_password", {
    current_password: PASSWORD,
    new_password: "another horse battery",
  });
  await act("/account/apps?view=register", "register", {
    name: "Printly",
    site: "https://printly.test",
    redirect_uris: "https://printly.test/callback",
    kind: "web",
  });
  const [app] = await server.server.store.listClients({ limit: 1000 });
  const page = `/account/apps?app=${app?.client_id}`;
  await act(page, "new_secret");
  await act(page, "update", { name: "Printly 2" });
  await act(`${page}&view=remove`, "remove");
  assert.deepEqual(await names(server), [
    "signed_in",
    "signed_in",
    "session_ended",
    "password_changed",
    "signed_in",
    "client_created",
    "client_secret_changed",
    "client_changed",
    "client_removed",
  ]);
});

test("refused attempts by strangers are logged but not recorded", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada", "a wrong password");
  await redeem(server, client, `vkc_${"x".repeat(80)}`);
  await redeem(server, { ...client, client_secret: "wrong" }, "code");
  assert.deepEqual(await names(server), []);
  assert.ok(server.lines.some(({ event }) => event === "sign-in refused"));
});

test("closing the server writes queued events", async () => {
  const { database, lifetimes } = parseConfig({ database: "sqlite::memory:" });
  const { store } = openStore({ database, lifetimes }, { secret: SECRET });
  const kept = { ...store, close: async () => {} };
  const server = await testServer({}, { store: kept, secret: SECRET });
  await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  await server.close();
  assert.equal((await store.listAudit({ limit: 10 })).length, 1);
  await store.close();
});
