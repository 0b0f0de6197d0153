/** Several accounts in one browser: the choice between them, silent requests, forms of another tab, sign-out. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import {
  accountsOn,
  authorizationUrl,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { redeem, refresh, tokensFor } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const subs: Record<string, string> = {};
for (const username of ["ada", "bob", "eve"]) subs[username] = await server.addUser(username);
for (let i = 1; i <= 6; i += 1) await server.addUser(`p${i}`);
const client = await server.addClient(WEB);

async function signIn(username: string, browser: TestBrowser): Promise<Page> {
  return browser.signIn(await browser.get("/sign-in?other=yes"), username);
}
/** A browser with these accounts; the last one was the last to sign in. */
async function browserOf(...usernames: string[]): Promise<TestBrowser> {
  const browser = testBrowser(server);
  for (const username of usernames) await signIn(username, browser);
  return browser;
}
const ask = (browser: TestBrowser, parameters: Record<string, string> = {}, app = client) =>
  browser.get(authorizationUrl(app, parameters));
const choose = (browser: TestBrowser, page: Page, username: string) =>
  browser.submit(page, { account: accountsOn(page)[username] ?? "" }, "/select-account");
const allow = (browser: TestBrowser, page: Page) =>
  browser.submit(page, { decision: "allow" }, "/consent");
const silently = async (browser: TestBrowser, parameters: Record<string, string> = {}) =>
  ask(browser, { prompt: "none", ...parameters });

/** The user name of the person that a response is about, or its error. */
async function told({ url }: Page, app = client): Promise<string | null> {
  const code = url.searchParams.get("code");
  if (code === null) return url.searchParams.get("error");
  const { body } = await redeem(server, app, code);
  return nameOf(String(decodeJwt(body.id_token).sub));
}
const nameOf = (sub: string): string | null =>
  Object.keys(subs).find((username) => subs[username] === sub) ?? null;
/** The account that the account pages show. */
const shown = async (browser: TestBrowser): Promise<string | undefined> =>
  shownOn(await browser.get("/account"));
/** The user name in the heading of an account page. */
const shownOn = ({ html }: Page): string | undefined =>
  /<details class="menu">.*?<p class="words">.*?<bdi>([^<]*)/s.exec(html)?.[1];
const keyOf = async (browser: TestBrowser, username: string): Promise<string> =>
  accountsOn(await browser.get("/select-account"))[username] ?? assert.fail(username);
async function signOut(browser: TestBrowser, username: string): Promise<Page> {
  const page = await browser.get(`/sign-out?account=${await keyOf(browser, username)}`);
  return browser.submit(page, { which: "one" }, "/sign-out");
}
const namesIn = async (browser: TestBrowser): Promise<string[]> =>
  Object.keys(accountsOn(await browser.get("/select-account"))).sort();

test("with several accounts the person chooses one; the answer is for that one", async () => {
  const browser = await browserOf("ada", "bob");
  for (const username of ["ada", "bob"]) {
    const page = await ask(browser, { prompt: "consent" });
    assert.equal(page.url.pathname, "/select-account");
    assert.deepEqual(Object.keys(accountsOn(page)).sort(), ["ada", "bob"]);
    assert.match(page.html, /Which account for .*Printly/);
    const consent = await choose(browser, page, username);
    assert.equal(consent.url.pathname, "/consent");
    assert.equal(await told(await allow(browser, consent)), username);
  }
  // Both agreed, so the choice is the only page now.
  assert.equal(await told(await choose(browser, await ask(browser), "ada")), "ada");
});

test("another account can be signed in from the choice, and is then the chosen one", async () => {
  const browser = await browserOf("ada", "bob");
  const page = await ask(browser);
  const sign_in = await browser.get(linkOn(page, "/sign-in"));
  assert.doesNotMatch(sign_in.html, /value="(ada|bob)"/, "no name is suggested");
  const consent = await browser.signIn(sign_in, "eve");
  assert.equal(consent.url.pathname, "/consent");
  assert.equal(await told(await allow(browser, consent)), "eve");
  assert.deepEqual(Object.keys(accountsOn(await ask(browser))).sort(), ["ada", "bob", "eve"]);
});

