/** Regressions of defects that a review found. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../../src/crypto/hash.ts";
import { openStore } from "../../src/store/open_store.ts";
import { allowOnly, authorizationUrl, testBrowser } from "../support/browser.ts";
import { introspect, redeem, refresh, tokensFor } from "../support/flow.ts";
import { PASSWORD, testServer, WEB } from "../support/server.ts";

test("consent cannot be answered before the person has signed in for the request", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const asked = await browser.get(authorizationUrl(client, { prompt: "login" }));
  assert.equal(asked.url.pathname, "/sign-in");
  const sealed = asked.url.searchParams.get("continue") ?? "";
  const early = await browser.get(`/consent?${new URLSearchParams({ continue: sealed })}`);
  assert.equal(early.url.pathname, "/sign-in", "the first missing step");
});

test("going back and refusing revokes the code of the earlier answer", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  const consent = await browser.signIn(await browser.get(authorizationUrl(client)), "ada");
  // The first request already has its code; the second form is open in another tab.
  const allowed = await browser.submit(consent, { decision: "allow" }, "/consent");
  const code = allowed.url.searchParams.get("code") ?? "";
  const fresh = await browser.get(authorizationUrl(client, { prompt: "consent" }));
  const second = await browser.submit(fresh, { decision: "allow" }, "/consent");
  const refused = await browser.submit(fresh, { decision: "deny" }, "/consent");
  assert.equal(refused.url.searchParams.get("error"), "access_denied");
  const withdrawn = await redeem(server, client, second.url.searchParams.get("code") ?? "");
  assert.equal(withdrawn.status, 400);
  assert.equal(
    (await redeem(server, client, code)).status,
    200,
    "the code of the other request stays valid",
  );
});

test("forms remain valid while the server secret is rotated", async () => {
  const [older, newer] = [randomText(32), randomText(32)];
  await using before = await testServer({}, { secret: older, previous_secrets: [newer] });
  await using after = await testServer({}, { secret: newer, previous_secrets: [older] });
  await before.addUser("ada");
  await after.addUser("ada");
  const browser = testBrowser(before);
  const page = await browser.get("/sign-in");
  const other = testBrowser(after);
  for (const [name, value] of browser.cookies) other.cookies.set(name, value);
  const inside = await other.signIn(page, "ada");
  assert.equal(inside.url.pathname, "/account");
});

test("a database error during sign-in does not count as a wrong password", async () => {
  let broken = true;
  await using server = await testServer({
    users: {
      find: async () => null,
      findByLogin: async () => null,
      async verifyPassword() {
        if (broken) throw new Error("the database of the people is away");
        return false;
      },
    },
  });
  const browser = testBrowser(server);
  const page = await browser.get("/sign-in");
  for (let tries = 0; tries < 8; tries += 1)
    assert.equal((await browser.signIn(page, "ada")).status, 500);
  broken = false;
  assert.equal((await browser.signIn(page, "ada")).status, 401, "401 and not 429");
});

test("narrowing consent revokes the wider refresh token", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const scope = "openid photos.read photos.write";
  const first = await tokensFor(server, client, { parameters: { scope } });
  const page = await first.browser.get(authorizationUrl(client, { scope, prompt: "consent" }));
  await first.browser.submit(page, allowOnly(page, "photos.read"), "/consent");
  assert.equal((await refresh(server, client, first.refresh_token)).status, 400);
});

test("going back and answering again keeps the code and changes its scope to the last answer", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  const scope = "openid photos.read photos.write";
  const start = await browser.get(authorizationUrl(client, { scope }));
  const page = await browser.signIn(start, "ada");
  const answer = async (...scopes: string[]) => {
    const { url, status } = await browser.submit(page, allowOnly(page, ...scopes), "/consent");
    return { status, code: url.searchParams.get("code") };
  };
  const first = await answer("photos.read", "photos.write");
  assert.ok(first.code);
  const second = await answer("photos.read");
  assert.equal(second.code, first.code);
  const { body } = await redeem(server, client, second.code ?? "");
  assert.equal(body.scope, "openid photos.read");
  // The code is used: from now on an answer can only narrow.
  assert.equal((await answer("photos.read", "photos.write")).code, null);
  assert.equal((await refresh(server, client, body.refresh_token)).body.scope, body.scope);
  assert.deepEqual(await answer(), { status: 200, code: null });
  assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
  const narrowed = await refresh(server, client, body.refresh_token);
  assert.equal(narrowed.body.scope, "openid");
});

test("a code redeemed while its consent is narrowed gives only the narrowed scope", async () => {
  const secret = Buffer.alloc(32, 1).toString("base64url");
  await using other = await testServer();
  const { lifetimes } = other.config;
  const { store } = openStore({ database: "sqlite::memory:", lifetimes }, { secret });
  let meanwhile: () => Promise<unknown> = async () => {};
  const advanceGrant: typeof store.advanceGrant = async (...args) => {
    // Runs between the reads and the write of the token endpoint.
    await meanwhile();
    return store.advanceGrant(...args);
  };
  await using server = await testServer({}, { secret, store: { ...store, advanceGrant } });
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  const start = await browser.get(authorizationUrl(client, { scope: "openid photos.read" }));
  const page = await browser.signIn(start, "ada");
  const { url } = await browser.submit(page, { decision: "allow" }, "/consent");
  meanwhile = () => browser.submit(page, allowOnly(page), "/consent");
  const { status, body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  assert.equal(status, 200);
  assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
  assert.equal((await refresh(server, client, body.refresh_token)).body.scope, "openid");
});

test("a sign-in with the old password does not outlive a concurrent password change", async () => {
  await using server = await testServer();
  await server.addUser("ada");
  const owner = testBrowser(server, { address: "203.0.113.1" });
  await owner.signIn(await owner.get("/sign-in"), "ada");
  const thieves = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => {
      const browser = testBrowser(server, { address: `198.51.100.${i + 1}` });
      return { browser, page: await browser.get("/sign-in") };
    }),
  );
  const security = await owner.get("/account/security");
  const change = { current_password: PASSWORD, new_password: "a new and longer phrase" };
  const tries = thieves.map(({ browser, page }) => browser.signIn(page, "ada"));
  await owner.submit(security, change, "/account/security");
  await Promise.all(tries);
  for (const { browser } of thieves) {
    const { url } = await browser.get("/account");
    assert.equal(url.pathname, "/sign-in", "signed in with the replaced password");
  }
  assert.equal((await owner.get("/account")).url.pathname, "/account");
});

test("the notice about a removed app is shown only to the person who removed it", async () => {
  await using server = await testServer({ your_apps: "everyone" });
  await server.addUser("mallory");
  await server.addUser("ada");
  const mallory = testBrowser(server);
  await mallory.signIn(await mallory.get("/sign-in"), "mallory");
  const form = await mallory.get("/account/apps?view=register");
  const app = { name: "Your password was stolen", redirect_uris: "https://m.test/cb", kind: "web" };
  await mallory.submit(form, app, "/account/apps");
  const list = await mallory.get("/account/apps");
  const id = /app=([A-Za-z0-9_-]+)/.exec(list.html)?.[1] ?? "";
  const confirm = await mallory.get(`/account/apps?app=${id}&view=remove`);
  const gone = await mallory.submit(confirm, {}, "/account/apps");
  assert.match(gone.html, /Your password was stolen/);
  const ada = testBrowser(server);
  await ada.signIn(await ada.get("/sign-in"), "ada");
  const page = await ada.get(gone.url.pathname + gone.url.search);
  assert.doesNotMatch(page.html, /Your password was stolen/);
});
