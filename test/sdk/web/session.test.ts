/** `valetkey/client/web`: how long sessions last, how they are refreshed, and what ends them. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { AuthError } from "../../../src/sdk/client/client.ts";
import {
  type AuthOptions,
  createAuth,
  memoryStore,
  type SessionStore,
} from "../../../src/sdk/client/web/web.ts";
import { failure } from "../failure.ts";
import {
  appWith,
  CLIENT,
  ENDED,
  NAVIGATION,
  ORIGIN,
  type Scene,
  SECRET,
  SESSION,
  scene,
  signedIn,
  type TestBrowser,
  testBrowser,
  userIn,
} from "./scene.ts";

/** Requests to the token endpoint so far: the first one is the sign-in. */
const refreshes = ({ issuer }: Scene): number =>
  issuer.requests.filter(({ path }) => path === "/token").length - 1;

const tokenIn = async (browser: TestBrowser): Promise<string> =>
  (await browser.open("/token")).text;

/** Another process of the same app. */
function anotherProcess({ issuer }: Scene, options: Partial<AuthOptions> = {}) {
  const auth = createAuth({
    ...{ baseUrl: ORIGIN, secret: SECRET, issuer: issuer.issuer, ...CLIENT },
    ...options,
  });
  return { auth, app: appWith(auth) };
}

function sameCookies(from: TestBrowser, to: TestBrowser): TestBrowser {
  for (const [name, value] of from.cookies) to.cookies.set(name, value);
  return to;
}

test("cookies change when the session changes, and hourly", async () => {
  await using app = await scene({ session: { recheck: 0 } });
  const browser = app.browser();
  await browser.open("/auth/login");
  const set = async () => (await browser.request("/me")).headers.getSetCookie().length;
  assert.equal(await set(), 0);
  app.issuer.clock.advance(3500);
  assert.equal(await set(), 0);
  app.issuer.clock.advance(200);
  const answer = await browser.request("/me");
  assert.equal(answer.headers.getSetCookie().length, 1);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(await set(), 0);
});

test("a session ends when it is not used, and at its end", async () => {
  await using app = await scene({ session: { idle: 7200, lifetime: 20_000, recheck: 0 } });
  const browser = app.browser();
  await browser.open("/auth/login");
  for (let used = 0; used < 3; used += 1) {
    app.issuer.clock.advance(6000);
    assert.ok(await userIn(browser), `after ${used}`);
  }
  app.issuer.clock.advance(2100);
  assert.equal(await userIn(browser), null, "its end");
  await browser.open("/auth/login");
  assert.ok(await userIn(browser));
  app.issuer.clock.advance(7300);
  assert.equal(await userIn(browser), null, "not used");
});