test("input 5: prompt=select_account asks even about one account; with login, for its password too", async () => {
  const browser = await browserOf("ada");
  const page = await ask(browser, { prompt: "select_account consent" });
  assert.deepEqual(Object.keys(accountsOn(page)), ["ada"]);
  const consent = await choose(browser, page, "ada");
  assert.equal(await told(await allow(browser, consent)), "ada");

  const both = await ask(browser, { prompt: "login select_account" });
  assert.equal(both.url.pathname, "/select-account");
  const again = await choose(browser, both, "ada");
  assert.equal(again.url.pathname, "/sign-in");
  assert.match(again.html, /value="ada"/);
  assert.equal(await told(await browser.signIn(again, "ada")), "ada");

  const nobody = await ask(testBrowser(server), { prompt: "select_account" });
  assert.equal(nobody.url.pathname, "/sign-in", "nobody to choose from");
  const refused = await ask(browser, { prompt: "none select_account" });
  assert.equal(await told(refused), "invalid_request");
});

test("a silent request takes the account of the id_token_hint, the login_hint or the last answer", async () => {
  const browser = await browserOf("ada");
  const hers = await tokensFor(server, client, { browser });
  await signIn("bob", browser);
  const fresh = await server.addClient(WEB);
  assert.equal(await told(await silently(browser)), "ada", "answered before bob signed in");
  assert.equal(
    await told(await ask(browser, { prompt: "none" }, fresh), fresh),
    "account_selection_required",
  );
  assert.equal(
    await told(await ask(browser, { prompt: "none", login_hint: "BOB" }, fresh), fresh),
    "consent_required",
  );
  // Bob answers, so later silent requests are for him, unless a hint names ada.
  const page = await choose(browser, await ask(browser), "bob");
  assert.equal(
    await told(page.url.pathname === "/consent" ? await allow(browser, page) : page),
    "bob",
  );
  assert.equal(await told(await silently(browser)), "bob");
  assert.equal(await told(await silently(browser, { login_hint: "ada" })), "ada");
  assert.equal(await told(await silently(browser, { id_token_hint: hers.id_token })), "ada");
  await browser.submit(await browser.get("/sign-out"), { which: "all" }, "/sign-out");
  assert.equal(await told(await silently(browser)), "login_required");
});

test("after one of two accounts signs out, a silent request takes the other one", async () => {
  const browser = await browserOf("ada", "bob");
  await choose(browser, await ask(browser, { prompt: "select_account" }), "bob").then((page) =>
    page.url.pathname === "/consent" ? allow(browser, page) : page,
  );
  await signOut(browser, "ada");
  assert.equal(await told(await silently(browser)), "bob");
});

test("an id_token_hint of an account here skips the choice; one of nobody here leads to sign-in", async () => {
  const hers = await tokensFor(server, client, {});
  const here = await browserOf("ada", "bob");
  assert.equal(await told(await ask(here, { id_token_hint: hers.id_token })), "ada");
  const elsewhere = await browserOf("bob", "eve");
  const page = await ask(elsewhere, { id_token_hint: hers.id_token });
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal(await told(await elsewhere.signIn(page, "bob")), "login_required");
});

test("a consent form is answered for the account that it shows; after a new sign-in it is shown again", async () => {
  const app = await server.addClient(WEB);
  const browser = await browserOf("ada");
  const hers = await ask(browser, {}, app);
  assert.equal(hers.url.pathname, "/consent");
  await signIn("bob", browser);
  const his = await choose(browser, await ask(browser, {}, app), "bob");
  assert.equal(his.url.pathname, "/consent");
  const again = await allow(browser, hers);
  assert.equal(again.url.pathname, "/consent", "bob has signed in since this page was shown");
  assert.match(again.html, /role="alert".*Another account was signed in here/s);
  assert.match(again.html, /<bdi>ada<\/bdi>/);
  assert.equal(await told(await allow(browser, again), app), "ada");
  assert.equal(await told(await allow(browser, his), app), "bob");
});

