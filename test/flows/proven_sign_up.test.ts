/** Sign-up with a proven address: address, code, account, and the way on to the app. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { randomText } from "../../src/crypto/hash.ts";
import { foldLogin } from "../../src/people/login.ts";
import type { Person, ProvenAccount, Users } from "../../src/people/users.ts";
import { authorizationUrl, type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { addVerified, codeIn, inbox, linkIn, linksIn } from "../support/inbox.ts";
import { startPostgres } from "../support/postgres.ts";
import { PASSWORD, type TestServer, testServer, WEB } from "../support/server.ts";

const post = inbox();
const server = await testServer({ mail: post.mail, sign_up: true });
after(() => server.close());
const postgres = await startPostgres();
after(() => postgres.stop());

const PATH = "/sign-up";
const ACCOUNT = "/sign-up/account";
let networks = 0;
const elsewhere = (on: TestServer = server): TestBrowser => {
  networks += 1;
  return testBrowser(on, { address: `198.51.100.${networks}` });
};
const ask = async (browser: TestBrowser, email: string, page?: Page) =>
  browser.submit(page ?? (await browser.get(PATH)), { email }, PATH);
const type = (browser: TestBrowser, page: Page, code: string) =>
  browser.submit(page, { code }, { action: PATH, having: { intent: "code" } });
const create = (browser: TestBrowser, page: Page, fields: Record<string, string> = {}) =>
  browser.submit(page, { password: PASSWORD, ...fields }, ACCOUNT);

/** As far as the page for the account. */
async function proven(
  browser: TestBrowser,
  email: string,
  at?: { first?: Page; box?: typeof post },
) {
  const page = await ask(browser, email, at?.first);
  assert.equal(page.status, 200, page.html);
  const next = await type(browser, page, codeIn(await (at?.box ?? post).next()));
  assert.equal(next.url.pathname, ACCOUNT, next.html);
  return next;
}
const accountOf = (login: string, on = server) => on.server.store.findAccountByLogin(login);

test("prompt=create leads through code and account to the app, which learns the verified address; no notice is sent", async () => {
  const client = await server.addClient(WEB);
  const browser = elsewhere();
  const request = { scope: "openid email", prompt: "create" };
  const first = await browser.get(authorizationUrl(client, request));
  assert.equal(first.url.pathname, PATH);
  assert.match(first.html, /Printly/);
  const page = await proven(browser, "Grace.Hopper@example.org", { first });
  assert.match(page.html, /Your address is .*Grace\.Hopper@example\.org/);
  assert.match(page.html, /name="username"[^>]*value="Grace\.Hopper"/);
  const before = post.mails.length;
  // The form has no address; a posted one is not used.
  const consent = await create(browser, page, { username: "grace", email: "ceo@example.org" });
  assert.equal(consent.url.pathname, "/consent", consent.html);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  const part = String(body.id_token).split(".")[1] ?? "";
  const claims = JSON.parse(Buffer.from(part, "base64url").toString());
  assert.deepEqual(claims.amr, ["pwd"]);
  const account = await accountOf("grace.hopper@example.org");
  assert.equal(account?.username, "grace");
  assert.equal(account?.login_email, "Grace.Hopper@example.org");
  const email = { email: "Grace.Hopper@example.org", email_verified: true };
  assert.deepEqual(account?.claims, email);
  assert.deepEqual([account?.is_admin, await accountOf("ceo@example.org")], [false, null]);
  await post.settle(server);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(post.mails.length, before, "the first browser is no news");
  const again = elsewhere();
  const in_by_address = await again.signIn(await again.get("/sign-in"), "grace.hopper@example.org");
  assert.equal(in_by_address.url.pathname, "/account");
  await post.next();
});

test("an address that has an account gets the same page, and a mail to its stored form with the ways in, but no code", async () => {
  await addVerified(server, "ada", { claims: { locale: "de" } });
  const pages = [];
  for (const email of ["ADA@example.org", "new@example.org"]) {
    const page = await ask(elsewhere(), email);
    const shown = page.html.replaceAll(email, "EMAIL").replaceAll(/(?:value|href)="[^"]*"/g, "");
    pages.push([page.status, shown]);
    const mail = await post.next();
    if (email !== "ADA@example.org") continue;
    assert.equal(mail.to, "ada@example.org");
    assert.match(mail.subject, /Ihr Konto/);
    assert.match(mail.text, /Benutzername ist ada/);
    assert.equal(codeIn(mail), "");
    const paths = linksIn(mail).map((link) => new URL(link).pathname);
    assert.deepEqual(paths, ["/sign-in", "/reset"]);
    assert.ok(mail.html.includes('href="https://as.test/reset"'));
  }
  assert.deepEqual(pages[0], pages[1]);
});

