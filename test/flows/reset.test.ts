/** A forgotten password: a new one by mail, the notices of changes, and their undo. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { changeFactors } from "../../src/factors/change_factors.ts";
import type { Mail } from "../../src/mail_sender.ts";
import { samplePasskey, sampleTotp } from "../../src/store/conformance/samples.ts";
import {
  authorizationUrl,
  type FormChoice,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { redeem, refresh, tokensFor } from "../support/flow.ts";
import { addVerified, codeIn, inbox, linkIn, linksIn } from "../support/inbox.ts";
import { contextOf, PASSWORD, START, testServer, WEB } from "../support/server.ts";

const post = inbox();
const server = await testServer({ mail: post.mail, sign_up: true });
after(() => server.close());
const client = await server.addClient(WEB);
const NEW = "another long password";

let networks = 0;
const elsewhere = (): TestBrowser => {
  networks += 1;
  return testBrowser(server, { address: `198.51.100.${networks}` });
};
const form = (action: string, intent?: string): FormChoice =>
  intent === undefined ? action : { action, having: { intent } };
const codeFor = async (to: string): Promise<string> => codeIn(await mailTo(to, /code/i));

/** The last mail to an address whose subject is like this. */
async function mailTo(to: string, subject: RegExp): Promise<Mail> {
  await post.settle(server);
  for (let i = 0; i < 500; i += 1) {
    const found = post.mails.findLast((mail) => mail.to === to && subject.test(mail.subject));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no mail to ${to}: ${post.mails.map(({ subject }) => subject)}`);
}

const signIn = async (browser: TestBrowser, username: string, password = PASSWORD) =>
  browser.signIn(await browser.get("/sign-in"), username, password);

/** As far as the page for the new password. */
async function proven(browser: TestBrowser, username: string, first?: Page): Promise<Page> {
  const email = `${username}@example.org`;
  const asked = first ?? (await browser.get(linkOn(await browser.get("/sign-in"), "/reset")));
  const page = await browser.submit(asked, { email }, form("/reset", "send"));
  const code = await codeFor(email);
  const next = await browser.submit(page, { code }, form("/reset", "code"));
  assert.equal(next.url.pathname, "/reset/password", next.html);
  return next;
}

test("a person sets a new password, gets on to the app; sessions and refresh tokens of before end", async () => {
  await addVerified(server, "ada");
  const old = elsewhere();
  await signIn(old, "ada");
  const allowed = elsewhere();
  const tokens = await tokensFor(server, client, {
    browser: allowed,
    username: "ada",
    parameters: { scope: "openid offline_access" },
  });
  server.advance(5);
  const browser = elsewhere();
  const other = await server.addClient(WEB);
  const sign_in = await browser.get(authorizationUrl(other, { scope: "openid", prompt: "login" }));
  const page = await proven(browser, "ada", await browser.get(linkOn(sign_in, "/reset")));
  assert.match(page.html, /ada/);
  const short = await browser.submit(page, { new_password: "short" }, form("/reset/password"));
  assert.equal(short.status, 400);
  const review = await browser.submit(page, { new_password: NEW }, form("/reset/password"));
  assert.equal(review.url.pathname, "/review", review.html);
  const next = await browser.submit(review, {}, form("/review"));
  assert.equal(next.url.pathname, "/consent", next.html);
  // Access ends with the second in which the password was set.
  server.advance(1);
  const back = await browser.submit(next, { decision: "allow" }, "/consent");
  assert.ok((await redeem(server, other, back.url.searchParams.get("code") ?? "")).body.id_token);

  assert.equal((await old.get("/account")).url.pathname, "/sign-in");
  assert.equal((await refresh(server, client, String(tokens.refresh_token))).status, 400);
  assert.equal((await signIn(elsewhere(), "ada")).status, 401, "the old password");
  assert.equal((await signIn(elsewhere(), "ada", NEW)).url.pathname, "/account");
  const notice = await mailTo("ada@example.org", /password .* was changed/);
  assert.match(notice.text, /signed out/);
  const events = await server.server.store.listAudit({ limit: 50 });
  assert.ok(events.some(({ event, details }) => event === "password_changed" && details.by_mail));
});

test("one proof gives one password; 20 at once change it once", async () => {
  await addVerified(server, "grace");
  const browser = elsewhere();
  const page = await proven(browser, "grace");
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      browser.submit(page, { new_password: `the password no ${i}` }, form("/reset/password")),
    ),
  );
  const set = answers.filter(({ url }) => url.pathname === "/review");
  assert.equal(set.length, 1);
  await post.settle(server);
  const again = await browser.submit(page, { new_password: NEW }, form("/reset/password"));
  assert.equal(again.url.pathname, "/reset");
});

test("no password is set without the code, in another browser, or after ten minutes", async () => {
  await addVerified(server, "lin");
  const browser = elsewhere();
  const page = await proven(browser, "lin");
  const thief = elsewhere();
  assert.equal((await thief.get(page.url.href)).url.pathname, "/reset");
  const own = await thief.get("/reset");
  const reset = page.url.searchParams.get("reset") ?? "";
  const tried = await thief.submit(
    {
      ...own,
      html: page.html.replace(
        /name="csrf" value="[^"]*"/,
        /name="csrf" value="[^"]*"/.exec(own.html)?.[0] ?? "",
      ),
    },
    { reset, new_password: NEW },
    form("/reset/password"),
  );
  assert.equal(tried.url.pathname, "/reset");
  // A session by password is no proof for this page.
  const other = elsewhere();
  await signIn(other, "lin");
  assert.equal((await other.get(`/reset/password?reset=${reset}`)).url.pathname, "/reset");
  server.advance(600);
  assert.equal((await browser.get(page.url.href)).url.pathname, "/reset");
  const late = await browser.submit(page, { new_password: NEW }, form("/reset/password"));
  assert.equal(late.url.pathname, "/reset");
  assert.equal((await signIn(elsewhere(), "lin")).url.pathname, "/account", "the old one holds");
});

test("a code for signing in sets no password, and one for a password signs nobody in", async () => {
  await addVerified(server, "max");
  const browser = elsewhere();
  const page = await browser.submit(
    await browser.get("/sign-in/code"),
    { email: "max@example.org" },
    form("/sign-in/code", "send"),
  );
  const code = await codeFor("max@example.org");
  const ticket = page.url.searchParams.get("ticket") ?? "";
  const reset = await browser.get("/reset");
  const tried = await browser.submit(
    reset,
    { intent: "code", ticket, code },
    form("/reset", "send"),
  );
  assert.equal(tried.status, 400);
  assert.match(tried.html, /has expired/);
});

test("where there is an app for codes, neither a code for signing in nor one for a password gets around it", async () => {
  const sub = await addVerified(server, "tom");
  const { sub: _, ...added } = sampleTotp({ sub, totp_id: "tom's" });
  const { store } = server.server;
  assert.ok(await store.changeFactors({ sub, version: 0 }, { add_totps: [added] }));
  for (const path of ["/sign-in/code", "/reset"]) {
    const browser = elsewhere();
    const asked = await browser.get(path);
    const page = await browser.submit(asked, { email: "tom@example.org" }, form(path, "send"));
    const code = await codeFor("tom@example.org");
    const next = await browser.submit(page, { code }, form(path, "code"));
    assert.equal(next.url.pathname, "/sign-in/second");
    assert.equal((await browser.get("/account")).url.pathname, "/sign-in", "no session yet");
    const reset = next.url.searchParams.get("reset");
    assert.equal(reset !== null, path === "/reset");
    const skipped = await browser.get(`/reset/password?reset=${reset}`);
    assert.equal(skipped.url.pathname, "/reset", "the second factor comes first");
  }
  assert.deepEqual(await store.listSessions(sub, { limit: 10 }), []);
});

test("a new browser and a changed password are told; a known browser is not", async () => {
  await addVerified(server, "ned", { claims: { locale: "de" } });
  const count = () => post.mails.filter(({ to }) => to === "ned@example.org").length;
  const browser = elsewhere();
  await signIn(browser, "ned");
  const notice = await mailTo("ned@example.org", /Anmeldung/);
  assert.match(notice.text, /198\.51\.100\.0\/24/, "the network, and not the address");
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  await signIn(browser, "ned");
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(count(), 1);
  const security = await browser.get("/account/security");
  const changed = await browser.submit(
    security,
    { current_password: PASSWORD, new_password: NEW },
    form("/account/security", "change_password"),
  );
  assert.equal(changed.status, 200);
  await mailTo("ned@example.org", /Passwort/);
});

test("“That wasn't me” asks first, then ends sessions and apps, once, and signs nobody in", async () => {
  const sub = await addVerified(server, "eva");
  const thief = elsewhere();
  await signIn(thief, "eva");
  const { refresh_token } = await tokensFor(server, client, {
    browser: thief,
    username: "eva",
    parameters: { scope: "openid offline_access" },
  });
  const notice = await mailTo("eva@example.org", /new sign-in/);
  server.advance(5);
  const owner = elsewhere();
  const page = await owner.get(linkIn(notice));
  assert.equal(page.status, 200);
  assert.equal((await thief.get("/account")).url.pathname, "/account", "a GET changes nothing");
  const done = await owner.submit(page, {}, form("/undo"));
  assert.equal(done.status, 200);
  assert.match(done.html, /href="\/reset"/);
  assert.equal((await thief.get("/account")).url.pathname, "/sign-in");
  assert.equal((await refresh(server, client, String(refresh_token))).status, 400);
  assert.equal((await owner.get("/account")).url.pathname, "/sign-in");
  assert.equal((await owner.submit(page, {}, form("/undo"))).status, 410);
  assert.equal((await owner.get(linkIn(notice))).status, 410);
  const events = await server.server.store.listAudit({ sub, limit: 20 });
  assert.equal(events.filter(({ event }) => event === "user_revoked").length, 1);
});

test("the undo of an added passkey removes it; after seven days a link has ended", async () => {
  const sub = await addVerified(server, "ivy");
  const { store, users, languages } = server.server;
  const [language] = languages;
  const person = await users.find(sub);
  assert.ok(language && person);
  const passkey = samplePasskey({ sub });
  const { sub: _, ...added } = passkey;
  const { name } = passkey;
  const request = {
    ...{ method: "POST", path: "/", query: "", header: () => undefined },
    ...{ body: "", origin: "", address: "192.0.2.1" },
  };
  const ctx = contextOf(server, server.now());
  const change = { user_handle: "h", add_passkeys: [added] };
  const by = { kind: "person", id: sub, via: "page" } as const;
  const factors = await store.loadFactors(sub);
  const told = { sub, factors, change, name, notice: { person, request, language } };
  assert.ok(await changeFactors(told, by, ctx));
  assert.equal(await changeFactors(told, by, ctx), false, "a refused change is not told");
  const notice = await mailTo("ivy@example.org", /passkey/);
  const owner = elsewhere();
  const page = await owner.get(linkIn(notice));
  assert.match(page.html, /remove what was added/);
  assert.equal((await store.loadFactors(sub)).passkeys.length, 1);
  await owner.submit(page, {}, form("/undo"));
  assert.deepEqual((await store.loadFactors(sub)).passkeys, []);
  server.advance(604_800);
  assert.equal((await elsewhere().get(linkIn(notice))).status, 410);
});

test("a GET of every link ever mailed changes nothing", async () => {
  for (const email of ["ada@example.org", "new@example.org"]) {
    const visitor = elsewhere();
    await visitor.submit(await visitor.get("/sign-up"), { email }, form("/sign-up", "send"));
  }
  await post.settle(server);
  const links = post.mails.flatMap(linksIn);
  assert.ok(links.length > 10, `${links.length} links`);
  const kinds = new Set(links.map((link) => new URL(link).pathname));
  assert.deepEqual([...kinds].sort(), ["/reset", "/sign-in", "/sign-in/code", "/sign-up", "/undo"]);
  const { store } = server.server;
  const before = await stateOf();
  const scanner = elsewhere();
  for (const link of links)
    for (let i = 0; i < 2; i += 1) {
      const { status } = await scanner.get(link);
      assert.ok([200, 400, 410].includes(status), `${status} ${link}`);
    }
  assert.deepEqual(await stateOf(), before);
  assert.ok(server.now() > START);

  /** Everything that a link could change: accounts, sessions, factors, events and waiting mails. */
  async function stateOf() {
    const accounts = await store.listAccounts({ limit: 100 });
    const of = async (sub: string) => [
      await store.listSessions(sub, { limit: 100 }),
      await store.loadFactors(sub),
      await store.listAudit({ sub, limit: 100 }),
    ];
    const people = await Promise.all(accounts.map(({ sub }) => of(sub)));
    return { accounts, people, jobs: await store.listJobs("send_mail", { limit: 100 }) };
  }
});