test("one page of a request, answered for two accounts, gives two codes of two grants", async () => {
  const app = await server.addClient(WEB);
  const browser = await browserOf("ada", "bob");
  const page = await ask(browser, {}, app);
  const consents = [await choose(browser, page, "ada"), await choose(browser, page, "bob")];
  const answers = [];
  for (const consent of consents) answers.push(await allow(browser, consent));
  const names = [];
  for (const answer of answers) names.push(await told(answer, app));
  assert.deepEqual(names, ["ada", "bob"]);
});

test("the account that was chosen and then signed out is not replaced without a word", async () => {
  const trusted = await server.addClient(WEB, { trusted: true });
  const browser = await browserOf("ada", "bob");
  const page = await ask(browser, { prompt: "login" }, trusted);
  const again = await choose(browser, page, "ada");
  assert.equal(again.url.pathname, "/sign-in");
  await signOut(browser, "ada");
  const next = await browser.get(`/authorize?continue=${again.url.searchParams.get("continue")}`);
  assert.equal(next.url.pathname, "/select-account");
  assert.deepEqual(Object.keys(accountsOn(next)), ["bob"]);
});

test("a choice of an account that is not signed in here chooses nothing", async () => {
  const browser = await browserOf("ada", "bob");
  const { eve = "" } = accountsOn(await (await browserOf("eve")).get("/select-account"));
  assert.notEqual(eve, "");
  const page = await ask(browser);
  for (const account of [eve, "", "x", "ada", subs.ada ?? ""]) {
    const after = await browser.submit(page, { account }, "/select-account");
    assert.equal(after.url.pathname, "/select-account", account);
  }
  const empty = testBrowser(server);
  assert.equal((await empty.get("/select-account")).url.pathname, "/sign-in");
});

test("the account pages show the account used last, and their forms act for the one they show", async () => {
  const browser = await browserOf("ada", "bob");
  assert.equal(await shown(browser), "bob");
  const his = await browser.get("/account/security");
  const choice = await browser.get(linkOn(his, "/select-account"));
  const hers = await choose(browser, choice, "ada");
  assert.equal(hers.url.pathname, "/account/security", "back on the same page");
  assert.equal(await shown(browser), "ada");

  const elsewhere = [await browserOf("ada"), await browserOf("bob")] as const;
  const end = (page: Page) =>
    browser.submit(
      page,
      {},
      {
        action: "/account/security",
        having: { intent: "end_other_sessions" },
      },
    );
  const done = await end(his);
  assert.equal(shownOn(done), "bob", "the next page is about bob, too");
  assert.equal(await shown(elsewhere[0]), "ada");
  assert.equal(await shown(elsewhere[1]), undefined, "bob's other session has ended");

  // Bob signs out here: his page in the other tab does nothing for ada.
  await signOut(browser, "bob");
  const left = await end(his);
  assert.equal(left.url.pathname, "/select-account", "not the sign-in page, with ada's name");
  assert.deepEqual(Object.keys(accountsOn(left)), ["ada"]);
  assert.equal(await shown(elsewhere[0]), "ada");
  await signOut(browser, "ada");
  assert.equal((await end(his)).url.pathname, "/sign-in", "nobody is left");
});

test("a form that names no account does nothing, even if only one is signed in", async () => {
  const browser = await browserOf("ada");
  const elsewhere = await browserOf("ada");
  const unnamed = (page: Page): Page => ({
    ...page,
    html: page.html.replaceAll(/<input type="hidden" name="account"[^>]*>/g, ""),
  });
  const page = unnamed(await browser.get("/account/security"));
  const having = { intent: "end_other_sessions" };
  const answer = await browser.submit(page, {}, { action: "/account/security", having });
  assert.equal(answer.status, 400);
  assert.equal(await shown(elsewhere), "ada");
  const ask = unnamed(await browser.get("/sign-out"));
  assert.equal((await browser.submit(ask, { which: "one" }, "/sign-out")).status, 400);
  assert.equal(await shown(browser), "ada");
});

