/** Attacks on the logout endpoint: forced by another site, or used as an open redirect (O1, O2, O5). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { signJwt } from "../../src/crypto/jwt.ts";
import { signingKeyAt } from "../../src/crypto/signing_key.ts";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { type Page, type TestBrowser, testBrowser, withoutFoot } from "../support/browser.ts";
import { tokensFor } from "../support/flow.ts";
import { CONFIG, ISSUER, type TestClient, testServer, WEB } from "../support/server.ts";
import { formBody } from "./assertions.ts";
import { failingStore, SECRET } from "./failing_store.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const BYE = "https://printly.test/bye";
const APP = { ...WEB, post_logout_redirect_uris: [BYE] };

let server: WatchedServer;
let web: TestClient;
let other: TestClient;

before(async () => {
  server = await watchedServer();
  await server.addUser("ada");
  await server.addUser("mallory");
  web = await server.addClient(APP);
  other = await server.addClient({ ...WEB, post_logout_redirect_uris: ["https://evil.test/bye"] });
});
after(() => server.close());

const logoutUrl = (parameters: Record<string, string>) =>
  `/logout?${new URLSearchParams(parameters)}`;

/** Presses the button if there is one. */
async function allTheWay(browser: TestBrowser, page: Page): Promise<Page> {
  if (page.url.pathname !== "/logout") return page;
  return browser.submit(page, { which: "all" }, "/sign-out");
}

function assertStays({ url, html }: Page, what: string): void {
  assert.equal(url.origin, ISSUER, what);
  assert.doesNotMatch(withoutFoot(html), /evil\.test|javascript:alert/, what);
}

async function assertSignedIn(browser: TestBrowser): Promise<void> {
  assert.equal((await browser.get("/account")).url.pathname, "/account");
}

const NOT_REGISTERED = [
  "https://evil.test/",
  "https://evil.test/bye",
  "javascript:alert(1)",
  "data:text/html,x",
  "//evil.test",
  "/account",
  ...WEB.redirect_uris,
  `${BYE}/`,
  `${BYE}?x=1`,
  `${BYE}#x`,
  `${BYE}%2f`,
  "https://printly.test/bye/../bye",
  "https://PRINTLY.test/bye",
  "https://printly.test:443/bye",
  "https://printly.test@evil.test/bye",
  "http://printly.test/bye",
  `${BYE} https://evil.test`,
];

test("O1 only a registered address is led to, whatever the hint, byte for byte", async () => {
  for (const uri of NOT_REGISTERED) {
    const { browser, id_token } = await tokensFor(server, web);
    const requests = [{ client_id: web.client_id }, { id_token_hint: id_token }, {}];
    for (const request of requests) {
      const page = await browser.get(logoutUrl({ ...request, post_logout_redirect_uri: uri }));
      assertStays(page, uri);
      if (!("id_token_hint" in request)) continue;
      assertStays(await allTheWay(browser, page), uri);
    }
  }
});

test("O1 a registration never takes an address that runs as a script", async () => {
  for (const uri of ["javascript:alert(1)", "data:text/html,x", "http://printly.test/bye", "bye"])
    await assert.rejects(
      server.registerClient({ ...WEB, post_logout_redirect_uris: [uri] }),
      { error: "invalid_redirect_uri", parameter: "post_logout_redirect_uris" },
      uri,
    );
});

test("O1 loopback ports of post-logout addresses are exact", async () => {
  const uri = "http://127.0.0.1:4567/bye";
  const native = await server.addClient({ ...APP, post_logout_redirect_uris: [uri] });
  const { browser, id_token } = await tokensFor(server, native);
  for (const [sent, leads] of [
    ["http://127.0.0.1:9999/bye", false],
    [uri, true],
  ] as const) {
    const request = { id_token_hint: id_token, post_logout_redirect_uri: sent };
    const { url } = await browser.get(logoutUrl(request));
    assert.equal(url.href === sent, leads, sent);
  }
});

async function wrongHints() {
  const victim = await tokensFor(server, web);
  const foreign = await tokensFor(server, other, { username: "mallory" });
  const claims = decodeJwt(victim.id_token);
  const key = signingKeyAt(await server.server.keys(), "RS256", server.now());
  assert.ok(key);
  const altered = `${victim.id_token.slice(0, -6)}AAAAAA`;
  const hints: Record<string, Record<string, string>> = {
    altered: { id_token_hint: altered },
    "altered, with client_id": { id_token_hint: altered, client_id: web.client_id },
    "of another client": { id_token_hint: foreign.id_token, client_id: web.client_id },
    "genuine, with another client_id": {
      id_token_hint: victim.id_token,
      client_id: other.client_id,
    },
    "an access token": { id_token_hint: victim.access_token },
    "a logout token": { id_token_hint: signJwt(claims, "logout+jwt", key) },
    "a signed answer of userinfo": {
      id_token_hint: signJwt({ iss: ISSUER, aud: web.client_id, sub: claims.sub }, "JWT", key),
    },
    nonsense: { id_token_hint: "x", client_id: web.client_id },
  };
  return { browser: victim.browser, hints };
}

