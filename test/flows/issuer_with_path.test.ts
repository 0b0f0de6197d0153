/** An issuer with a path: every route, cookie and link is below it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  authorizationUrl,
  linkOn,
  type Page,
  testBrowser,
  unescapeHtml,
} from "../support/browser.ts";
import { introspect, redeem, refresh, userinfo } from "../support/flow.ts";
import { testServer, WEB } from "../support/server.ts";

const server = await testServer({ issuer: "https://as.test/id", sign_up: true });
after(() => server.close());
await server.addUser("ada", { is_admin: true });

/** Every link of ours on a page is below the issuer. */
function checkLinks({ html, url }: Page): void {
  const links = [...html.matchAll(/(?:href|action)="([^"]*)"/g)].map(
    ([, link = ""]) => new URL(unescapeHtml(link), url),
  );
  const ours = links.filter((link) => link.origin === "https://as.test" && link.hash === "");
  for (const { pathname } of ours) assert.match(pathname, /^\/id\//, `on ${url}`);
}

/** The same address as the test browser takes it: relative to the issuer. */
const below = (path: string): string => path.slice("/id".length);

test("a whole flow below a path: sign in, agree, tokens, userinfo, refresh", async () => {
  const client = await server.addClient(WEB);
  const browser = testBrowser(server);
  const pages: Page[] = [];
  const keep = (page: Page) => {
    pages.push(page);
    return page;
  };
  const sign_in = keep(
    await browser.get(authorizationUrl(client, { scope: "openid profile photos.read" })),
  );
  assert.equal(sign_in.url.pathname, "/id/sign-in");
  keep(await browser.signIn(sign_in, "ada", "wrong password"));
  const consent = keep(await browser.signIn(sign_in, "ada"));
  assert.equal(consent.url.pathname, "/id/consent");
  const choice = keep(await browser.get(below(linkOn(consent, "/select-account"))));
  assert.equal(choice.url.pathname, "/id/select-account");
  const switched = keep(await browser.get(below(linkOn(choice, "/sign-in"))));
  assert.equal(switched.url.pathname, "/id/sign-in", "another account");
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(back.url.origin, "https://printly.test");
  assert.equal(back.url.searchParams.get("iss"), "https://as.test/id");
  pages.forEach(checkLinks);
  for (const name of browser.cookies.keys()) assert.match(name, /^__Host-/);

  const code = back.url.searchParams.get("code") ?? "";
  const { body } = await redeem(server, client, code);
  assert.equal((await refresh(server, client, body.refresh_token)).status, 200);
  assert.equal((await introspect(server, client, body.access_token)).iss, "https://as.test/id");
  assert.equal((await userinfo(server, body.access_token)).status, 200);
});

test("the account pages below a path: every link, form and redirect stays below it", async () => {
  const browser = testBrowser(server);
  const front = await browser.get("https://as.test/id");
  assert.equal(front.url.pathname, "/id/sign-in", "led there by the account page");
  checkLinks(front);
  const account = await browser.signIn(front, "ada");
  assert.equal(account.url.pathname, "/id/account");
  checkLinks(account);
  for (const path of ["/account/security", "/account/apps", "/account/apps?view=register"]) {
    const page = await browser.get(path);
    assert.equal(page.status, 200, path);
    checkLinks(page);
  }

  const form = await browser.get("/account/apps?view=register");
  const app = { name: "Printly", redirect_uris: "https://printly.test/callback", kind: "web" };
  const made = await browser.submit(form, app, "/account/apps");
  assert.equal(made.status, 201);
  checkLinks(made);
  const list = await browser.get("/account/apps");
  const [, address = ""] = /href="([^"]*\?app=[^"]*)"/.exec(list.html) ?? [];
  const edit = await browser.get(new URL(unescapeHtml(address), list.url).href);
  assert.equal(edit.status, 200);
  checkLinks(edit);
  const saved = await browser.submit(edit, { name: "Printly 2" }, "/account/apps");
  assert.equal(saved.url.pathname, "/id/account/apps");
  const asked = await browser.get(`${edit.url.href}&view=remove`);
  checkLinks(asked);
  const removed = await browser.submit(asked, {}, "/account/apps");
  assert.equal(removed.status, 200);
  assert.match(removed.html, /Printly 2/);

  const leaving = await browser.get("/sign-out");
  checkLinks(leaving);
  const left = await browser.submit(leaving, {}, "/sign-out");
  assert.equal(left.url.pathname, "/id/sign-out");
  checkLinks(left);
});

test("sign-up and error pages work below a path", async () => {
  const browser = testBrowser(server);
  const form = await browser.get("/sign-up");
  checkLinks(form);
  const person = { username: "grace", password: "a long enough password" };
  const account = await browser.submit(form, person, "/sign-up");
  assert.equal(account.url.pathname, "/id/account");
  const unknown = await browser.get("/authorize?client_id=nobody");
  assert.equal(unknown.status, 400);
  checkLinks(unknown);
  const missing = await browser.get("/nothing");
  assert.equal(missing.status, 404);
  checkLinks(missing);
});

test("L7 two issuers with one secret refuse each other's sealed and signed values", async () => {
  const secret = Buffer.alloc(32, 7).toString("base64url");
  await using one = await testServer({ issuer: "https://as.test/one" }, { secret });
  await using two = await testServer({ issuer: "https://as.test/two" }, { secret });
  const link = new URL((await one.setupLink()) ?? "");
  const opened = async (target: typeof one, at: URL) =>
    (await target.fetch(new Request(at))).status;
  assert.equal(await opened(one, link), 200);
  const foreign = new URL(link);
  foreign.pathname = "/two/setup";
  assert.equal(await opened(two, foreign), 410);

  const browser = testBrowser(one);
  await one.addUser("ada");
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const names = [...browser.cookies.keys()];
  const other = testBrowser(two);
  await other.get("/sign-in");
  for (const name of other.cookies.keys()) assert.ok(!names.includes(name), name);
  for (const [name, value] of browser.cookies) other.cookies.set(name, value);
  assert.equal((await other.get("/account")).url.pathname, "/two/sign-in");
});

test("the setup link is below the path", async () => {
  await using fresh = await testServer({ issuer: "https://as.test/id" });
  const link = (await fresh.setupLink()) ?? "";
  assert.match(link, /^https:\/\/as\.test\/id\/setup\?link=/);
  const browser = testBrowser(fresh);
  const page = await browser.get(link);
  checkLinks(page);
  const admin = { username: "root", password: "a long enough password" };
  const apps = await browser.submit(page, admin, "/setup");
  assert.equal(apps.url.pathname, "/id/account/apps");
  assert.equal(await fresh.setupLink(), null);
});