test("the pages of a request lead to the connected apps of its account", async () => {
  const browser = await browserOf("ada", "bob");
  assert.equal(await shown(browser), "bob");
  const chosen = await choose(browser, await ask(browser, { prompt: "consent" }), "ada");
  assert.equal(shownOn(await browser.get(linkOn(chosen, "/account"))), "ada");
  // No page was shown before this one, since the app named the account.
  const hinted = await ask(browser, { prompt: "consent", login_hint: "bob" });
  assert.equal(hinted.url.pathname, "/consent");
  assert.equal(shownOn(await browser.get(linkOn(hinted, "/account"))), "bob");
});

test("a planted cookie of the last accounts selects nobody but accounts that are signed in", async () => {
  const fresh = await server.addClient(WEB);
  const browser = await browserOf("ada");
  server.advance(1);
  await signIn("bob", browser);
  const page = await choose(browser, await ask(browser, {}, fresh), "ada");
  assert.equal(await told(await allow(browser, page), fresh), "ada");
  const quietly = async () => told(await ask(browser, { prompt: "none" }, fresh), fresh);
  assert.equal(await quietly(), "ada");
  const name = "__Host-valetkey_accounts";
  const entry = browser.cookies.get(name)?.slice(0, 16) ?? "";
  const app = entry.slice(0, 8);
  const eve = await keyOf(await browserOf("eve"), "eve");
  for (const value of [
    ...["", "x", ".".repeat(16), app, `${app}${eve}`, `${app}abcdefgh`, `${entry}x`, `x${entry}`],
    ...[entry.repeat(31), `%${entry.slice(1)}`, `${app}${eve}${entry}`],
  ]) {
    browser.cookies.set(name, value);
    assert.equal(await quietly(), "account_selection_required", value);
    assert.equal(await shown(browser), "bob", "the last sign-in");
  }
  browser.cookies.set(name, app + (await keyOf(browser, "bob")));
  assert.equal(await quietly(), "consent_required", "as if bob had been last");
});

test("an account that the app did not name is not asked for its password", async () => {
  const browser = testBrowser(server);
  const { id_token } = await tokensFor(server, client, { browser });
  await signIn("bob", browser);
  const consent = await ask(browser, { prompt: "consent", id_token_hint: id_token });
  assert.equal(consent.url.pathname, "/consent");
  assert.doesNotMatch(consent.html, /Use another account/, "the answer would be an error");
  const prompt = "select_account consent";
  const page = await choose(
    browser,
    await ask(browser, { prompt, id_token_hint: id_token }),
    "bob",
  );
  assert.equal(page.url.pathname, "/sign-in");
  assert.doesNotMatch(page.html, /Sign in again|value="bob"/);
  assert.equal(await told(await allow(browser, await browser.signIn(page, "ada"))), "ada");
});

test("an account that nobody uses becomes idle, even if another one of its browser is in use", async () => {
  const week = 604_800;
  const browser = await browserOf("ada", "bob", "eve");
  const consented = await choose(browser, await ask(browser, { prompt: "consent" }), "bob");
  await allow(browser, consented);
  await choose(browser, await browser.get("/select-account"), "eve");
  for (let days = 0; days < 8; days += 2) {
    server.advance((2 * week) / 7);
    assert.equal(await shown(browser), "eve");
    assert.equal(await told(await silently(browser)), "bob");
  }
  assert.deepEqual(await namesIn(browser), ["bob", "eve"]);
});