test("the link of the mail fills the code in where it began, and only there; another way on stays", async () => {
  const browser = elsewhere();
  const client = await server.addClient(WEB);
  const first = await browser.get(authorizationUrl(client, { scope: "openid", prompt: "create" }));
  await ask(browser, "link@example.org", first);
  const mail = await post.next();
  assert.doesNotMatch((await elsewhere().get(linkIn(mail))).html, /<form/);
  const here = await browser.get(linkIn(mail));
  const page = await browser.submit(here, {}, { action: PATH, having: { intent: "code" } });
  assert.equal((await create(browser, page, { username: "linked" })).url.pathname, "/consent");
});

test("somebody who claims an address without proof loses nothing, gains nothing, and is not in its owner's way", async () => {
  const claims = { email: "owner@example.org", email_verified: false };
  const mallory = await server.addUser("mallory", { claims });
  const before = await server.server.store.findAccount(mallory);
  const browser = elsewhere();
  const page = await proven(browser, "owner@example.org");
  assert.equal((await create(browser, page)).url.pathname, "/account");
  assert.equal((await accountOf("owner@example.org"))?.username, "owner");
  assert.deepEqual(await server.server.store.findAccount(mallory), before);
  const other = elsewhere();
  const by_name = await other.signIn(await other.get("/sign-in"), "mallory");
  assert.equal(by_name.url.pathname, "/account", "the other account goes on");
});

test("without a code, with that of another browser, or too late, there is no account", async () => {
  const browser = elsewhere();
  const page = await proven(browser, "late@example.org");
  const thief = elsewhere();
  const stolen = page.url.searchParams.get("proven") ?? "";
  const refused = await thief.get(`${ACCOUNT}?proven=${stolen}`);
  assert.deepEqual([refused.url.pathname, refused.status], [PATH, 400]);
  assert.match(refused.html, /has expired/);
  const own = await thief.get(PATH);
  const csrf = /name="csrf" value="([^"]*)"/.exec(own.html)?.[1] ?? "";
  for (const proof of [stolen, "", "x"]) {
    const fields = { csrf, proven: proof, username: "thief", password: PASSWORD };
    const init = { method: "POST", body: new URLSearchParams(fields) };
    const answer = await thief.request(ACCOUNT, init);
    assert.match(answer.headers.get("location") ?? "", /\/sign-up\?ticket=/);
  }
  // The form of a server without mail.
  const form = { csrf, username: "thief", password: PASSWORD };
  const old = await thief.request(PATH, { method: "POST", body: new URLSearchParams(form) });
  assert.equal(old.status, 400);
  server.advance(600);
  assert.equal((await create(browser, page)).url.pathname, PATH);
  assert.equal((await browser.get(page.url.href)).url.pathname, PATH);
  assert.equal(await accountOf("late@example.org"), null);
  assert.equal(await accountOf("thief"), null);
});

test("an address that got an account meanwhile is told on the last page; an earlier code no longer counts", async () => {
  const [one, two, three] = [elsewhere(), elsewhere(), elsewhere()];
  const pages = [await proven(one, "twice@example.org"), await proven(two, "twice@example.org")];
  const waiting = await ask(three, "twice@example.org");
  const code = codeIn(await post.next());
  const [first, second] = pages;
  assert.ok(first && second);
  assert.equal((await create(one, first, { username: "one" })).url.pathname, "/account");
  for (const late of [
    await two.get(second.url.href),
    await create(two, second, { username: "two" }),
  ]) {
    assert.equal(late.status, 409);
    assert.match(late.html, /You have an account already/);
    assert.match(late.html, /href="\/sign-in"/);
    assert.match(late.html, /href="\/reset"/);
  }
  assert.match((await type(three, waiting, code)).html, /not the code/);
  assert.equal(await accountOf("two"), null);
});

test("mistakes are told: a taken name, an @ in the name, a short password; unusual letters in an address are refused", async () => {
  await addVerified(server, "lin");
  const browser = elsewhere();
  const page = await proven(browser, "mistakes@example.org");
  const told = async (fields: Record<string, string>) => {
    const answer = await create(browser, page, fields);
    assert.equal(answer.url.pathname, ACCOUNT);
    return [answer.status, ...[...answer.html.matchAll(/id="(\w+)-error"/g)].map(([, of]) => of)];
  };
  assert.deepEqual(await told({ username: "LIN" }), [409, "username"]);
  assert.deepEqual(await told({ username: "lin", password: "short" }), [
    400,
    "username",
    "password",
  ]);
  for (const username of ["mistakes@example.org", "ceo＠example.org", ""])
    assert.deepEqual(await told({ username }), [400, "username"], username);
  assert.equal((await create(browser, page, { username: "free" })).url.pathname, "/account");
  for (const email of ["ｌin@example.org", "ſam@example.org", "lin", ""])
    assert.equal((await ask(elsewhere(), email)).status, 400, email);
  const odd = elsewhere();
  assert.match((await proven(odd, "a!b@example.org")).html, /name="username"[^>]*maxlength="60">/);
});

