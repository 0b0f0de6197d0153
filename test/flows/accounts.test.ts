/** New accounts: the setup link of the first administrator, and sign-up during an app's request. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  authorizationUrl,
  type TestBrowser,
  testBrowser,
  unescapeHtml,
} from "../support/browser.ts";
import { introspect, redeem } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";

const server = await testServer({ sign_up: true });
after(() => server.close());
const client = await server.addClient(WEB);
const PASSWORD = "quite a long password";

/** From the sign-in page of a request to the sign-up form. */
async function toSignUp(browser: TestBrowser) {
  const sign_in = await browser.get(authorizationUrl(client, { scope: "openid email" }));
  const [, link = ""] = /href="([^"]*\/sign-up[^"]*)"/.exec(sign_in.html) ?? [];
  return browser.get(unescapeHtml(link));
}

test("a new person signs up during an app's request and continues to the app", async () => {
  const browser = testBrowser(server);
  const form = await toSignUp(browser);
  assert.match(form.html, /Printly/, "the app is still named");
  const person = { username: "grace", email: "grace@example.com", password: PASSWORD };
  const consent = await browser.submit(form, person, "/sign-up");
  assert.equal(consent.url.pathname, "/consent");
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  const { sub } = await introspect(server, client, body.refresh_token);
  assert.equal((await server.server.users.find(String(sub)))?.username, "grace");

  const later = testBrowser(server);
  const page = await later.signIn(await later.get("/sign-in"), "GRACE", PASSWORD);
  assert.equal(page.url.pathname, "/account");
  const by_address = await testBrowser(server).get("/sign-in");
  const refused = await later.signIn(by_address, "grace@example.com", PASSWORD);
  assert.notEqual(
    refused.url.pathname,
    "/account",
    "the address is unverified and does not sign in",
  );
});

test("sign-up refuses a taken name in any case, and short or common passwords", async () => {
  await server.addUser("ada");
  const browser = testBrowser(server);
  const send = async (fields: Record<string, string>) =>
    (await browser.submit(await toSignUp(browser), { password: PASSWORD, ...fields }, "/sign-up"))
      .status;
  assert.equal(await send({ username: "ADA" }), 409);
  assert.equal(await send({ username: "" }), 400);
  assert.equal(await send({ username: "two words" }), 400);
  assert.equal(await send({ username: "new", email: "nonsense" }), 400);
  assert.equal(await send({ username: "new", password: "short" }), 400);
  assert.equal(await send({ username: "new", password: "1234567890" }), 400);
  assert.equal(await send({ username: "new", password: "x".repeat(1025) }), 400);
  assert.equal(await send({ username: "new" }), 200);
});

test("a network may create 20 accounts an hour", async () => {
  const address = "2001:db8:1:2::1";
  const browser = testBrowser(server, { address });
  const create = async (username: string, from = browser) => {
    const form = await from.get("/sign-up");
    return (await from.submit(form, { username, password: PASSWORD }, "/sign-up")).status;
  };
  for (let i = 0; i < 20; i += 1) assert.equal(await create(`many-${i}`), 200);
  assert.equal(await create("one-more"), 429);
  const neighbour = testBrowser(server, { address: "2001:db8:1:2:ffff::9" });
  assert.equal(await create("one-more", neighbour), 429, "the same /64");
  assert.equal(await create("elsewhere", testBrowser(server, { address: "2001:db8:9::1" })), 200);
  server.advance(3601);
  assert.equal(await create("one-more"), 200);
});

test("people 13: a taken name is told together with the other mistakes, for a bounded number of names", async () => {
  await using own = await testServer({ sign_up: true });
  await own.addUser("ada");
  const told = async (fields: Record<string, string>, address?: string) => {
    const browser = testBrowser(own, address === undefined ? {} : { address });
    const page = await browser.submit(await browser.get("/sign-up"), fields, "/sign-up");
    assert.equal(page.status, 400);
    return [...page.html.matchAll(/id="(\w+)-error"/g)].map(([, name]) => name);
  };
  const wrong = { email: "nonsense", password: "short" };
  assert.deepEqual(await told({ ...wrong, username: "Ada" }), ["email", "username", "password"]);
  assert.deepEqual(await told({ ...wrong, username: "new" }), ["email", "password"]);
  for (let i = 0; i < 18; i += 1) await told({ ...wrong, username: `name-${i}` });
  const last = await told({ ...wrong, username: "ada" });
  assert.deepEqual(last, ["email", "password"], "no list of names is tried out this way");
  const elsewhere = await told({ ...wrong, username: "ada" }, "192.0.2.1");
  assert.ok(elsewhere.includes("username"));
  own.advance(3601);
  assert.ok((await told({ ...wrong, username: "ada" })).includes("username"));
});