for (const [name, store] of [
  ["cookie", undefined],
  ["store", memoryStore()],
] as const) {
  const session = store ? { store } : {};

  test(`${name}: an access token is used until a minute is left, and refreshed once for all`, async () => {
    await using app = await scene({ session: { ...session, recheck: 0 } });
    const browser = app.browser();
    await browser.open("/auth/login");
    const token = await tokenIn(browser);
    assert.equal(await tokenIn(browser), token);
    assert.equal(refreshes(app), 0);
    app.issuer.clock.advance(530);
    assert.equal(await tokenIn(browser), token);
    app.issuer.clock.advance(20);
    const old = [...browser.cookies];
    const tabs = await Promise.all([1, 2, 3].map(() => tokenIn(browser)));
    assert.deepEqual([new Set(tabs).size, refreshes(app)], [1, 1]);
    assert.notEqual(tabs[0], token);
    // A tab whose request left with the old cookie gets the same token.
    for (const [cookie, value] of old) browser.cookies.set(cookie, value);
    assert.equal(await tokenIn(browser), tabs[0]);
    assert.equal(refreshes(app), 1);
  });

  test(`${name}: an outage ends no session`, async () => {
    await using app = await scene({ session });
    const browser = app.browser();
    await browser.open("/auth/login");
    app.issuer.clock.advance(700);
    app.issuer.fault.fail("/token", 503, 3);
    assert.match(await tokenIn(browser), /^issuer_unreachable/);
    assert.ok(await userIn(browser));
    app.issuer.fault.fail("/token", 503, 0);
    assert.match(await tokenIn(browser), /^ey/);
  });

  test(`${name}: a lost answer of the provider ends no session`, async () => {
    await using app = await scene({ session: { ...session, recheck: 0 } });
    const browser = app.browser();
    await browser.open("/auth/login");
    app.issuer.clock.advance(700);
    app.issuer.fault.loseAnswer("/token");
    assert.match(await tokenIn(browser), /^issuer_unreachable/);
    assert.match(await tokenIn(browser), /^ey/);
  });

  test(`${name}: a session that the provider ended, ends here`, async () => {
    await using app = await scene({ session: { ...session, recheck: 600 } });
    const browser = app.browser();
    await browser.open("/auth/login");
    app.issuer.clock.advance(300);
    app.issuer.fault.revoke("ada");
    assert.ok(await userIn(browser), "it is not asked at each request");
    app.issuer.clock.advance(301);
    assert.equal(await userIn(browser), null);
    assert.match(await tokenIn(browser), /^no_session|^session_over/);
    const asked = refreshes(app);
    assert.equal(await userIn(browser), null);
    assert.equal(refreshes(app), asked, "a dead refresh token is not sent again");
    await browser.open("/auth/login");
    assert.ok(await userIn(browser));
  });

  test(`${name}: tokens for other APIs are kept apart`, async () => {
    const resources = {
      "https://a.test": { name: "A", scopes: ["a.read"] },
      "https://b.test": { name: "B", scopes: ["b.read"] },
    };
    const scopes = { "a.read": "Read A", "b.read": "Read B" };
    await using app = await scene(
      { session: { ...session, recheck: 0 }, scope: "openid offline_access a.read b.read" },
      { config: { resources, scopes } },
    );
    const browser = app.browser();
    await browser.open("/auth/login");
    const get = async (resource: string): Promise<string> => {
      const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
      const request = new Request(`${ORIGIN}/x`, { headers: { cookie } });
      const token = await app.auth.token(request, { resource });
      const answer = app.auth.commit(request, new Response());
      for (const line of answer.headers.getSetCookie()) {
        const [, cookieName = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        browser.cookies.set(cookieName, value);
      }
      return token;
    };
    const tokens = [await get("https://a.test"), await get("https://b.test")];
    assert.deepEqual([await get("https://a.test"), await get("https://b.test")], tokens);
    assert.equal(refreshes(app), 2);
    const audiences = tokens.map(
      (token) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).aud,
    );
    assert.deepEqual(audiences, ["https://a.test", "https://b.test"]);
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const request = new Request(`${ORIGIN}/x`, { headers: { cookie } });
    await assert.rejects(
      app.auth.token(request, { scope: "https://a.test" }),
      failure("step_up_needed", /invalid_scope/),
      "a scope is no resource",
    );
  });

  test(`${name}: logout ends it for good, also at the provider`, async () => {
    await using app = await scene({ session });
    const browser = app.browser();
    await browser.open("/auth/login");
    const before = [...browser.cookies];
    const headers = { origin: ORIGIN };
    const answer = await browser.request("/auth/logout", { method: "POST", headers });
    const to = new URL(answer.headers.get("location") ?? "");
    assert.equal(to.origin, app.issuer.issuer);
    assert.deepEqual(
      [to.searchParams.get("client_id"), to.searchParams.get("post_logout_redirect_uri")],
      [CLIENT.clientId, `${ORIGIN}/`],
    );
    assert.ok(to.searchParams.get("id_token_hint"));
    assert.ok(app.issuer.requests.some(({ path }) => path === "/revoke"));
    assert.deepEqual([...browser.cookies.keys()].sort(), [ENDED]);
    assert.equal(await userIn(browser), null);
    // An answer of before that arrives late brings the cookie back.
    for (const [cookie, value] of before) browser.cookies.set(cookie, value);
    assert.equal(await userIn(browser), null);
    assert.match(await tokenIn(browser), /^no_session/);
    // A new sign-in is another session.
    await browser.open("/auth/login");
    assert.ok(await userIn(browser));
  });
}

