/** On a database file: state survives a restart, and a second process sees changes within a second. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Runtime } from "../../src/authorization_server.ts";
import { at, authorizationUrl, type TestBrowser, testBrowser } from "../support/browser.ts";
import {
  authorize,
  introspect,
  post,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from "../support/flow.ts";
import { completeKeySet } from "../support/key_set.ts";
import {
  NATIVE,
  PRINTS,
  SNAPS,
  START,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";

// The key file alone must open what these tests write.
delete process.env.VALETKEY_SECRET;
const folder = mkdtempSync(join(tmpdir(), "valetkey-restart-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
/** A database file of its own, and a function that starts a server on it, any number of times. */
function newDatabase() {
  files += 1;
  const path = join(folder, `${files}.sqlite`);
  let now = START;
  const start = (runtime: Runtime = {}): Promise<TestServer> =>
    testServer({ database: `sqlite:${path}` }, { clock: () => now * 1000, ...runtime });
  const advance = (seconds: number) => {
    now += seconds;
  };
  return { path, start, advance };
}

/** The same browser with its cookies, at the restarted server. */
function continued(server: TestServer, { cookies }: TestBrowser): TestBrowser {
  const browser = testBrowser(server);
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  return browser;
}

const jwks = async (server: TestServer) =>
  (await server.fetch(new Request(at(server, "/jwks")))).text();

test("keys, tokens, codes, sessions, consent and open forms survive a restart", async () => {
  const { start, advance } = newDatabase();
  const first = await start();
  const sub = await first.addUser("ada");
  const client = await first.addClient(WEB);
  const native = await first.addClient(NATIVE);
  await completeKeySet(first);
  const keys = await jwks(first);
  const asked = (scope: string) => ({ parameters: { scope } });
  const { browser, ...signed } = await tokensFor(first, client, asked("openid photos.read"));
  const sealed = await tokensFor(first, client, { browser, ...asked("openid prints.order") });
  const redirect_uri = "http://127.0.0.1:8123/callback";
  const parameters = { redirect_uri };
  const rotating = await tokensFor(first, native, { browser, parameters });
  const { code } = await authorize(first, client, { browser });
  const consent = await browser.get(authorizationUrl(client, { prompt: "consent" }));
  const revoked = await tokensFor(first, client, { browser });
  await post(first, "/revoke", { client, token: revoked.refresh_token });
  await first.close();

  advance(30);
  const second = await start();
  after(() => second.close());
  assert.equal(await jwks(second), keys);
  for (const { access_token } of [signed, sealed]) {
    assert.equal((await introspect(second, client, access_token)).active, true);
    assert.equal((await userinfo(second, access_token)).body.sub, sub);
  }
  assert.equal((await refresh(second, client, signed.refresh_token)).status, 200);
  const successor = await refresh(second, native, rotating.refresh_token);
  assert.equal(successor.status, 200);
  const repeated = await refresh(second, native, rotating.refresh_token);
  assert.equal(repeated.body.refresh_token, successor.body.refresh_token);
  assert.equal((await redeem(second, client, code)).status, 200);
  assert.equal((await refresh(second, client, revoked.refresh_token)).status, 400);

  const same = continued(second, browser);
  assert.equal((await same.get("/account")).url.pathname, "/account");
  const silent = await same.get(authorizationUrl(client, { prompt: "none" }));
  assert.match(silent.url.href, /code=/);
  const back = await same.submit(consent, { decision: "allow" }, "/consent");
  assert.match(back.url.href, /code=/, "a form that was open during the restart");
});

test("a replay is still recognized after a restart", async () => {
  const { start, advance } = newDatabase();
  const first = await start();
  await first.addUser("ada");
  const client = await first.addClient(WEB);
  const native = await first.addClient(NATIVE);
  const { code } = await authorize(first, client);
  const { body } = await redeem(first, client, code);
  const parameters = { redirect_uri: "http://127.0.0.1:8123/callback" };
  const rotating = await tokensFor(first, native, { parameters });
  const successor = await refresh(first, native, rotating.refresh_token);
  await first.close();
  advance(61);
  const second = await start();
  after(() => second.close());
  assert.equal((await redeem(second, client, code)).body.error, "invalid_grant");
  assert.deepEqual(await introspect(second, client, body.access_token), { active: false });
  assert.equal((await refresh(second, native, rotating.refresh_token)).status, 400);
  assert.equal((await refresh(second, native, successor.body.refresh_token)).status, 400);
});

