/** Attacks on signing out: forced by another site, falsely reported, or used as an open redirect. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { testBrowser, withoutFoot } from "../support/browser.ts";
import { tokensFor } from "../support/flow.ts";
import { CONFIG, ISSUER, type TestClient, testServer, WEB } from "../support/server.ts";
import { formBody, refusedOnPage } from "./assertions.ts";
import { failingStore, SECRET } from "./failing_store.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

let server: WatchedServer;
let web: TestClient;

before(async () => {
  server = await watchedServer();
  await server.addUser("ada");
  web = await server.addClient(WEB);
});
after(() => server.close());

test("O1 no parameter redirects elsewhere after signing out", async () => {
  const { browser } = await tokensFor(server, web);
  const names = [
    "post_logout_redirect_uri",
    "redirect_uri",
    "continue",
    "to",
    "back",
    "returnTo",
    "next",
  ];
  const values = ["https://evil.test/", "javascript:alert(1)", "//evil.test", ...WEB.redirect_uris];
  for (const name of names)
    for (const value of values) {
      const response = await browser.request(`/sign-out?${new URLSearchParams({ [name]: value })}`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("location"), null);
      const html = await response.text();
      assert.doesNotMatch(withoutFoot(html), /evil\.test|javascript:alert/);
      assert.doesNotMatch(html, /(href|action)="[^?"]*(evil\.test|javascript:alert)/);
    }
  const page = await browser.get("/sign-out");
  const next = await browser.submit(page, { to: "https://evil.test/" }, "/sign-out");
  assert.equal(next.url.href, `${ISSUER}/sign-out`);
});

test("O2 a GET of the sign-out page only asks, whatever hint it carries", async () => {
  const { browser, id_token } = await tokensFor(server, web);
  const other = await tokensFor(server, web);
  const before = server.snapshot();
  for (const query of [
    "",
    `?id_token_hint=${id_token}`,
    `?id_token_hint=${other.id_token}`,
    "?confirm=yes",
    "?csrf=x",
  ]) {
    const response = await browser.request(`/sign-out${query}`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<form method="post" action="\/sign-out"/);
  }
  for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"])
    assert.equal((await browser.request("/sign-out", { method })).status, 405);
  assert.deepEqual(server.snapshot(), before);
  assert.equal((await browser.get("/account")).url.pathname, "/account");
});

test("O2 a cross-site form does not sign anyone out", async () => {
  const { browser } = await tokensFor(server, web);
  const stranger = testBrowser(server);
  const foreign = formBody((await stranger.get("/sign-in")).html, "/sign-in").get("csrf") ?? "";
  const own = formBody((await browser.get("/sign-out")).html, "/sign-out").get("csrf") ?? "";
  const attacks: [Record<string, string>, Record<string, string>][] = [
    [{}, {}],
    [{ csrf: "" }, {}],
    [{ csrf: foreign }, {}],
    [{ csrf: own }, { "sec-fetch-site": "cross-site" }],
  ];
  for (const [fields, headers] of attacks) {
    const init = { method: "POST", headers, body: new URLSearchParams(fields) };
    assert.equal((await refusedOnPage(server, "/sign-out", { browser, init })).status, 403);
  }
  assert.equal((await browser.get("/account")).url.pathname, "/account");
});

test("O3 signing out ends this session on the server, and no other", async () => {
  const { browser } = await tokensFor(server, web);
  const phone = testBrowser(server);
  await phone.signIn(await phone.get("/sign-in"), "ada");
  const kept = new Map(browser.cookies);
  const sessions = server.count("session");
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  assert.equal(server.count("session"), sessions - 1);
  const thief = testBrowser(server);
  for (const [name, value] of kept) thief.cookies.set(name, value);
  assert.equal(
    (await thief.get("/account")).url.pathname,
    "/sign-in",
    "a copied cookie is refused",
  );
  assert.equal((await phone.get("/account")).url.pathname, "/account");
});

test("O5 sign-out answers 503, and keeps the cookie, while the session cannot be ended", async () => {
  const { store, fail } = failingStore();
  const broken = await testServer(CONFIG, { store, secret: SECRET });
  await broken.addUser("ada");
  const client = await broken.addClient(WEB);
  const { browser } = await tokensFor(broken, client);
  const page = await browser.get("/sign-out");
  const body = formBody(page.html, "/sign-out");
  for (const only of [undefined, ["endSessions" as const], ["findSession" as const]]) {
    fail(new DatabaseUnavailable("database is locked"), only);
    const response = await browser.request("/sign-out", { method: "POST", body });
    fail(null);
    assert.equal(response.status, 503);
    assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    assert.deepEqual(
      response.headers.getSetCookie(),
      [],
      "the cookie stays, so that signing out can be retried",
    );
    assert.equal((await browser.get("/account")).url.pathname, "/account");
  }
  await browser.submit(page, {}, "/sign-out");
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
  await broken.close();
});
