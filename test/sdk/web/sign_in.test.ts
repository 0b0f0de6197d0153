/** `valetkey/client/web`: signing in, with everything that can come between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../../../src/sdk/client/client.ts";
import {
  BROWSER,
  ENDED,
  NAVIGATION,
  ORIGIN,
  SESSION,
  scene,
  signedIn,
  testBrowser,
  userIn,
} from "./scene.ts";

const pathOf = ({ pathname, search, hash }: URL): string => pathname + search + hash;

test("a person signs in and comes back to the page", async () => {
  await using app = await scene();
  const browser = app.browser();
  assert.equal(await userIn(browser), null);
  const page = await browser.open("/private?a=1");
  assert.equal(pathOf(page.url), "/private?a=1");
  const { user } = JSON.parse(page.text);
  assert.deepEqual(
    [user.email, user.emailVerified, user.name, user.issuer],
    [...["ada@example.com", true, "Ada Lovelace", app.issuer.issuer]],
  );
  assert.deepEqual(user.raw, {});
  assert.deepEqual([...browser.cookies.keys()].sort(), [BROWSER, SESSION]);
});

test("an app without users asks for nothing, and gets no cookie", async () => {
  await using app = await scene();
  const answer = await app.browser().request("/me");
  assert.deepEqual(answer.headers.getSetCookie(), []);
  assert.deepEqual(app.issuer.requests, []);
});

test("cookies are __Host-, HttpOnly, Secure and Lax", async () => {
  await using app = await scene();
  const browser = app.browser();
  const login = await browser.request("/auth/login", { headers: NAVIGATION });
  const callback = await browser.atIssuer(login.headers.get("location") ?? "");
  const answer = await browser.request(pathOf(callback), { headers: NAVIGATION });
  const lines = [login, answer].flatMap(({ headers }) => headers.getSetCookie());
  assert.equal(lines.length, 2);
  for (const line of lines)
    assert.match(
      line,
      /^__Host-vk_\w+=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/,
    );
  for (const { headers, status } of [login, answer])
    assert.deepEqual([status, headers.get("cache-control")], [303, "no-store"]);
});

test("images, frames and scripts do not sign in: 204, and 503 for prefetches, without a cookie", async () => {
  await using app = await scene();
  const others = [
    { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
    { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" },
    { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" },
    { ...NAVIGATION, "sec-purpose": "prefetch;prerender" },
    { ...NAVIGATION, purpose: "prefetch" },
  ];
  for (const path of ["/auth/login", "/private"])
    for (const headers of others) {
      const { status, headers: sent } = await app.browser().request(path, { headers });
      const isPrefetch = "purpose" in headers || "sec-purpose" in headers;
      const expected = [isPrefetch ? 503 : 204, []];
      assert.deepEqual([status, sent.getSetCookie()], expected, JSON.stringify(headers));
    }
  const head = await app.browser().request("/auth/login", { method: "HEAD" });
  assert.equal(head.status, 204);
  assert.equal((await app.browser().request("/auth/login")).status, 303, "an old browser");
});

test("tabs sign in at once: each comes back to its own page", async () => {
  await using app = await scene();
  const browser = app.browser();
  const callbacks: URL[] = [];
  for (const tab of ["/a", "/b", "/c"])
    callbacks.push(await signedIn(browser, `/auth/login?return_to=${tab}`));
  const pages = [];
  for (const callback of callbacks.reverse())
    pages.push((await browser.open(pathOf(callback))).url.pathname);
  assert.deepEqual(pages, ["/c", "/b", "/a"]);
  assert.equal(browser.cookies.size, 2, "nothing piles up");
});

test("tabs that begin before the browser has a cookie: the last one wins, the others sign in again by themselves", async () => {
  await using app = await scene();
  const browser = app.browser();
  const tabs = ["/a", "/b"].map((tab) =>
    testBrowser(app.app).request(`/auth/login?return_to=${tab}`, { headers: NAVIGATION }),
  );
  const [first, last] = await Promise.all(tabs);
  assert.ok(first && last);
  const [, cookie = ""] = /^[^=]+=([^;]+)/.exec(last.headers.getSetCookie()[0] ?? "") ?? [];
  browser.cookies.set(BROWSER, cookie);
  const callback = await browser.atIssuer(first.headers.get("location") ?? "");
  assert.equal((await browser.open(pathOf(callback))).url.pathname, "/a");
  assert.equal((await userIn(browser))?.email, "ada@example.com");
});

test("the callback of another browser begins no session here", async () => {
  await using app = await scene();
  const callback = await signedIn(app.browser());
  const victim = app.browser();
  const answer = await victim.request(pathOf(callback), { headers: NAVIGATION });
  // The victim is sent to the provider for a sign-in of their own.
  assert.ok(answer.headers.get("location")?.startsWith(`${app.issuer.issuer}/authorize`));
  assert.equal(victim.cookies.has(SESSION), false);
  assert.ok(!app.issuer.requests.some(({ path }) => path === "/token"), "the code is not sent");
  // A second refusal is an error: it never goes round in circles.
  const again = await victim.atIssuer(answer.headers.get("location") ?? "");
  victim.cookies.delete(BROWSER);
  const refused = await victim.request(pathOf(again), { headers: NAVIGATION });
  assert.equal(refused.status, 400);
  assert.match(await refused.text(), /login_elsewhere/);
});

test("a sign-in that took too long starts once more, with its page", async () => {
  await using app = await scene();
  const browser = app.browser();
  const login = await browser.request("/auth/login?return_to=/photos", { headers: NAVIGATION });
  app.issuer.clock.advance(3700);
  // The code is fresh, the sign-in is not.
  const callback = await browser.atIssuer(login.headers.get("location") ?? "");
  const again = await browser.request(pathOf(callback), { headers: NAVIGATION });
  assert.match(again.headers.get("location") ?? "", /\/authorize\?/);
  assert.ok(!app.issuer.requests.some(({ path }) => path === "/token"), "the code is not sent");
  const page = await browser.open(pathOf(callback));
  assert.equal(page.url.pathname, "/photos");
  assert.equal((await userIn(browser))?.email, "ada@example.com");
});

test("a callback that is reloaded, or gone back to, uses its code once", async () => {
  await using app = await scene();
  const browser = app.browser();
  const callback = pathOf(await signedIn(browser, "/auth/login?return_to=/photos"));
  const both = await Promise.all([browser.open(callback), browser.open(callback)]);
  assert.deepEqual(
    both.map(({ url }) => url.pathname),
    ["/photos", "/photos"],
  );
  assert.equal((await browser.open(callback)).url.pathname, "/photos");
  // The answer was lost: the browser has no session cookie yet.
  browser.cookies.delete(SESSION);
  assert.equal((await browser.open(callback)).url.pathname, "/photos");
  assert.equal(app.issuer.requests.filter(({ path }) => path === "/token").length, 1);
  // A code that is used twice ends its grant: it was not.
  app.issuer.clock.advance(1200);
  assert.match((await browser.open("/token")).text, /^ey/);
});

test("a used code of an ended session starts a new sign-in", async () => {
  await using app = await scene();
  const browser = app.browser();
  const callback = pathOf(await signedIn(browser, "/auth/login?return_to=/photos"));
  await browser.open(callback);
  await browser.request("/auth/logout", { method: "POST", headers: { origin: ORIGIN } });
  assert.ok(browser.cookies.has(ENDED));
  assert.equal(await userIn(browser), null);
  assert.equal((await browser.open(callback)).url.pathname, "/photos");
  assert.equal((await userIn(browser))?.email, "ada@example.com");
});

test("somebody who says no comes back with auth_error, and is not asked again by the page", async () => {
  await using app = await scene({}, { people: "deny" });
  const browser = app.browser();
  const page = await browser.open("/private?a=1");
  assert.equal(pathOf(page.url), "/private?a=1&auth_error=access_denied");
  assert.equal(page.status, 403);
  assert.match(page.text, /href="\/auth\/login\?return_to=%2Fprivate%3Fa%3D1"/);
  assert.equal(await userIn(browser), null);
  const open = await browser.open("/auth/login?return_to=/open");
  assert.equal(pathOf(open.url), "/open?auth_error=access_denied");
  const other = await browser.open("/auth/login?return_to=/.//evil.test");
  assert.equal(other.url.href, `${ORIGIN}/?auth_error=access_denied`);
});

test("prompt none without a session at the provider comes back with auth_error", async () => {
  await using app = await scene({}, { people: "ask" });
  const browser = app.browser();
  const request = new Request(`${ORIGIN}/welcome`, { headers: NAVIGATION });
  const login = await app.auth.login(request, { prompt: "none" });
  for (const line of login.headers.getSetCookie()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    browser.cookies.set(name, value);
  }
  const callback = await browser.atIssuer(login.headers.get("location") ?? "");
  const page = await browser.open(pathOf(callback));
  assert.equal(pathOf(page.url), "/welcome?auth_error=sign_in_needed");
});

test("after a form that needed a person, they come back to the front page", async () => {
  await using app = await scene();
  const browser = app.browser();
  const request = new Request(`${ORIGIN}/orders`, { method: "POST", headers: NAVIGATION });
  const login = await app.auth.login(request);
  const [cookie = ""] = (login.headers.getSetCookie()[0] ?? "").split(";");
  browser.cookies.set(BROWSER, cookie.slice(cookie.indexOf("=") + 1));
  const callback = await browser.atIssuer(login.headers.get("location") ?? "");
  assert.equal((await browser.open(pathOf(callback))).url.pathname, "/");
});

test("return paths lead to this app only", async () => {
  await using app = await scene();
  for (const path of ["//evil.test", "/\\evil.test", "https://evil.test", "/auth/login", "/a\nb"]) {
    const browser = app.browser();
    const login = `/auth/login?return_to=${encodeURIComponent(path)}`;
    assert.equal((await browser.open(login)).url.href, `${ORIGIN}/`, path);
  }
  const page = await app.browser().open("/auth/login?return_to=/%E6%97%A5%3Fq%3D%C3%A4");
  assert.equal(page.url.href, `${ORIGIN}/%E6%97%A5?q=%C3%A4`);
});

test("a provider that is down: a page with status 503, and no session lost", async () => {
  await using app = await scene();
  const browser = app.browser();
  app.issuer.fault.fail("/.well-known/openid-configuration", 503, 2);
  const login = await browser.open("/private");
  assert.deepEqual([login.status, login.headers.get("retry-after")], [503, "30"]);
  assert.match(login.text, /href="\/auth\/login\?return_to=%2Fprivate"/);
  assert.doesNotMatch(login.text, /127\.0\.0\.1/, "people see no address of the inside");
  app.issuer.fault.fail("/.well-known/openid-configuration", 503, 0);
  const callback = await signedIn(browser);
  app.issuer.fault.fail("/token", 503);
  const failed = await browser.open(pathOf(callback));
  assert.equal(failed.status, 503);
  assert.match(failed.text, /href="\/auth\/login"/);
  assert.equal((await browser.open(pathOf(callback))).status, 200, "the code was not used");
});

test("onError answers instead of the page", async () => {
  const codes: string[] = [];
  const onError = (error: AuthError) => {
    codes.push(error.code);
    return new Response("ours", { status: 418 });
  };
  await using app = await scene({ onError });
  const page = await app.browser().open("/auth/callback?code=1&state=2");
  assert.deepEqual([page.status, page.text, codes], [418, "ours", ["login_elsewhere"]]);
});

test("onSignIn adds to the session, or refuses", async () => {
  const seen: unknown[] = [];
  await using app = await scene({
    session: { claims: ["updated_at", "email"] },
    async onSignIn(user, { accessToken }) {
      seen.push([user.email, typeof accessToken]);
      return { account: 7 };
    },
  });
  const browser = app.browser();
  const { user } = JSON.parse((await browser.open("/private")).text);
  assert.deepEqual(user.raw, { email: "ada@example.com", account: 7 });
  assert.deepEqual(seen, [["ada@example.com", "string"]]);
  await using closed = await scene({
    async onSignIn() {
      throw new AuthError("access_denied", "she is banned", { hint: "ask us" });
    },
  });
  const page = await closed.browser().open("/auth/login?return_to=/a");
  assert.equal(pathOf(page.url), "/a?auth_error=access_denied");
});

test("a sign-in restarts with what it asked for", async () => {
  await using app = await scene();
  const browser = app.browser();
  const request = new Request(`${ORIGIN}/a`, { headers: NAVIGATION });
  const asked = { acr: ["urn:x"], maxAge: 100, params: { ui_locales: "de" }, scope: "openid" };
  const login = await app.auth.login(request, asked);
  const first = new URL(login.headers.get("location") ?? "").searchParams;
  const callback = await browser.atIssuer(login.headers.get("location") ?? "");
  const again = await browser.request(pathOf(callback), { headers: NAVIGATION });
  const second = new URL(again.headers.get("location") ?? "").searchParams;
  for (const name of ["acr_values", "max_age", "ui_locales", "scope", "redirect_uri"])
    assert.equal(second.get(name), first.get(name), name);
  assert.deepEqual([first.get("max_age"), first.get("scope")], ["100", "openid"]);
  for (const name of ["state", "nonce", "code_challenge"])
    assert.notEqual(second.get(name), first.get(name), name);
});

test("secrets are replaced without signing anybody out", async () => {
  await using app = await scene();
  const browser = app.browser();
  const begun = pathOf(await signedIn(browser));
  const { createAuth } = await import("../../../src/sdk/client/web/web.ts");
  const { appWith, CLIENT, SECRET } = await import("./scene.ts");
  const rotated = appWith(
    createAuth({
      ...{ baseUrl: ORIGIN, issuer: app.issuer.issuer, ...CLIENT },
      secret: ["another secret, which is the new one", SECRET],
    }),
  );
  const later = testBrowser(rotated);
  for (const [name, value] of browser.cookies) later.cookies.set(name, value);
  assert.equal((await later.open(begun)).status, 200);
  assert.equal((await userIn(later))?.email, "ada@example.com");
  const without = testBrowser(
    appWith(
      createAuth({
        ...{ baseUrl: ORIGIN, issuer: app.issuer.issuer, ...CLIENT },
        secret: "another secret, which is a third one",
      }),
    ),
  );
  for (const [name, value] of later.cookies) without.cookies.set(name, value);
  assert.equal(await userIn(without), null);
});

test("addresses that are not the app's, and methods that are not theirs", async () => {
  await using app = await scene();
  const { auth } = app;
  for (const path of [
    "/",
    "/auth",
    "/auth/",
    "/auth/else",
    "/authlogin",
    "/auth/login/x",
    "/auth/constructor",
  ])
    assert.equal(await auth.handle(new Request(ORIGIN + path)), null, path);
  const put = await auth.handle(new Request(`${ORIGIN}/auth/login`, { method: "PUT" }));
  assert.deepEqual([put?.status, put?.headers.get("allow")], [405, "GET, HEAD, POST"]);
  const unknown = await auth.handle(new Request(`${ORIGIN}/auth/callback/nobody`));
  assert.equal(unknown?.status, 404);
});
