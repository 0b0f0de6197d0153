/** Sessions: their cookie, their lifetime, and what ends with them. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { accountKey } from "../../src/sessions/last_account.ts";
import {
  authorizationUrl,
  readForm,
  sessionCookie,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { authorize, introspect, redeem, refresh, tokensFor, walk } from "../support/flow.ts";
import { PASSWORD, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const { store } = server.server;
const client = await server.addClient(WEB);
const COOKIE = "__Host-valetkey_session";
const cookieValue = (browser: TestBrowser): string => sessionCookie(browser).value;
const DAY = 86_400;

let people = 0;
/** A new person for each test, so that tests do not affect one another. */
async function newPerson(): Promise<{ username: string; sub: string }> {
  people += 1;
  const username = `person-${people}`;
  return { username, sub: await server.addUser(username) };
}

async function signIn(username: string, browser = testBrowser(server)): Promise<TestBrowser> {
  const page = await browser.signIn(await browser.get("/sign-in"), username);
  assert.equal(page.url.pathname, "/account");
  return browser;
}

const isSignedIn = async (browser: TestBrowser): Promise<boolean> =>
  (await browser.get("/account")).url.pathname === "/account";
const isActive = async (token: string): Promise<boolean> =>
  (await introspect(server, client, token)).active === true;

test("the session cookie is host-only, Secure and HttpOnly, and lives as long as the session", async () => {
  const { username } = await newPerson();
  const browser = testBrowser(server);
  const page = await browser.get("/sign-in");
  const body = new URLSearchParams(readForm(page.html, "/sign-in").fields);
  body.set("username", username);
  body.set("password", PASSWORD);
  const response = await browser.request("/sign-in", { method: "POST", body });
  assert.equal(response.status, 303);
  const line = response.headers.getSetCookie().find((each) => each.startsWith(COOKIE)) ?? "";
  const [, ...attributes] = line.split("; ");
  assert.deepEqual(attributes.sort(), [
    "HttpOnly",
    `Max-Age=${30 * DAY}`,
    "Path=/",
    "SameSite=Lax",
    "Secure",
  ]);
});

test("on http loopback the cookie name has no prefix and contains the port", async () => {
  await using local = await testServer({ issuer: "http://127.0.0.1:4999" });
  await local.addUser("ada");
  const browser = testBrowser(local);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  assert.ok(/^valetkey_session_[\w-]{8}_4999$/.test(sessionCookie(browser).name));
});

test("each sign-in renews the cookie's secret; the previous value is refused", async () => {
  const { username } = await newPerson();
  const { browser, ...first } = await tokensFor(server, client, { username });
  const before = cookieValue(browser);
  const again = await browser.get(authorizationUrl(client, { prompt: "login" }));
  const { url } = await browser.signIn(again, username);
  const now = cookieValue(browser);
  assert.notEqual(now, before);
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  assert.equal(decodeJwt(body.id_token).sid, decodeJwt(first.id_token).sid, "the same session");
  assert.equal((await refresh(server, client, first.refresh_token)).status, 200);

  const thief = testBrowser(server);
  thief.cookies.set(sessionCookie(browser).name, before);
  assert.equal(await isSignedIn(thief), false);
  assert.equal(await isSignedIn(browser), true);
});

test("a sign-in replaces a planted cookie (session fixation)", async () => {
  const { username, sub } = await newPerson();
  const browser = testBrowser(server);
  const name = `${COOKIE}_${accountKey(sub)}`;
  browser.cookies.set(name, "planted.secret");
  await signIn(username, browser);
  assert.doesNotMatch(cookieValue(browser), /planted|secret/);
  const attacker = testBrowser(server);
  attacker.cookies.set(name, "planted.secret");
  assert.equal(await isSignedIn(attacker), false);
});

test("a cookie that this server did not set is ignored", async () => {
  for (const value of ["x", "x.y", "x.y.z", ".", "a.", ".b", "%00.%00", "x".repeat(3000)]) {
    const browser = testBrowser(server);
    browser.cookies.set(`${COOKIE}_abcdefgh`, value);
    assert.equal(await isSignedIn(browser), false, value.slice(0, 20));
  }
});