test("the key file is readable by its owner only and required; the database holds no usable secret", async () => {
  const { path, start } = newDatabase();
  const first = await start();
  await first.addUser("ada");
  const client = await first.addClient(WEB);
  const { code, ...tokens } = await tokensFor(first, client);
  const key_file = `${path}.key`;
  assert.equal(statSync(key_file).mode & 0o777, 0o600);
  const secret = readFileSync(key_file, "utf8").trim();
  assert.match(secret, /^[\w-]{43}$/);
  await first.close();

  const stored = readdirSync(folder)
    .filter((name) => join(folder, name).startsWith(path) && !name.endsWith(".key"))
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .join();
  const proofs = [code, tokens.refresh_token].map((token) => token.slice(-40));
  for (const kept of [secret, client.client_secret, tokens.access_token, '"d":', ...proofs])
    assert.equal(stored.includes(kept), false, `${kept.slice(0, 4)} is in the database`);

  renameSync(key_file, `${key_file}.away`);
  await assert.rejects(async () => start(), /key file .* is not/);
  assert.equal(existsSync(key_file), false, "a lost key is not replaced silently");
  renameSync(`${key_file}.away`, key_file);
  const again = await start();
  after(() => again.close());
  assert.equal((await refresh(again, client, tokens.refresh_token)).status, 200);
});

test("a changed secret opens nothing unless the previous one is configured too", async () => {
  const { path, start } = newDatabase();
  const first = await start();
  await first.addUser("ada");
  const client = await first.addClient(WEB);
  const { browser, ...tokens } = await tokensFor(first, client);
  await first.close();
  const secret = Buffer.alloc(32, 7).toString("base64url");
  await assert.rejects(start({ secret }), /another secret/);

  const old = readFileSync(`${path}.key`, "utf8").trim();
  const second = await start({ secret, previous_secrets: [old] });
  assert.equal((await introspect(second, client, tokens.access_token)).active, true);
  assert.equal((await refresh(second, client, tokens.refresh_token)).status, 200);
  const fresh = await tokensFor(second, client, { browser: continued(second, browser) });
  await second.close();

  const node_that_is_behind = await start({ secret: old, previous_secrets: [secret] });
  after(() => node_that_is_behind.close());
  const answer = await refresh(node_that_is_behind, client, fresh.refresh_token);
  assert.equal(answer.status, 200, "two nodes in the middle of a rotation agree");
});

test("two processes on one file see each other's changes within a second", async () => {
  const { start } = newDatabase();
  const [one, two] = [await start(), await start()];
  after(() => Promise.all([one.close(), two.close()]));
  const sub = await one.addUser("ada");
  const client = await one.addClient(WEB);
  const parameters = { scope: "openid offline_access photos.read" };
  const { browser, ...tokens } = await tokensFor(two, client, { parameters });
  const active = async () => (await introspect(two, client, tokens.access_token)).active;
  assert.equal(await active(), true);

  const { store } = one.server;
  const account = (await store.findAccount(sub)) ?? assert.fail("no account");
  await store.updateAccount({ ...account, disabled_at: START }, ["ada"]);
  await sleep(1000);
  assert.equal(await active(), false);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  await store.updateAccount(account, ["ada"]);
  await store.updateClient({ ...client.record, disabled_at: START });
  await sleep(1000);
  assert.equal((await refresh(two, client, tokens.refresh_token)).body.error, "invalid_client");
  await store.updateClient(client.record);
  await sleep(1000);
  assert.equal(await active(), true, "enabled again");
  // Grants and consents are never cached, so their changes take effect at once.
  await store.removeConsent({ sub, client_id: client.client_id }, START);
  assert.equal(await active(), false);
});

test("two processes starting on a new file at once agree on one set of keys", async () => {
  const { start } = newDatabase();
  const [one, two] = await Promise.all([start(), start()]);
  after(() => Promise.all([one.close(), two.close()]));
  await sleep(600);
  assert.equal(await jwks(one), await jwks(two));
  await one.addUser("ada");
  const client = await one.addClient(WEB);
  const parameters = { scope: "openid photos.read", resource: [SNAPS, PRINTS] };
  const { code } = await authorize(two, client, { parameters });
  const { body } = await redeem(one, client, code, { resource: SNAPS });
  assert.equal((await introspect(two, client, body.access_token)).active, true);
});