test("without a refresh token, an access token is used to its end, and then a sign-in is needed", async () => {
  const client = {
    ...{ client_id: "app", client_secret: CLIENT.clientSecret },
    redirect_uris: [`${ORIGIN}/auth/callback`],
    grant_types: ["authorization_code"],
  };
  await using app = await scene({ scope: "openid" }, { clients: [client] });
  const browser = app.browser();
  await browser.open("/auth/login");
  const token = await tokenIn(browser);
  app.issuer.clock.advance(590);
  assert.equal(await tokenIn(browser), token);
  app.issuer.clock.advance(20);
  assert.match(await tokenIn(browser), /^sign_in_needed.*offline_access/);
  assert.ok(await userIn(browser), "the session goes on");
});

test("the provider is asked again every ten minutes; while it is down, every 30 seconds", async () => {
  await using app = await scene();
  const browser = app.browser();
  await browser.open("/auth/login");
  app.issuer.clock.advance(610);
  app.issuer.fault.fail("/token", 503, Number.POSITIVE_INFINITY);
  for (let request = 0; request < 3; request += 1) assert.ok(await userIn(browser));
  assert.equal(refreshes(app), 1);
  app.issuer.clock.advance(31);
  assert.ok(await userIn(browser));
  assert.equal(refreshes(app), 2);
  app.issuer.fault.fail("/token", 503, 0);
  app.issuer.clock.advance(31);
  await Promise.all([1, 2, 3].map(() => userIn(browser)));
  assert.equal(refreshes(app), 3);
  assert.ok(await userIn(browser));
  assert.equal(refreshes(app), 3);
});

test("what does not fit into the cookie is left out: the ID token, then access tokens", async () => {
  const claims = { name: "A".repeat(600), email: "ada@example.com", email_verified: true };
  await using app = await scene(
    { session: { claims: ["name"], recheck: 0 } },
    { users: [{ username: "ada", claims }] },
  );
  const browser = app.browser();
  await browser.open("/auth/login");
  const cookie = browser.cookies.get(SESSION) ?? "";
  assert.ok(cookie.length <= 3800 && cookie.length > 2000, `${cookie.length}`);
  const token = await tokenIn(browser);
  // Another process does not remember what was left out, and fetches it.
  const other = anotherProcess(app);
  const there = sameCookies(browser, testBrowser(other.app));
  const fetched = await tokenIn(there);
  assert.match(fetched, /^ey/);
  assert.ok(fetched !== token || refreshes(app) === 0);
  const logout = await browser.request("/auth/logout", {
    method: "POST",
    headers: { origin: ORIGIN },
  });
  const to = new URL(logout.headers.get("location") ?? "");
  assert.equal(to.searchParams.get("client_id"), CLIENT.clientId, "without the hint, it asks");
});

test("a session that can't fit is refused with its sizes; a store takes it", async () => {
  const claims = { name: "A".repeat(250), picture: `https://p.test/${"b".repeat(1200)}` };
  const users = [{ username: "ada", claims }];
  const errors: AuthError[] = [];
  const onError = (error: AuthError): void => void errors.push(error);
  const onSignIn = async () => ({ roles: "r".repeat(1500) });
  await using app = await scene({ onError, onSignIn }, { users });
  const page = await app.browser().open("/auth/login");
  assert.equal(page.status, 500);
  failure(
    "session_too_large",
    /takes \d+ characters of 3800 \(person \d+, claims and onSignIn 15\d\d, refresh token \d+\)/,
  )(errors[0]);
  assert.match(errors[0]?.hint ?? "", /session\.store/);
  const large = async () => ({ roles: "r".repeat(300_000) });
  const inStore = { onSignIn: large, session: { store: memoryStore() } };
  await using stored = await scene(inStore, { users });
  const browser = stored.browser();
  await browser.open("/auth/login");
  assert.ok(await userIn(browser));
  assert.ok((browser.cookies.get(SESSION) ?? "").length < 200);
});