test("signing out asks first, then ends the session and the grants bound to it", async () => {
  const { username } = await newPerson();
  const scoped = (scope: string) => ({ username, parameters: { scope } });
  const tied = await tokensFor(server, client, scoped("openid photos.read"));
  const { browser } = tied;
  const offline = await tokensFor(server, client, {
    ...scoped("openid offline_access"),
    browser,
  });
  const plain = await tokensFor(server, client, { ...scoped("photos.read"), browser });
  const { code } = await authorize(server, client, { ...scoped("openid"), browser });

  const asked = await browser.get("/sign-out");
  assert.equal(await isSignedIn(browser), true, "asking does nothing yet");
  const left = await browser.submit(asked, {}, "/sign-out");
  assert.equal(left.status, 200);
  assert.throws(() => sessionCookie(browser));
  assert.equal(await isSignedIn(browser), false);

  assert.equal(await isActive(tied.access_token), false);
  assert.equal((await refresh(server, client, tied.refresh_token)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
  for (const kept of [offline, plain]) {
    assert.equal(await isActive(kept.access_token), true);
    assert.equal((await refresh(server, client, kept.refresh_token)).status, 200);
  }
  const silent = await browser.get(authorizationUrl(client, { prompt: "none" }));
  assert.equal(silent.url.searchParams.get("error"), "login_required");
});

test("a cross-site form does not sign anyone out", async () => {
  const browser = await signIn((await newPerson()).username);
  const refused = await browser.request("/sign-out", {
    method: "POST",
    body: new URLSearchParams({ csrf: "guessed" }),
  });
  assert.equal(refused.status, 403);
  assert.equal(await isSignedIn(browser), true);
});

test("another person who signs in here leaves the session of the first one and its grants", async () => {
  const [first, second] = [await newPerson(), await newPerson()];
  const { browser, refresh_token } = await tokensFor(server, client, { username: first.username });
  await signIn(second.username, browser);
  assert.equal((await refresh(server, client, refresh_token)).status, 200);
  assert.equal((await store.listSessions(first.sub, { limit: 200 })).length, 1);
});

test("an unused session ends after session_idle; use extends it", async () => {
  const { username } = await newPerson();
  const browser = await signIn(username);
  for (let visit = 0; visit < 3; visit += 1) {
    server.advance(7 * DAY - 1);
    assert.equal(await isSignedIn(browser), true);
  }
  server.advance(7 * DAY);
  assert.equal(await isSignedIn(browser), false);
});

test("refreshes of a bound grant keep its session alive", async () => {
  const { username } = await newPerson();
  const { browser, refresh_token } = await tokensFor(server, client, { username });
  for (let week = 0; week < 2; week += 1) {
    server.advance(7 * DAY - 1);
    assert.equal((await refresh(server, client, refresh_token)).status, 200);
  }
  assert.equal(await isSignedIn(browser), true);
  server.advance(7 * DAY);
  assert.equal((await refresh(server, client, refresh_token)).body.error, "invalid_grant");
});

test("a session ends at its absolute lifetime, and so do the grants bound to it", async () => {
  const { username } = await newPerson();
  const { browser, refresh_token } = await tokensFor(server, client, { username });
  for (let week = 0; week < 4; week += 1) {
    server.advance(7 * DAY - 1);
    assert.equal(await isSignedIn(browser), true);
  }
  server.advance(2 * DAY + 3);
  assert.equal(await isSignedIn(browser), true);
  const last = await refresh(server, client, refresh_token);
  assert.equal(last.body.expires_in, 1, "no token outlives its session");
  server.advance(1);
  assert.equal(await isSignedIn(browser), false);
  assert.equal((await refresh(server, client, refresh_token)).body.error, "invalid_grant");
});

test("signing in again restarts the lifetime of the session", async () => {
  const { username } = await newPerson();
  const browser = await signIn(username);
  server.advance(6 * DAY);
  await signIn(username, browser);
  server.advance(6 * DAY);
  assert.equal(await isSignedIn(browser), true);
});

test("a new password ends all other sessions and the grants bound to them", async () => {
  const { username } = await newPerson();
  const mine = await tokensFor(server, client, { username });
  const other = await tokensFor(server, client, { username });
  const { browser } = mine;
  const before = cookieValue(browser);
  const change = (current_password: string, new_password: string) =>
    browser
      .get("/account/security")
      .then((page) =>
        browser.submit(
          page,
          { current_password, new_password },
          { action: "/account/security", having: { intent: "change_password" } },
        ),
      );
  assert.equal((await change("not the password", "a brand new password")).status, 400);
  assert.equal((await change(PASSWORD, "short")).status, 400);
  assert.equal((await change(PASSWORD, "password123")).status, 400, "a common password");
  const both = await change("", "short");
  assert.match(both.html, /id="current_password-error"/);
  assert.match(both.html, /id="new_password-error"/, "people 13: both at once");
  const wrong = await change("not the password", "short");
  assert.match(wrong.html, /id="current_password-error"/);
  assert.match(wrong.html, /id="new_password-error"/, "people 13: both at once");
  assert.equal(await isSignedIn(other.browser), true, "nothing has changed yet");

  const changed = await change(PASSWORD, "a brand new password");
  assert.equal(changed.status, 200);
  assert.equal(await isSignedIn(other.browser), false);
  assert.equal((await refresh(server, client, other.refresh_token)).status, 400);
  assert.equal(await isSignedIn(browser), true);
  assert.notEqual(cookieValue(browser), before);
  assert.equal((await refresh(server, client, mine.refresh_token)).status, 200);

  const elsewhere = testBrowser(server);
  const page = await elsewhere.get("/sign-in");
  assert.equal((await elsewhere.signIn(page, username, PASSWORD)).status, 401);
  const welcome = await elsewhere.signIn(page, username, "a brand new password");
  assert.equal(welcome.url.pathname, "/account");
});

test("the security page lists the sessions and ends one or all others", async () => {
  const { username, sub } = await newPerson();
  const here = await signIn(username);
  const there = await tokensFor(server, client, { username });
  const third = await signIn(username);
  const page = await here.get("/account/security");
  const sessions = await store.listSessions(sub, { limit: 200 });
  assert.equal(sessions.length, 3);
  const ids = [...page.html.matchAll(/name="session" value="([^"]*)"/g)].map(([, id]) => id);
  const own = cookieValue(here).split(".")[0];
  assert.deepEqual(
    ids.sort(),
    sessions
      .map((s) => s.session_id)
      .filter((id) => id !== own)
      .sort(),
  );
  for (const { secret_hash } of sessions)
    assert.doesNotMatch(page.html, new RegExp(secret_hash), "no secret, not even its hash");

  const session = cookieValue(there.browser).split(".")[0] ?? "";
  const form = { action: "/account/security", having: { intent: "end_session", session } };
  await here.submit(page, {}, form);
  assert.equal(await isSignedIn(there.browser), false);
  assert.equal(await isActive(there.access_token), false);
  assert.equal(await isSignedIn(third), true);

  const others = { action: "/account/security", having: { intent: "end_other_sessions" } };
  await here.submit(await here.get("/account/security"), {}, others);
  assert.equal(await isSignedIn(third), false);
  assert.equal(await isSignedIn(here), true);
});

test("a person cannot end another person's session", async () => {
  const [first, second] = [await newPerson(), await newPerson()];
  const browser = await signIn(first.username);
  await signIn(first.username);
  const victim = await signIn(second.username);
  const session = cookieValue(victim).split(".")[0] ?? "";
  const page = await browser.get("/account/security");
  const form = { action: "/account/security", having: { intent: "end_session" } };
  await browser.submit(page, { session }, form);
  assert.equal(await isSignedIn(victim), true);
});

test("the session list names the browser", async () => {
  const { username } = await newPerson();
  const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
  const browser = testBrowser({
    issuer: server.issuer,
    fetch(request, peer) {
      request.headers.set("user-agent", agent);
      return server.fetch(request, peer);
    },
  });
  await signIn(username, browser);
  const { html } = await browser.get("/account/security");
  assert.match(html, /Firefox/);
  assert.match(html, /Linux/);
});

test("disabling a person ends access at once; enabling restores what was not revoked", async () => {
  const { username, sub } = await newPerson();
  const { browser, ...tokens } = await tokensFor(server, client, {
    username,
    parameters: { scope: "openid offline_access" },
  });
  const { code } = await authorize(server, client, { username, browser });
  const account = (await store.findAccount(sub)) ?? assert.fail("no account");
  await store.updateAccount({ ...account, disabled_at: server.now() }, [username]);

  assert.equal(await isSignedIn(browser), false);
  assert.equal(await isActive(tokens.access_token), false);
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
  const page = await browser.get("/sign-in");
  const refused = await browser.signIn(page, username);
  assert.equal(refused.status, 401, "like a wrong password");

  await store.updateAccount(account, [username]);
  assert.equal(await isSignedIn(browser), true);
  assert.equal(await isActive(tokens.access_token), true);
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
  assert.equal((await redeem(server, client, code)).status, 200);
});

test("removing a person ends all sessions and tokens", async () => {
  const { username, sub } = await newPerson();
  const { browser, ...tokens } = await tokensFor(server, client, {
    username,
    parameters: { scope: "openid offline_access" },
  });
  await store.removeAccount(sub, server.now());
  assert.equal(await isSignedIn(browser), false);
  assert.equal(await isActive(tokens.access_token), false);
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_grant");
  assert.equal(await store.findConsent(sub, client.client_id), null);
});

test("two concurrent sign-ins in one browser both work", async () => {
  const { username } = await newPerson();
  const browser = await signIn(username);
  const asked = await browser.get(authorizationUrl(client, { prompt: "login" }));
  const copies = [0, 1].map(() => {
    const copy = testBrowser(server);
    for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
    return copy;
  });
  await Promise.all(copies.map((copy) => copy.signIn(asked, username)));
  for (const copy of copies) assert.equal(await isSignedIn(copy), true);
});

test("an account page leads to sign-in and back to itself", async () => {
  const { username } = await newPerson();
  const browser = testBrowser(server);
  const page = await browser.get("/account/security");
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal((await browser.signIn(page, username)).url.pathname, "/account/security");
  const { page: foreign } = await walk(server, "/sign-in?to=https://evil.test/", { username });
  assert.equal(foreign.url.pathname, "/account");
});