test("without sign_up there is no sign-up page", async () => {
  await using closed = await testServer();
  const browser = testBrowser(closed);
  assert.equal((await browser.get("/sign-up")).status, 404);
  assert.doesNotMatch((await browser.get("/sign-in")).html, /sign-up/);
});

test("people 6: the sign-in page says whom to ask in the operator's words, or nothing", async () => {
  const text = { en: "Forgot your password? Ask Ben.", de: "Passwort vergessen? Fragen Sie Ben." };
  const sign_in_help = { text, href: "mailto:ben@example.com" };
  await using helped = await testServer({ sign_in_help });
  const browser = testBrowser(helped);
  const printly = await helped.addClient(WEB);
  const link = '<a href="mailto:ben@example.com">ben@example.com</a>';
  const english = await browser.get(authorizationUrl(printly));
  assert.ok(english.html.includes(`<p class="hint help">${text.en} ${link}</p>`));
  const german = await browser.get(authorizationUrl(printly, { ui_locales: "de" }));
  assert.ok(german.html.includes(`<p class="hint help">${text.de} ${link}</p>`));
  const wrong = await browser.signIn(english, "nobody", "a wrong password");
  assert.ok(wrong.html.includes(link), "it stands there after a wrong password too");
  const bare = await testBrowser(server).get("/sign-in");
  assert.doesNotMatch(bare.html, /mailto:|Get help/);
});

test("the operator's links are on pages of a request, of the account, and of errors", async () => {
  const links = { terms: { en: "/terms", de: "/nutzung" }, privacy: "https://example.com/privacy" };
  await using linked = await testServer({ links, sign_up: true });
  const browser = testBrowser(linked);
  const printly = await linked.addClient(WEB);
  const page = await browser.get(authorizationUrl(printly, { ui_locales: "de" }));
  assert.match(page.html, /<footer class="foot">.*href="\/nutzung".*Nutzungsbedingungen/);
  const sign_up = await browser.get("/sign-up");
  assert.match(sign_up.html, /you agree to the <a href="\/terms"[^>]*>terms<\/a>/);
  assert.match((await browser.get("/nowhere")).html, /<footer class="foot">/);
  await linked.addUser("linda");
  const account = await browser.signIn(await browser.get("/sign-in"), "linda");
  assert.equal(account.url.pathname, "/account");
  assert.match(account.html, /<footer class="foot">.*href="https:\/\/example\.com\/privacy"/);
  assert.doesNotMatch((await testBrowser(server).get("/sign-up")).html, /you agree/);
});

test("the setup link works once, for a day, and only until the first administrator exists", async () => {
  await using fresh = await testServer();
  const [first, second] = [await fresh.setupLink(), await fresh.setupLink()];
  const browser = testBrowser(fresh);
  const open = async (link: string | null) => browser.get(link ?? "");
  fresh.advance(86_399);
  const form = await open(first);
  assert.equal(form.status, 200);
  fresh.advance(1);
  assert.equal((await open(second)).status, 410, "expired");
  const third = await fresh.setupLink();
  const page = await open(third);
  const admin = { username: "root", password: PASSWORD };
  const apps = await browser.submit(page, admin, "/setup");
  assert.equal(apps.url.pathname, "/account/apps", "an administrator may register apps");
  assert.equal(apps.status, 200);
  assert.equal((await open(third)).status, 410, "used");
  assert.equal(await fresh.setupLink(), null);
  assert.equal((await open(`${fresh.issuer}/setup?link=made-up`)).status, 410);
  const again = await browser.submit(page, { ...admin, username: "other" }, "/setup");
  assert.equal(again.status, 410);
});

test("when two people use the setup link at once, one becomes administrator", async () => {
  await using fresh = await testServer();
  const link = (await fresh.setupLink()) ?? "";
  const browsers = [testBrowser(fresh), testBrowser(fresh)];
  const forms = await Promise.all(browsers.map((browser) => browser.get(link)));
  const answers = await Promise.all(
    browsers.map((browser, i) => {
      const form = forms[i] ?? assert.fail("no form");
      return browser.submit(form, { username: `root-${i}`, password: PASSWORD }, "/setup");
    }),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 410]);
  assert.equal((await fresh.server.store.listAccounts({ limit: 1000 })).length, 1);
});