test("two processes with a store refresh once", async () => {
  const store = memoryStore();
  await using app = await scene({ session: { store } });
  const browser = app.browser();
  await browser.open("/auth/login");
  app.issuer.clock.advance(700);
  app.issuer.fault.slow(200);
  const others = [1, 2, 3].map(() => anotherProcess(app, { session: { store } }));
  const browsers = [
    browser,
    ...others.map(({ app: each }) => sameCookies(browser, testBrowser(each))),
  ];
  const tokens = await Promise.all(browsers.map(tokenIn));
  assert.deepEqual([new Set(tokens).size, refreshes(app)], [1, 1], tokens.join("\n"));
});

test("a process that dies while it refreshes holds nobody up for long", async () => {
  const store = memoryStore();
  const stuck: SessionStore = {
    ...store,
    // It claims the session, and then the process is gone.
    async put(id, value, rev, index) {
      const written = await store.put(id, value, rev, index);
      if (rev === 1) throw new Error("killed");
      return written;
    },
  };
  await using app = await scene({ session: { store } });
  const browser = app.browser();
  await browser.open("/auth/login");
  app.issuer.clock.advance(700);
  const dying = anotherProcess(app, { session: { store: stuck } });
  assert.equal(await tokenIn(sameCookies(browser, testBrowser(dying.app))), "killed");
  const waiting = tokenIn(browser);
  setTimeout(() => app.issuer.clock.advance(11), 150);
  assert.match(await waiting, /^ey/);
});

test("a store that never writes is reported", async () => {
  const store = memoryStore();
  let works = true;
  const broken: SessionStore = {
    ...store,
    put: async (...row) => (works ? store.put(...row) : false),
  };
  await using app = await scene({ session: { store: broken } });
  const browser = app.browser();
  await browser.open("/auth/login");
  works = false;
  app.issuer.clock.advance(700);
  const waiting = tokenIn(browser);
  setTimeout(() => app.issuer.clock.advance(16), 250);
  assert.match(await waiting, /^storage_busy.*compare rev/);
});

test("rows are sealed, and can't take each other's place", async () => {
  const rows = new Map<string, string>();
  const memory = memoryStore();
  const store: SessionStore = {
    ...memory,
    put(id, value, rev, index) {
      rows.set(id, value);
      return memory.put(id, value, rev, index);
    },
    async get(id) {
      const row = await memory.get(id);
      return row && { ...row, value: rows.get(id) ?? "" };
    },
  };
  await using app = await scene({ session: { store } });
  const [ada, other] = [app.browser(), app.browser()];
  await ada.open("/auth/login");
  await other.open("/auth/login");
  const [first = "", second = ""] = rows.keys();
  assert.doesNotMatch([...rows].join(), /ada@example|"accessToken"/);
  rows.set(first, rows.get(second) ?? "");
  assert.equal(await userIn(ada), null);
  assert.ok(await userIn(other));
});

test("after a logout, the address of the callback brings no session back, at no process", async () => {
  await using app = await scene();
  const browser = app.browser();
  const callback = await signedIn(browser);
  await browser.open(callback.href);
  const { app: other } = anotherProcess(app);
  const there = sameCookies(browser, testBrowser(other));
  app.issuer.clock.advance(700);
  await tokenIn(there);
  sameCookies(there, browser);
  await browser.request("/auth/logout", { method: "POST", headers: { origin: ORIGIN } });
  // Somebody else at this computer removes what stands in the way.
  browser.cookies.delete(ENDED);
  there.cookies.clear();
  sameCookies(browser, there);
  await there.request(callback.href, { headers: NAVIGATION });
  assert.equal(await userIn(there), null);
});