test("O2 a wrong hint ends nothing and never leads back, not even after the button", async () => {
  const names = Object.keys((await wrongHints()).hints);
  for (const name of names) {
    const { browser, hints } = await wrongHints();
    const request = { ...hints[name], post_logout_redirect_uri: BYE, state: "x" };
    const page = await browser.get(logoutUrl(request));
    assert.equal(page.url.pathname, "/logout", name);
    assertStays(page, name);
    assert.doesNotMatch(page.html, /printly\.test\/bye/, name);
    await assertSignedIn(browser);
    assertStays(await allTheWay(browser, page), name);
    assert.equal((await browser.get(logoutUrl(request))).url.origin, ISSUER, "nobody signed in");
  }
});

test("O2 the hint of another person ends their session only where they are signed in", async () => {
  const ada = await tokensFor(server, web);
  const mallory = await tokensFor(server, web, { username: "mallory" });
  const before = server.snapshot();
  const page = await ada.browser.get(
    logoutUrl({ id_token_hint: mallory.id_token, post_logout_redirect_uri: BYE }),
  );
  assert.equal(page.url.pathname, "/logout", "a genuine hint of a session elsewhere asks");
  const init = {
    method: "POST",
    body: new URLSearchParams({ id_token_hint: mallory.id_token }),
  };
  await testBrowser(server).get(logoutUrl({ id_token_hint: mallory.id_token }));
  await testBrowser(server).request("/logout", init);
  assert.deepEqual(server.snapshot(), before, "a stolen hint ends nothing in another browser");
  await assertSignedIn(ada.browser);
  await assertSignedIn(mallory.browser);
});

test("O2 nothing that a stranger sends ends a session without hint or button", async () => {
  const { browser } = await tokensFor(server, web);
  const before = server.snapshot();
  const { client_id } = web;
  for (const request of [
    {},
    { client_id, post_logout_redirect_uri: BYE },
    { logout_hint: "ada" },
    { which: "all", account: "x", csrf: "x" },
    { continue: "x" },
    { confirm: "yes", prompt: "none" },
  ]) {
    const body = new URLSearchParams(Object.entries(request));
    for (const path of [`/logout?${body}`, "/logout"])
      for (const init of path.includes("?") ? [{}] : [{ method: "POST", body }]) {
        const response = await browser.request(path, init);
        assert.ok([200, 303, 400].includes(response.status), path);
        const location = response.headers.get("location");
        if (location) assert.equal(new URL(location, ISSUER).pathname, "/logout");
      }
  }
  for (const method of ["HEAD", "PUT", "DELETE", "OPTIONS"])
    assert.equal((await browser.request("/logout", { method })).status, 405);
  assert.deepEqual(server.snapshot(), before);
  await assertSignedIn(browser);
});

test("O2 the button of another browser, and a cross-site press, end nothing", async () => {
  const { browser } = await tokensFor(server, web);
  const stranger = await tokensFor(server, web, { username: "mallory" });
  const request = logoutUrl({ client_id: web.client_id, post_logout_redirect_uri: BYE });
  const own = formBody((await browser.get(request)).html, "/sign-out");
  const foreign = formBody((await stranger.browser.get(request)).html, "/sign-out");
  for (const [body, headers] of [
    [foreign, {}],
    [own, { "sec-fetch-site": "cross-site" }],
  ] as const) {
    const response = await browser.request("/sign-out", { method: "POST", headers, body });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("location"), null);
  }
  await assertSignedIn(browser);
});

test("a disabled client's hint is as good as none, and leads nowhere", async () => {
  const client = await server.addClient(APP);
  const { browser, id_token } = await tokensFor(server, client);
  await server.server.store.updateClient({ ...client.record, disabled_at: server.now() });
  const request = { id_token_hint: id_token, post_logout_redirect_uri: BYE };
  const page = await browser.get(logoutUrl(request));
  assert.equal(page.url.pathname, "/logout");
  assertStays(await allTheWay(browser, page), "disabled");
});

test("O5 the logout endpoint answers 503 and keeps the cookie while the session cannot be ended", async () => {
  const { store, fail } = failingStore();
  const broken = await testServer(CONFIG, { store, secret: SECRET });
  await broken.addUser("ada");
  const client = await broken.addClient(APP);
  const { browser, id_token } = await tokensFor(broken, client);
  const request = logoutUrl({ id_token_hint: id_token, post_logout_redirect_uri: BYE });
  for (const only of [undefined, ["endSessions" as const], ["loadSession" as const]]) {
    fail(new DatabaseUnavailable("database is locked"), only);
    const response = await browser.request(request);
    fail(null);
    assert.equal(response.status, 503);
    assert.deepEqual(response.headers.getSetCookie(), []);
    await assertSignedIn(browser);
  }
  assert.equal((await browser.get(request)).url.href, BYE);
  await broken.close();
});
