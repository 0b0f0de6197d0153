/** Signing in by a mailed code: the flow, its links, and what ends a code. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setPersonDisabled } from "../../src/people/change_person.ts";
import { revokePerson } from "../../src/people/end_person.ts";
import { samplePasskey } from "../../src/store/conformance/samples.ts";
import { authorizationUrl, linkOn, type Page, testBrowser } from "../support/browser.ts";
import { redeem } from "../support/flow.ts";
import { addVerified, codeIn, inbox, linkIn } from "../support/inbox.ts";
import { startMailServer } from "../support/mail_server.ts";
import { testServer, WEB } from "../support/server.ts";

const post = inbox();
const server = await testServer({ mail: post.mail });
after(() => server.close());
const client = await server.addClient(WEB);
await addVerified(server, "ada", { claims: { locale: "de" } });
await addVerified(server, "grace");
await server.addUser("eve", { claims: { email: "eve@example.org", email_verified: false } });

const PATH = "/sign-in/code";
let networks = 0;
const elsewhere = () => {
  networks += 1;
  return testBrowser(server, { address: `198.51.100.${networks}` });
};
type Browser = ReturnType<typeof elsewhere>;
const SEND = { action: PATH, having: { intent: "send" } };
const CODE = { action: PATH, having: { intent: "code" } };

const ask = async (browser: Browser, email: string, page?: Page) =>
  browser.submit(page ?? (await browser.get(PATH)), { email }, SEND);
const type = (browser: Browser, page: Page, code: string) => browser.submit(page, { code }, CODE);

/** The next mail with a code; notices of new browsers come as well. */
async function nextCode() {
  for (;;) {
    const mail = await post.next();
    if (codeIn(mail) !== "") return mail;
  }
}

async function asked(email = "grace@example.org") {
  const browser = elsewhere();
  const page = await ask(browser, email);
  assert.equal(page.status, 200, page.html);
  const mail = await nextCode();
  return { browser, page, mail, code: codeIn(mail) };
}
const isOut = async (browser: Browser) =>
  (await browser.get("/account")).url.pathname === "/sign-in";

test("a person signs in to an app by a code, and the app learns how", async () => {
  const browser = elsewhere();
  const sign_in = await browser.get(authorizationUrl(client, { scope: "openid" }));
  const address = await browser.get(linkOn(sign_in, PATH));
  assert.match(address.html, /Printly/);
  const page = await ask(browser, " ADA@example.org ", address);
  assert.match(page.html, /ADA@example\.org/);
  const mail = await nextCode();
  assert.equal(mail.to, "ada@example.org", "the stored address, and not the typed one");
  assert.equal(mail.language, "de", "the person's own language");
  assert.doesNotMatch(page.html, new RegExp(codeIn(mail)));
  const consent = await type(browser, page, codeIn(mail));
  assert.equal(consent.url.pathname, "/consent");
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  const claims = JSON.parse(
    Buffer.from(String(body.id_token).split(".")[1] ?? "", "base64url").toString(),
  );
  assert.deepEqual(claims.amr, ["email"]);
  assert.equal(claims.acr, "urn:valetkey:single");
});

test("the link fills in the code where it was asked for, shows it elsewhere, and spends nothing", async () => {
  const { browser, page, mail, code } = await asked();
  const scanner = elsewhere();
  for (let i = 0; i < 10; i += 1) {
    const shown = await scanner.get(linkIn(mail));
    assert.equal(shown.status, 200);
    assert.match(shown.html, new RegExp(code));
    assert.doesNotMatch(shown.html, /<form/);
  }
  const here = await browser.get(linkIn(mail));
  assert.match(here.html, new RegExp(`value="${code}"`));
  assert.ok(await isOut(browser), "the link alone signs nobody in");
  // The same browser with another ticket: the link is of the first.
  await ask(browser, "nobody@example.org");
  assert.doesNotMatch((await browser.get(linkIn(mail))).html, /<form/);
  const done = await type(browser, page, code);
  assert.equal(done.url.pathname, "/account");
  assert.equal((await browser.get(linkIn(mail))).status, 200);
});

test("by the link, too, the person gets on to the app", async () => {
  const browser = elsewhere();
  const sign_in = await browser.get(authorizationUrl(client, { scope: "openid", prompt: "login" }));
  await ask(browser, "grace@example.org", await browser.get(linkOn(sign_in, PATH)));
  const here = await browser.get(linkIn(await nextCode()));
  const next = await browser.submit(here, {}, CODE);
  assert.equal(next.url.pathname, "/consent");
});

test("a code works in its own browser only, once, for ten minutes", async () => {
  const { browser, page, code } = await asked();
  const thief = elsewhere();
  const form = await thief.get(PATH);
  const stolen = new URL(page.url).searchParams.get("ticket") ?? "";
  assert.equal((await thief.get(`${PATH}?ticket=${stolen}`)).status, 400);
  const tried = await thief.submit(form, { intent: "code", ticket: stolen, code }, SEND);
  assert.equal(tried.status, 400);
  assert.ok(await isOut(thief));
  assert.equal((await type(browser, page, code)).url.pathname, "/account");
  const again = await type(browser, page, code);
  assert.equal(again.status, 401);
  assert.match(again.html, /was used already/);

  const late = await asked();
  server.advance(600);
  const expired = await type(late.browser, late.page, late.code);
  assert.equal(expired.status, 400);
  assert.match(expired.html, /has expired/);
  assert.equal((await late.browser.get(linkIn(late.mail))).status, 400);
});