test("a session is of its issuer and client, also where another one has taken their name", async () => {
  for (const store of [undefined, memoryStore()]) {
    const session = store ? { store } : {};
    await using app = await scene({ session });
    const browser = app.browser();
    await browser.open("/auth/login");
    const isIn = (options: Partial<AuthOptions>) => {
      const { app: other } = anotherProcess(app, { session, ...options });
      return userIn(sameCookies(browser, testBrowser(other)));
    };
    assert.ok(await isIn({}));
    assert.equal(await isIn({ issuer: "https://other.test" }), null);
    assert.equal(await isIn({ clientId: "another" }), null);
  }
});

test("a new sign-in in the same browser ends the stored session before it", async () => {
  const store = memoryStore();
  await using app = await scene({ session: { store } });
  const browser = app.browser();
  await browser.open("/auth/login");
  const old = [...browser.cookies];
  await browser.open("/auth/login");
  assert.ok(await userIn(browser));
  for (const [name, value] of old) browser.cookies.set(name, value);
  assert.equal(await userIn(browser), null);
});

test("a refused token is refreshed, too, where the framework keeps copies of responses", async () => {
  let refuse = 0;
  const kept: Response[] = [];
  await using app = await scene({
    async fetch(input, init) {
      const answer = String(input).endsWith("/photos")
        ? new Response("photos", { status: refuse-- > 0 ? 401 : 200 })
        : await fetch(input, init);
      kept.push(answer);
      return answer.clone();
    },
  });
  const browser = app.browser();
  await browser.open("/auth/login");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  refuse = 1;
  const request = new Request(`${ORIGIN}/x`, { headers: { cookie } });
  const answer = await app.auth.fetch(request, "https://api.test/photos");
  assert.deepEqual([answer.status, await answer.text(), refreshes(app)], [200, "photos", 1]);
});

