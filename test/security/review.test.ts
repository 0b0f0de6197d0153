/** What a review with fresh eyes found: each stays mended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomText } from "../../src/crypto/hash.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";

test("consent is answered by whoever has signed in for the request, and by nobody before", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const asked = await browser.get(authorizationUrl(client, { prompt: "login" }));
  assert.equal(asked.url.pathname, "/sign-in");
  const sealed = asked.url.searchParams.get("continue") ?? "";
  const early = await browser.get(`/consent?${new URLSearchParams({ continue: sealed })}`);
  assert.equal(early.url.pathname, "/sign-in", "the first step that is missing");
});

test("whoever goes back and refuses takes back the code of the answer before", async () => {
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const browser = testBrowser(server);
  const consent = await browser.signIn(await browser.get(authorizationUrl(client)), "ada");
  // The code is there, and the form is open in another tab.
  const allowed = await browser.submit(consent, { decision: "allow" }, "/consent");
  const code = allowed.url.searchParams.get("code") ?? "";
  const fresh = await browser.get(authorizationUrl(client, { prompt: "consent" }));
  const second = await browser.submit(fresh, { decision: "allow" }, "/consent");
  const refused = await browser.submit(fresh, { decision: "deny" }, "/consent");
  assert.equal(refused.url.searchParams.get("error"), "access_denied");
  const withdrawn = await redeem(server, client, second.url.searchParams.get("code") ?? "");
  assert.equal(withdrawn.status, 400);
  assert.equal((await redeem(server, client, code)).status, 200, "another request's code stays");
});

test("forms hold while the secret of the nodes is being changed", async () => {
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

test("a database that fails in the middle of a sign-in is no wrong password", async () => {
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
  assert.equal((await browser.signIn(page, "ada")).status, 401, "and not 429");
});
