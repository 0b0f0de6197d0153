/** `valetkey/client/browser` in Chromium: the way in, the way back, a reload, and the way out. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { appBrowser, leave, reload, shows, signIn, spa, token, who } from "./browser_app.ts";

let browser: Browser;
before(async () => {
  browser = await appBrowser();
});
after(async () => {
  await browser?.close();
});

const ADA = "ada@example.com";

test("a person signs in on the pages of the provider, and comes back to where they were", async () => {
  await using app = await spa(browser, {}, { people: "ask" });
  const { page } = app;
  await page.goto(`${app.origin}/albums/7?sort=new#top`);
  assert.equal(await who(page), "nobody");
  await leave(page);
  await page.getByLabel("Username").fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(app.issuer.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.waitForURL(`${app.origin}/albums/7?sort=new#top`);
  assert.equal(await who(page), ADA);
  const user = await page.evaluate(() => window.auth.ready);
  assert.equal(user?.id, app.issuer.subOf("ada"));
  assert.deepEqual(await page.evaluate(() => window.auth.user), user);
});

test("the API gets the access token; when it refuses it, a new one, with the same body", async () => {
  await using app = await spa(browser);
  const { page, seen } = app;
  await signIn(page);
  const ask = () =>
    page.evaluate(async () => {
      const answer = await window.auth.fetch("/photos", { method: "POST", body: "a photo" });
      return answer.status;
    });
  assert.equal(await ask(), 200);
  app.refuse(1);
  assert.equal(await ask(), 200);
  const [first, second, third] = seen;
  assert.equal(first, second);
  assert.notEqual(second, third);
  assert.match(third ?? "", /^Bearer ey/);
  app.refuse(2);
  assert.equal(await ask(), 401, "not a third time");
  const wrong = await page.evaluate(() =>
    window.auth.fetch("http://api.example/").catch((error) => error.message),
  );
  assert.match(wrong, /configuration: http:\/\/api.example is not https/);
});

test("no token is stored: not in storage, cookies, databases or caches", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await signIn(page);
  const access_token = await token(page);
  const stored = await page.evaluate(async () => ({
    local: JSON.stringify({ ...localStorage }),
    session: JSON.stringify({ ...sessionStorage }),
    cookies: document.cookie,
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    history: JSON.stringify(history.state) + location.href,
  }));
  assert.deepEqual(stored.databases, []);
  assert.deepEqual(stored.caches, []);
  assert.equal(stored.local + stored.cookies, "{}");
  assert.doesNotMatch(JSON.stringify(stored), /ey[\w-]+\.|code|verifier|state=/i);
  assert.ok(!JSON.stringify(stored).includes(access_token));
});

test("a reload signs in again, without a question and back to the same place", async () => {
  await using app = await spa(browser, {}, { people: "ask", trusted: true });
  const { page } = app;
  await app.issuer.signIn(page, "ada");
  await signIn(page);
  await page.evaluate(() => history.pushState(null, "", "/albums/7#photo"));
  await reload(page);
  await shows(page, ADA);
  assert.equal(page.url(), `${app.origin}/albums/7#photo`);
  assert.equal(app.tokenRequests(), 2);
});

test("a reload after the provider's own session has ended: nobody is signed in, and the app is there", async () => {
  await using app = await spa(browser, {}, { people: "ask", trusted: true });
  const { page } = app;
  await app.issuer.signIn(page, "ada");
  await signIn(page);
  await app.context.clearCookies();
  await reload(page);
  await shows(page, "nobody");
  assert.equal(page.url(), `${app.origin}/`);
  const asked = app.issuer.requests.length;
  // It does not try again at each load.
  await reload(page);
  assert.equal(await who(page), "nobody");
  assert.equal(app.issuer.requests.length, asked);
});

test("a denial is an error of `ready`, once, and the address is clean", async () => {
  await using app = await spa(browser, {}, { people: "deny" });
  const { page } = app;
  await leave(page, { returnTo: "/albums" });
  await page.waitForURL(`${app.origin}/albums`);
  assert.match(await who(page), /^access_denied: .*hint: offer to sign in again/);
  await reload(page);
  assert.equal(await who(page), "nobody");
});

test("a callback of another browser signs nobody in, and its code is not used", async () => {
  await using app = await spa(browser);
  await using mallory = await spa(browser);
  const url = `${app.issuer.issuer}/authorize?${new URLSearchParams({
    ...{ client_id: "photos", response_type: "code", redirect_uri: `${app.origin}/` },
    ...{ scope: "openid", state: "mallory", code_challenge_method: "S256" },
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  })}`;
  const callback = await app.issuer.callbackFor(url, "ada");
  await app.page.goto(callback.href);
  assert.equal(await who(app.page), "nobody");
  assert.equal(app.page.url(), `${app.origin}/`, "nothing of it stays in the address");
  assert.equal(app.tokenRequests(), 0);
  assert.equal(await who(mallory.page), "nobody");
});

test("a callback of another provider's code on the same page is left alone", async () => {
  await using app = await spa(browser);
  for (const path of ["/?code=theirs&state=theirs", "/?code=a&state=b&iss=https://other.example"]) {
    await app.page.goto(app.origin + path);
    assert.equal(await who(app.page), "nobody");
    assert.equal(app.page.url(), app.origin + path);
  }
});

test("a callback counts once: back and an old address sign nobody in again", async () => {
  await using app = await spa(browser);
  const { page } = app;
  const callbacks: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("code=")) callbacks.push(request.url());
  });
  await signIn(page);
  assert.equal(callbacks.length, 1);
  const before_ = app.tokenRequests();
  await page.evaluate(() => window.auth.logout({ local: true }));
  await page.goto(callbacks[0] ?? "");
  assert.equal(await who(page), "nobody");
  assert.equal(app.tokenRequests(), before_);
});

test("a callback of another provider is refused (RFC 9207)", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await page.route(`${app.issuer.issuer}/authorize?*`, async (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const back = new URL(asked.get("redirect_uri") ?? "");
    const answer = { code: "theirs", state: asked.get("state") ?? "", iss: "https://evil.example" };
    for (const [name, value] of Object.entries(answer)) back.searchParams.set(name, value);
    await route.fulfill({ status: 303, headers: { location: back.href } });
  });
  await leave(page);
  await shows(page, 'issuer_mismatch: the callback says "https://evil.example"');
  assert.equal(app.tokenRequests(), 0);
});

test("nobody is sent to another site, and the callback stays on this one", async () => {
  await using app = await spa(browser);
  const { page } = app;
  for (const returnTo of [
    ...["https://evil.example/", "//evil.example", "javascript:alert(1)"],
    ...[`blob:${app.origin}/x`, app.origin.replace("//", "//x@")],
  ]) {
    const error = await page.evaluate(
      (to) => window.auth.login({ returnTo: to }).catch((reason) => reason.message),
      returnTo,
    );
    assert.match(error, /configuration: returnTo is .*set it to a page of this app/, returnTo);
    if (!/^https:|^\/\//.test(returnTo) || returnTo.includes("@")) continue;
    const out = await page.evaluate(
      (to) => window.auth.logout({ returnTo: to }).catch((reason) => reason.message),
      returnTo,
    );
    assert.match(out, /configuration: returnTo is .*set it to a page of this app/, returnTo);
  }
  await using other = await spa(browser, { redirectUri: "https://elsewhere.example/" });
  assert.match(
    await who(other.page),
    /configuration: redirectUri is "https:\/\/elsewhere.example\/", this page is at https:\/\/photos.test:\d+/,
  );
});

test("a browser that keeps nothing says so, and goes round in no circle", async () => {
  await using app = await spa(browser);
  const page = await app.context.newPage();
  await page.addInitScript(() => {
    for (const name of ["sessionStorage", "localStorage"])
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
    navigator.locks.query = () => Promise.reject(new DOMException("denied", "SecurityError"));
  });
  await page.goto(app.origin);
  assert.equal(await who(page), "nobody");
  const error = await page.evaluate(() => window.auth.login().catch((reason) => reason.message));
  assert.match(error, /storage_unreadable: this browser keeps nothing/);
});

test("a page that is not https says so", async () => {
  await using app = await spa(browser);
  const insecure = await app.context.newPage();
  await app.serve(insecure, "http://app.test");
  await insecure.goto("http://app.test/");
  assert.match(await who(insecure), /configuration: this page \(http:\/\/app.test\) is not https/);
});

test("at localhost the provider asks each time, and a reload signs out", async () => {
  await using app = await spa(browser, {}, { people: "ask", atLocalhost: true });
  const { page } = app;
  await app.issuer.signIn(page, "ada");
  await leave(page);
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await shows(page, ADA);
  await reload(page);
  await shows(page, "nobody");
  assert.equal(page.url(), `${app.origin}/`);
});

test("signing out ends the session here, its refresh token, and the provider's session", async () => {
  await using app = await spa(browser, {}, { people: "ask", trusted: true });
  const { page, issuer } = app;
  await issuer.signIn(page, "ada");
  await signIn(page);
  await page.evaluate(() => void window.auth.logout());
  // The provider's page leads back.
  await page.waitForRequest(`${app.origin}/app.js`);
  await shows(page, "nobody");
  const paths = issuer.requests.map(({ path }) => path);
  assert.ok(paths.includes("/revoke"), paths.join());
  await leave(page);
  await page.getByLabel("Username").waitFor();
});

test("a sign-in right after a sign-out does not overtake it", async () => {
  await using app = await spa(browser, {}, { people: "ask", trusted: true });
  const { page, issuer } = app;
  await issuer.signIn(page, "ada");
  await signIn(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  await page.route(`${issuer.issuer}/revoke`, async (route) => {
    await released;
    await route.continue();
  });
  await page.evaluate(() => {
    void window.auth.logout();
    void window.auth.login();
  });
  // Time enough for the sign-in, if nothing held it up.
  await page.waitForTimeout(500);
  assert.ok(!asked.includes("/authorize"), asked.join(" "));
  release();
  await page.waitForRequest(`${app.origin}/app.js`);
  await shows(page, "nobody");
  await leave(page);
  await page.getByLabel("Username").waitFor();
});

test("signing out here alone: the page stays, and a reload signs nobody in", async () => {
  await using app = await spa(browser);
  const { page } = app;
  await signIn(page);
  await page.evaluate(() => window.auth.logout({ local: true }));
  assert.equal(await page.evaluate(() => window.auth.user), null);
  assert.deepEqual(await page.evaluate(() => window.changes), [ADA, null]);
  assert.match(await token(page), /^no_session: nobody is signed in on this page/);
  await reload(page);
  assert.equal(await who(page), "nobody");
});

test("a provider that is down: signed-in people stay so, and others are told", async () => {
  await using app = await spa(browser);
  const { page, issuer } = app;
  await signIn(page);
  await app.advance(700);
  issuer.fault.fail("/token", 503, Number.POSITIVE_INFINITY);
  // A broken proxy sends no CORS headers: the browser keeps its answer from the page.
  assert.match(await token(page), /^issuer_unreachable: .*CORS/);
  assert.equal(await page.evaluate(() => window.auth.user?.email), ADA);
  issuer.fault.fail("/token", 503, 0);
  assert.match(await token(page), /^ey/);
});