test("fetch sends the token, refreshes a refused one once, and sends none over http", async (t) => {
  const seen: (string | undefined)[] = [];
  let refuse = 0;
  const api = createServer((request, response) => {
    seen.push(request.headers.authorization);
    refuse -= 1;
    response.writeHead(refuse >= 0 ? 401 : 200).end(request.method);
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    api.closeAllConnections();
    api.close();
  });
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}/photos`;
  await using app = await scene();
  const browser = app.browser();
  await browser.open("/auth/login");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  const request = () => new Request(`${ORIGIN}/x`, { headers: { cookie } });
  assert.equal((await app.auth.fetch(request(), url)).status, 200);
  assert.match(seen[0] ?? "", /^Bearer ey/);
  refuse = 1;
  const second = await app.auth.fetch(request(), url, { method: "POST", body: "a" });
  assert.deepEqual([second.status, await second.text(), refreshes(app)], [200, "POST", 1]);
  assert.notEqual(seen[1], seen[2]);
  refuse = 9;
  assert.equal((await app.auth.fetch(request(), url)).status, 401, "twice is enough");
  assert.equal(seen.length, 5);
  await assert.rejects(
    app.auth.fetch(request(), "http://api.test/photos"),
    failure("configuration", /http:\/\/api\.test is not https/),
  );
  await assert.rejects(
    app.auth.fetch(new Request(`${ORIGIN}/x`), url),
    failure("no_session", /nobody is signed in/),
  );
});

test("logout from other sites, frames and prefetches asks first", async () => {
  await using app = await scene();
  const browser = app.browser();
  await browser.open("/auth/login");
  const post = (headers: Record<string, string>) => ["POST", headers] as const;
  const get = (headers: Record<string, string>) => ["GET", headers] as const;
  for (const [method, headers] of [
    post({ "sec-fetch-site": "cross-site", origin: "https://evil.test" }),
    post({ "sec-fetch-site": "same-site", origin: "https://other.app.test" }),
    post({ origin: "https://evil.test" }),
    post({ origin: "null" }),
    get({ ...NAVIGATION, "sec-fetch-site": "cross-site" }),
    get({ ...NAVIGATION, "sec-fetch-site": "none" }),
    get({}),
    get({ "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }),
    get({ ...NAVIGATION, "sec-fetch-site": "same-origin", "sec-purpose": "prefetch" }),
  ]) {
    const answer = await browser.request("/auth/logout", { method, headers });
    assert.equal(answer.status, 200, JSON.stringify([method, headers]));
    assert.match(await answer.text(), /<form method="post" action="\/auth\/logout">/);
    assert.deepEqual(answer.headers.getSetCookie(), []);
  }
  assert.ok(await userIn(browser));
  const link = { ...NAVIGATION, "sec-fetch-site": "same-origin" };
  assert.equal((await browser.request("/auth/logout", { headers: link })).status, 303);
  assert.equal(await userIn(browser), null);
});

test("logout: local, without a session, and while the provider is down", async () => {
  await using app = await scene();
  const browser = app.browser();
  await browser.open("/auth/login");
  const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
  const request = new Request(`${ORIGIN}/bye`, { method: "POST", headers: { cookie } });
  const local = await app.auth.logout(request, { local: true });
  assert.equal(local.headers.get("location"), "/");
  assert.equal(local.headers.getSetCookie().length, 3);
  const nobody = await app.browser().request("/auth/logout", { method: "POST" });
  assert.deepEqual([nobody.headers.get("location"), nobody.headers.getSetCookie()], ["/", []]);
  const later = app.browser();
  await later.open("/auth/login");
  app.issuer.fault.fail("/revoke", 503);
  const began = performance.now();
  const answer = await later.request("/auth/logout", { method: "POST" });
  assert.equal(answer.status, 303);
  assert.ok(performance.now() - began < 4000);
  assert.equal(await userIn(later), null);
});

test("logout leads to a page of the app, and to no other site", async () => {
  await using app = await scene();
  const out = async (browser: TestBrowser, returnTo: string, local: boolean) => {
    const cookie = [...browser.cookies].map((pair) => pair.join("=")).join("; ");
    const request = new Request(`${ORIGIN}/bye`, { method: "POST", headers: { cookie } });
    const answer = await app.auth.logout(request, { local, returnTo });
    return answer.headers.get("location") ?? "";
  };
  const signedInBrowser = async (): Promise<TestBrowser> => {
    const browser = app.browser();
    await browser.open("/auth/login");
    return browser;
  };
  assert.equal(await out(await signedInBrowser(), "/bye?from=app", true), "/bye?from=app");
  assert.equal(await out(app.browser(), "/bye", true), "/bye", "without a session");
  assert.equal(await out(await signedInBrowser(), "//evil.test/", true), "/");
  const there = new URL(await out(await signedInBrowser(), "/bye", false));
  assert.equal(there.origin, new URL(app.issuer.issuer).origin);
  assert.equal(there.searchParams.get("post_logout_redirect_uri"), `${ORIGIN}/bye`);
});

test("a refresh that answers for another person changes nothing", async () => {
  let sub: string | null = null;
  await using app = await scene({
    async fetch(input, init) {
      const response = await fetch(input, init);
      if (sub === null || !String(input).endsWith("/token")) return response;
      const answer = JSON.parse(await response.text());
      const [header, claims = "", signature] = String(answer.id_token).split(".");
      const changed = { ...JSON.parse(Buffer.from(claims, "base64url").toString()), sub };
      const other = Buffer.from(JSON.stringify(changed)).toString("base64url");
      return Response.json({ ...answer, id_token: [header, other, signature].join(".") });
    },
  });
  const browser = app.browser();
  await browser.open("/auth/login");
  const before = await userIn(browser);
  sub = "somebody-else";
  app.issuer.clock.advance(600);
  assert.match(
    await tokenIn(browser),
    /^invalid_response: the refresh answered for another person/,
  );
  sub = null;
  assert.match(await tokenIn(browser), /^ey/);
  assert.deepEqual(await userIn(browser), before);
});

test("commit changes nothing without a change, and adds cookies once", async () => {
  await using app = await scene();
  const request = new Request(`${ORIGIN}/x`);
  const answer = new Response("a", { headers: { "cache-control": "public" } });
  assert.equal(app.auth.commit(request, answer), answer);
  assert.equal(app.auth.commit(new Request(`${ORIGIN}/y`), answer), answer);
  await app.auth.user(request);
  assert.equal(app.auth.commit(request, answer), answer);
});