test("five wrong codes end a ticket", async () => {
  const { browser, page, code } = await asked();
  const wrong = code === "000000" ? "000001" : "000000";
  for (let i = 0; i < 5; i += 1) {
    const answer = await type(browser, page, wrong);
    assert.equal(answer.status, 401);
    assert.match(answer.html, /not the code from the mail/);
  }
  const answer = await type(browser, page, code);
  assert.match(answer.html, /Too many wrong codes/);
  assert.ok(await isOut(browser));
  const lines = server.lines.filter(({ event }) => event === "mailed code refused");
  assert.ok(lines.length >= 6);
  assert.doesNotMatch(JSON.stringify(lines), /grace|000000/);
});

test("another mail can be asked for after 30 seconds; its code counts in the new window", async () => {
  const { browser, page, code } = await asked();
  const early = await browser.submit(page, {}, SEND);
  assert.equal(early.status, 429);
  assert.equal(early.headers.get("retry-after"), "30");
  server.advance(30);
  const again = await browser.submit(page, {}, SEND);
  assert.match(again.html, /Another mail is on its way/);
  const second = codeIn(await nextCode());
  assert.notEqual(second, code);
  assert.equal((await type(browser, again, second)).url.pathname, "/account");
});

test("a new password, a new factor, the end of all access and of the account end a code of before", async () => {
  const { store, users } = server.server;
  const by = { kind: "operator", id: null, via: "code" } as const;
  const ended = async (username: string, change: (sub: string) => Promise<unknown>) => {
    const sub = await addVerified(server, username);
    const { browser, page, code } = await asked(`${username}@example.org`);
    server.advance(1);
    await change(sub);
    assert.match((await type(browser, page, code)).html, /not the code/, username);
  };
  await ended("lin", async (sub) => {
    const mark = await users.passwordMark?.(sub);
    assert.ok(await users.changePassword?.(sub, "another long password", { mark: mark ?? null }));
  });
  await ended("lou", (sub) => {
    const { sub: _, ...added } = samplePasskey({ sub });
    const change = { user_handle: "h", add_passkeys: [added] };
    return store.changeFactors({ sub, version: 0 }, change);
  });
  await ended("liv", (sub) => revokePerson({ sub, forget: false }, by, server.server));
  await ended("leo", async (sub) => {
    const account = await store.findAccount(sub);
    assert.ok(account);
    await setPersonDisabled({ account, disabled: true }, by, server.server);
  });
  const before = post.mails.length;
  await ask(elsewhere(), "leo@example.org");
  await post.settle(server);
  assert.equal(post.mails.length, before, "a disabled person gets no mail");
});

test("an address that is not verified gets no mail, and signs in nobody", async () => {
  const before = post.mails.length;
  for (const email of ["eve@example.org", "nobody@example.org"]) {
    const browser = elsewhere();
    const page = await ask(browser, email);
    assert.equal(page.status, 200);
    assert.match(page.html, /has an account here/);
    await post.settle(server);
    const answer = await type(browser, page, "123456");
    assert.match(answer.html, /not the code/);
  }
  assert.equal(post.mails.length, before);
  for (const email of ["", "grace", "a,b@example.org", `${"a".repeat(300)}@example.org`])
    assert.equal((await ask(elsewhere(), email)).status, 400, email);
});

test("the sixth mail within an hour is refused, for unknown addresses too; the owner's browser has its own", async () => {
  for (const email of ["ned@example.org", "max@example.org"]) {
    if (email.startsWith("max")) await addVerified(server, "max");
    const browser = elsewhere();
    for (let i = 0; i < 5; i += 1) assert.equal((await ask(browser, email)).status, 200);
    const refused = await ask(browser, email);
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get("retry-after")) > 3000);
    await post.settle(server);
  }
  for (let i = 0; i < 5; i += 1) await nextCode();
  const own = elsewhere();
  await own.signIn(await own.get("/sign-in"), "max");
  await own.submit(await own.get("/sign-out"), {}, "/sign-out");
  for (let i = 0; i < 40; i += 1) await ask(elsewhere(), "max@example.org");
  await post.settle(server);
  assert.equal((await ask(elsewhere(), "max@example.org")).status, 429);
  assert.equal((await ask(own, "max@example.org")).status, 200);
});

test("over a real mail server, too; without mail, or where it is switched off, there is no such page", async () => {
  await using smtp = await startMailServer();
  await using real = await testServer({ mail: { from: "id@example.com", smtp: smtp.url } });
  await addVerified(real, "ada");
  const browser = testBrowser(real);
  const page = await browser.submit(await browser.get(PATH), { email: "ada@example.org" }, SEND);
  const { text, html } = await smtp.next();
  const code = codeIn({ text });
  assert.ok(html.includes(code));
  assert.equal((await browser.submit(page, { code }, CODE)).url.pathname, "/account");

  for (const config of [{}, { mail: post.mail, sign_in: { email_code: false } }]) {
    await using off = await testServer(config);
    const visitor = testBrowser(off);
    assert.equal((await visitor.get(PATH)).status, 404);
    assert.doesNotMatch((await visitor.get("/sign-in")).html, /Email me a code/);
  }
});
