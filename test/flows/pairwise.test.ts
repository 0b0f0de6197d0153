/** Pairwise subjects and session ids, as apps and APIs see them (OpenID Connect Core §8; RFC 7662 §2.2). */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { copyDatabase, restoreDatabase } from "../../src/store/copy/transfer.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize, introspect, tokensFor, userinfo } from "../support/flow.ts";
import { blocksOf, pasteRequests } from "../support/pasted.ts";
import {
  CONFIG,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestServer,
  testServer,
  WEB,
} from "../support/server.ts";
import { webServer } from "../support/web.ts";

const folder = mkdtempSync(join(tmpdir(), "valetkey-pairwise-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const PAIRWISE = { ...WEB, subject_type: "pairwise" as const };
const [OLD, NEW] = [1, 2].map((n) => Buffer.alloc(32, n).toString("base64url")) as [string, string];

const server = await testServer();
after(() => server.close());
const sub = await server.addUser("ada", { claims: { name: "Ada" } });
const client = await server.addClient(PAIRWISE, { sector: "app.test" });

/** The subject that this client sees. */
async function seenBy(on: TestServer, by: { client_id: string }): Promise<string> {
  const known = (await on.server.store.findClient(by.client_id)) ?? assert.fail("no client");
  const { id_token } = await tokensFor(
    on,
    { ...client, client_id: by.client_id, record: known },
    {},
  );
  return String(decodeJwt(id_token).sub);
}

test("an API sees the subject of the token's client, in the token and at introspection", async () => {
  const api = await server.addClient(SERVICE, { resource: SNAPS });
  const prints = await server.addClient(SERVICE, { resource: PRINTS });
  const scope = "openid photos.read prints.order";
  const { access_token, id_token } = await tokensFor(server, client, {
    parameters: { scope, resource: SNAPS },
  });
  const shown = decodeJwt(id_token).sub;
  assert.equal(decodeJwt(access_token).sub, shown);
  assert.equal((await introspect(server, api, access_token)).sub, shown);
  const opaque = await tokensFor(server, client, { parameters: { scope, resource: PRINTS } });
  assert.match(opaque.access_token, /^vka_/);
  assert.equal((await introspect(server, prints, opaque.access_token)).sub, shown);
  assert.notEqual(shown, sub);
});

test("nothing that a pairwise client receives holds the person's own sub, or a session's id", async () => {
  const scope = "openid profile photos.read offline_access";
  const { access_token, id_token } = await tokensFor(server, client, { parameters: { scope } });
  const [session] = await server.server.store.listSessions(sub, { limit: 1 });
  const { body } = await userinfo(server, access_token);
  const seen = await introspect(server, client, access_token);
  const text = JSON.stringify([decodeJwt(access_token), decodeJwt(id_token), body, seen]);
  assert.ok(session && !text.includes(sub) && !text.includes(session.session_id));
});

test("sids of two clients in one session can't be compared, also with public subjects", async () => {
  const [one, two] = [await server.addClient(WEB), await server.addClient(WEB)];
  const browser = testBrowser(server);
  const sids: unknown[] = [];
  for (const each of [one, two, client, one]) {
    const { id_token } = await tokensFor(server, each, { browser });
    sids.push(decodeJwt(id_token).sid);
  }
  assert.equal(new Set(sids).size, 3);
  assert.equal(sids[3], sids[0], "in one client the sid stays");
});

test("an ID token with a pairwise subject is a hint for its person, and for no other", async () => {
  await server.addUser("eve");
  const { browser, id_token } = await tokensFor(server, client, {});
  const silently = { prompt: "none", id_token_hint: id_token };
  const { url } = await browser.get(authorizationUrl(client, silently));
  assert.ok(url.searchParams.has("code"));
  const other = testBrowser(server);
  await authorize(server, client, { browser: other, username: "eve" });
  const refused = await other.get(authorizationUrl(client, silently));
  assert.equal(refused.url.searchParams.get("error"), "login_required");
  // Another person signs in although the app has named one.
  const page = await testBrowser(server).get(authorizationUrl(client, { id_token_hint: id_token }));
  assert.match(page.url.pathname, /sign-in/);
  const third = testBrowser(server);
  const wrong = await third.signIn(
    await third.get(authorizationUrl(client, { id_token_hint: id_token })),
    "eve",
  );
  assert.equal(wrong.url.searchParams.get("error"), "login_required");
});

test("subjects outlive a restart, a change and a leak of the secret, a copy and a restored backup", async () => {
  const database = `sqlite:${join(folder, "first.sqlite")}`;
  const add = async (on: TestServer) => {
    await on.addUser("ada");
    return on.addClient(PAIRWISE, { sector: "app.test", secrets: client.record.secrets });
  };
  const first = await testServer({ database }, { secret: OLD });
  const own = await add(first);
  const shown = await seenBy(first, own);
  await first.close();
  for (const secrets of [
    { secret: OLD },
    { secret: NEW, previous_secrets: [OLD] },
    { secret: OLD, leaked_secrets: [NEW] },
  ]) {
    await using again = await testServer({ database }, secrets);
    assert.equal(await seenBy(again, own), shown);
  }
  const [copied, restored] = ["copied", "restored"].map(
    (name) => `sqlite:${join(folder, `${name}.sqlite`)}`,
  ) as [string, string];
  await copyDatabase({ from: database, to: copied });
  await restoreDatabase(
    { from: database, to: restored },
    { keep_grants: false, now: server.now() },
  );
  for (const other of [copied, restored]) {
    await using there = await testServer({ database: other }, { secret: OLD });
    assert.equal(await seenBy(there, own), shown);
    await assert.rejects(testServer({ database: other }, { secret: NEW }), /another secret/);
  }
});

test("I12: a new account with the address of a removed one is another person everywhere", async () => {
  await using fresh = await testServer(CONFIG);
  const own = await fresh.addClient(PAIRWISE, { sector: "app.test" });
  const open = await fresh.addClient(WEB);
  const old_sub = await fresh.addUser("mary", { claims: { email: "mary@example.com" } });
  const before = await tokensFor(fresh, own, { username: "mary" });
  const public_before = await tokensFor(fresh, open, { username: "mary" });
  await fresh.server.store.removeAccount(old_sub, fresh.now());
  fresh.advance(2);
  const new_sub = await fresh.addUser("mary", { claims: { email: "mary@example.com" } });
  assert.notEqual(new_sub, old_sub);
  for (const { access_token } of [before, public_before])
    assert.equal((await userinfo(fresh, access_token)).status, 401);
  const after_it = await tokensFor(fresh, own, { username: "mary" });
  assert.notEqual(decodeJwt(after_it.id_token).sub, decodeJwt(before.id_token).sub);
  assert.deepEqual(await introspect(fresh, own, before.refresh_token), { active: false });
});

test("the page about pairwise subjects: its request shows both types", async () => {
  await using live = await webServer();
  const page = "docs/pairwise-subjects.md";
  const [shown] = await pasteRequests(page, { ISSUER: live.issuer });
  assert.equal(shown, blocksOf(page, "json")[0]);
});