test("a network creates 20 accounts an hour", async () => {
  const browser = elsewhere();
  const page = await proven(browser, "many@example.org");
  const near = testBrowser(server, { address: "198.51.100.250" });
  for (const [name, value] of browser.cookies) near.cookies.set(name, value);
  await addVerified(server, "busy");
  for (let i = 0; i < 20; i += 1)
    assert.equal((await create(near, page, { username: "busy" })).status, 409);
  assert.equal((await create(near, page, { username: "many" })).status, 429);
  assert.equal((await create(browser, page)).url.pathname, "/account");
});

const DATABASES = {
  SQLite: async () => "sqlite::memory:",
  PostgreSQL: () => postgres.newDatabase(),
};
for (const [name, database] of Object.entries(DATABASES))
  test(`one proof sent 50 times at once makes one account (${name})`, async () => {
    const box = inbox();
    const config = { mail: box.mail, sign_up: true, database: await database() };
    await using own = await testServer(config, { secret: randomText(32) });
    const browser = elsewhere(own);
    const page = await proven(browser, "ada@example.org", { box });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const each = testBrowser(own, { address: `192.0.2.${i}` });
        for (const [cookie, value] of browser.cookies) each.cookies.set(cookie, value);
        return create(each, page, { username: `ada${i}` });
      }),
    );
    assert.equal(answers.filter(({ url }) => url.pathname === "/account").length, 1);
    assert.ok(answers.every(({ status }) => [200, 409, 503].includes(status)));
    const accounts = await own.server.store.listAccounts({ limit: 100 });
    assert.deepEqual(
      accounts.map(({ login_email }) => login_email),
      ["ada@example.org"],
    );
  });

test("an embedding app creates the account itself; without createProven it keeps its form", async () => {
  const people = new Map<string, Person>();
  const made: ProvenAccount[] = [];
  const by = (login: string) =>
    [...people.values()].find(({ username, claims }) =>
      [username, claims.email].some((each) => each === foldLogin(login)),
    ) ?? null;
  const users: Users = {
    find: async (sub) => people.get(sub) ?? null,
    findByLogin: async (login) => by(login),
    findByVerifiedEmail: async (address) => by(address),
    verifyPassword: async () => false,
    async createProven(account) {
      made.push(account);
      const { username, email } = account;
      if (by(username) || by(email)) return "taken";
      const sub = `person-${people.size}`;
      const claims = { email, email_verified: true };
      const person = { sub, username, claims, is_admin: false, disabled: false };
      people.set(sub, person);
      return person;
    },
  };
  const box = inbox();
  await using own = await testServer({ mail: box.mail, sign_up: true, users });
  const browser = elsewhere(own);
  const page = await proven(browser, "eve@example.org", { box });
  assert.equal((await create(browser, page, { username: "eve@other.org" })).status, 400);
  const done = await create(browser, page, { name: "Eve" });
  assert.equal(done.url.pathname, "/account", done.html);
  assert.deepEqual(made, [
    { username: "eve", email: "eve@example.org", name: "Eve", password: PASSWORD },
  ]);
  const events = await own.server.store.listAudit({ limit: 10 });
  assert.ok(events.some(({ event, sub }) => event === "user_created" && sub === "person-0"));

  const { createProven: _, ...form_only } = { ...users, create: async () => "taken" as const };
  await using old = await testServer({ mail: box.mail, sign_up: true, users: form_only });
  assert.match((await elsewhere(old).get(PATH)).html, /name="password"/);
  assert.equal((await elsewhere(old).get(ACCOUNT)).status, 404);
  const { findByVerifiedEmail: __, ...blind } = users;
  await assert.rejects(
    testServer({ mail: box.mail, sign_up: true, users: blind }),
    /users\.findByVerifiedEmail: is missing, and createProven/,
  );
  await assert.rejects(testServer({ sign_up: true, users }), /users\.create: is missing/);
});

test("without mail the form asks for everything at once; without passwords nobody signs up", async () => {
  await using plain = await testServer({ sign_up: true });
  assert.match((await elsewhere(plain).get(PATH)).html, /name="password"/);
  assert.equal((await elsewhere(plain).get(ACCOUNT)).status, 404);
  await assert.rejects(
    testServer({ mail: post.mail, sign_up: true, sign_in: { password: false } }),
    /sign_up: true needs passwords/,
  );
});