test("sign-out ends one account, or all; without a choice of several it asks", async () => {
  const browser = testBrowser(server);
  const hers = await tokensFor(server, client, { browser });
  await signIn("bob", browser);
  const asked = await browser.submit(await browser.get("/account"), {}, "/sign-out");
  assert.equal(asked.url.pathname, "/sign-out");
  assert.match(asked.html, /In this browser, 2 accounts are signed in/);
  assert.match(asked.html, /Sign out <strong><bdi>bob/);
  const left = await browser.submit(asked, { which: "one" }, "/sign-out");
  assert.match(left.html, /That account is signed out[\s\S]*Still signed in[\s\S]*<bdi>ada/);
  assert.match(left.html, /Apps that you used with it may keep you signed in/);
  assert.deepEqual(Object.keys(accountsOn(await browser.get("/select-account"))), ["ada"]);
  assert.equal((await refresh(server, client, hers.refresh_token)).status, 200);

  await signIn("bob", browser);
  const again = await browser.get("/sign-out");
  const out = await browser.submit(again, { which: "all" }, "/sign-out");
  assert.match(out.html, /You are signed out/);
  assert.deepEqual(
    [...browser.cookies.keys()].filter((name) => name.includes("session")),
    [],
  );
  assert.equal((await refresh(server, client, hers.refresh_token)).body.error, "invalid_grant");
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("two people who sign in at the same moment in two tabs are both signed in", async () => {
  const browser = testBrowser(server);
  const pages = [await browser.get("/sign-in"), await browser.get("/sign-in")] as const;
  await Promise.all([browser.signIn(pages[0], "ada"), browser.signIn(pages[1], "bob")]);
  assert.deepEqual(Object.keys(accountsOn(await browser.get("/select-account"))).sort(), [
    "ada",
    "bob",
  ]);
});

test("signing out all accounts ends those of all tabs, even if they signed in at the same moment", async () => {
  const browser = await browserOf("p1", "p2", "p3", "p4");
  const pages = [
    await browser.get("/sign-in?other=yes"),
    await browser.get("/sign-in?other=yes"),
  ] as const;
  await Promise.all([browser.signIn(pages[0], "p5"), browser.signIn(pages[1], "p6")]);
  const before = [...browser.cookies].filter(([name]) => name.includes("session"));
  const out = await browser.submit(await browser.get("/sign-out"), { which: "all" }, "/sign-out");
  assert.match(out.html, /You are signed out/);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  assert.equal(before.length, 6);
  for (const [name, value] of before) {
    const kept = testBrowser(server);
    kept.cookies.set(name, value);
    assert.equal((await kept.get("/account")).url.pathname, "/sign-in", "its session has ended");
  }
});

test("the page after a sign-out stays true after the next sign-in", async () => {
  const browser = await browserOf("ada", "bob");
  const out = await signOut(browser, "bob");
  const again = () => browser.get(out.url.pathname + out.url.search);
  assert.match((await again()).html, /That account is signed out/);
  await signIn("bob", browser);
  assert.doesNotMatch((await again()).html, /is signed out/);
});

test("accounts of the same name are told apart by their user names", async () => {
  for (const username of ["ada.home", "ada.work"])
    await server.addUser(username, { claims: { name: "Ada Lovelace" } });
  const browser = await browserOf("ada.home", "ada.work");
  const named = (username: string) =>
    new RegExp(`Ada Lovelace.{0,60}${username.replace(".", "[.]")}`);
  assert.match((await browser.get("/account")).html, named("ada.work"));
  const asked = await browser.get("/sign-out");
  assert.match(asked.html, named("ada.work"));
  const out = await browser.submit(asked, { which: "one" }, "/sign-out");
  assert.match(out.html, named("ada.home"));
});

test("an account that may not open the page is led on to a page that it may open", async () => {
  await server.addUser("root", { is_admin: true });
  const browser = await browserOf("ada", "root");
  const apps = await browser.get("/account/apps");
  const choice = await browser.get(linkOn(apps, "/select-account"));
  const page = await choose(browser, choice, "ada");
  assert.equal(page.status, 403);
  assert.equal(shownOn(await browser.get(linkOn(page, "/account"))), "ada");
});

test("a browser holds five accounts; the sixth replaces the one that signed in first", async () => {
  const browser = testBrowser(server);
  for (let i = 1; i <= 5; i += 1) {
    await signIn(`p${i}`, browser);
    server.advance(1);
    const told = /holds 5 accounts at most.*signs out <strong><bdi>p1</;
    const page = await browser.get("/select-account");
    assert.equal(told.test(page.html), i === 5, `with ${i}`);
  }
  await signIn("p6", browser);
  assert.deepEqual(await namesIn(browser), ["p2", "p3", "p4", "p5", "p6"]);
  assert.equal([...browser.cookies.keys()].filter((name) => name.includes("session")).length, 5);
});
