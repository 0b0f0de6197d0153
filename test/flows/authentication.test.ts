/** When a person must sign in, and what the ID token says about it (OpenID Connect Core §3.1.2.1-6). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import {
  authorizationUrl,
  linkOn,
  type Page,
  type TestBrowser,
  testBrowser,
} from "../support/browser.ts";
import { redeem, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, PASSWORD, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const ada = await server.addUser("ada");
const grace = await server.addUser("grace");
const client = await server.addClient(WEB);

const ask = (browser: TestBrowser, parameters: Record<string, string> = {}): Promise<Page> =>
  browser.get(authorizationUrl(client, parameters));

/** A browser in which this person signed in and allowed the app 100 seconds ago. */
async function signedIn(username = "ada") {
  const { browser, id_token } = await tokensFor(server, client, { username });
  server.advance(100);
  return { browser, id_token, auth_time: server.now() - 100 };
}

async function idTokenOf(page: Page) {
  const code = page.url.searchParams.get("code") ?? assert.fail(`no code: ${page.url}`);
  const { body } = await redeem(server, client, code);
  return decodeJwt(body.id_token);
}

const errorOf = ({ url }: Page): string | null => {
  assert.equal(url.origin, "https://printly.test", url.href);
  return url.searchParams.get("error");
};

test("prompt=none without a session answers login_required with state and iss", async () => {
  const state = "aZ09-._~".repeat(16);
  const { url } = await ask(testBrowser(server), { prompt: "none", state });
  assert.deepEqual([...url.searchParams.keys()].sort(), [
    "error",
    "error_description",
    "iss",
    "state",
  ]);
  assert.equal(url.searchParams.get("error"), "login_required");
  assert.equal(url.searchParams.get("state"), state);
  assert.equal(url.searchParams.get("iss"), ISSUER);
});

test("prompt=none with a session answers without a page, with the same sub and auth_time", async () => {
  const { browser, auth_time } = await signedIn();
  const claims = await idTokenOf(await ask(browser, { prompt: "none", nonce: "n" }));
  assert.equal(claims.sub, ada);
  assert.equal(claims.auth_time, auth_time);
  assert.equal(claims.iat, server.now());
  assert.equal(claims.nonce, "n");
});

test("prompt=none answers consent_required for a scope not agreed to", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "none", scope: "openid photos.read" });
  assert.equal(errorOf(page), "consent_required");
});

test("prompt=login asks for the password despite a session, and renews auth_time", async () => {
  const { browser, auth_time } = await signedIn();
  const page = await ask(browser, { prompt: "login" });
  assert.equal(page.url.pathname, "/sign-in");
  assert.match(page.html, /value="ada"/, "the form suggests the person who is signed in");
  const claims = await idTokenOf(await browser.signIn(page, "ada"));
  assert.equal(claims.auth_time, auth_time + 100);
});

test("a sign-in satisfies prompt=login or max_age=0 of its own request only", async () => {
  const { browser } = await signedIn();
  for (const parameters of [{ prompt: "login" }, { max_age: "0" }]) {
    const first = await ask(browser, parameters);
    const second = await ask(browser, parameters);
    assert.match((await browser.signIn(first, "ada")).url.href, /code=/);
    const again = await browser.get(second.url.href.replace("/sign-in", "/authorize"));
    assert.equal(again.url.pathname, "/sign-in", JSON.stringify(parameters));
    const third = await ask(browser, parameters);
    assert.equal(third.url.pathname, "/sign-in", JSON.stringify(parameters));
  }
});

test("a different person may sign in for prompt=login", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "login" });
  const consent = await browser.signIn(page, "grace");
  assert.equal(consent.url.pathname, "/consent");
  const claims = await idTokenOf(await browser.submit(consent, { decision: "allow" }, "/consent"));
  assert.equal(claims.sub, grace);
});

test("prompt=consent shows the permissions again", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "consent" });
  assert.equal(page.url.pathname, "/consent");
  const back = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.match(back.url.searchParams.get("code") ?? "", /^vkc_/);
  const denied = await browser.submit(
    await ask(browser, { prompt: "consent" }),
    {
      decision: "deny",
    },
    "/consent",
  );
  assert.equal(errorOf(denied), "access_denied");
});

test("prompt=login consent asks for sign-in, then consent", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "consent login" });
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal((await browser.signIn(page, "ada")).url.pathname, "/consent");
});

test("offline_access with prompt=consent is granted", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "consent", scope: "openid offline_access" });
  assert.equal(page.url.pathname, "/consent");
  const back = await browser.submit(page, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  assert.equal(body.scope, "openid offline_access");
});

test("prompt=none with another value is invalid_request; unknown values are ignored", async () => {
  const { browser } = await signedIn();
  for (const prompt of ["none login", "none nothing", "login none"])
    assert.equal(errorOf(await ask(browser, { prompt })), "invalid_request", prompt);
  for (const prompt of ["Login", "nothing", ""])
    assert.match((await ask(browser, { prompt })).url.href, /code=/, prompt);
  assert.equal((await ask(browser, { prompt: "nothing login" })).url.pathname, "/sign-in");
});

test("max_age requires a new sign-in if the last one is older", async () => {
  const { browser, auth_time } = await signedIn();
  const claims = await idTokenOf(await ask(browser, { max_age: "100" }));
  assert.equal(claims.auth_time, auth_time);
  assert.match((await ask(browser, { max_age: "10000" })).url.href, /code=/);
  assert.equal((await ask(browser, { max_age: "99" })).url.pathname, "/sign-in");
  assert.equal(errorOf(await ask(browser, { max_age: "1", prompt: "none" })), "login_required");
  const page = await ask(browser, { max_age: "1" });
  assert.equal(page.url.pathname, "/sign-in");
  server.advance(5);
  const later = await idTokenOf(await browser.signIn(page, "ada"));
  assert.equal(later.auth_time, auth_time + 105);
});

test("with max_age=1, a sign-in made for the request is never too old for it", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { max_age: "1", prompt: "consent" });
  const consent = await browser.signIn(page, "ada");
  assert.equal(consent.url.pathname, "/consent");
  server.advance(120);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.match(back.url.href, /code=/);
});

test("a non-numeric max_age is invalid_request", async () => {
  for (const max_age of ["-1", "1.5", "soon", "1e3", "99999999999"])
    assert.equal(errorOf(await ask(testBrowser(server), { max_age })), "invalid_request", max_age);
});

test("every ID token has auth_time and sid", async () => {
  const { browser, id_token } = await signedIn();
  const first = decodeJwt(id_token);
  const second = await idTokenOf(await ask(browser));
  assert.equal(typeof first.auth_time, "number");
  assert.equal(second.auth_time, first.auth_time);
  assert.equal(second.sid, first.sid);
  assert.deepEqual(second.amr, ["pwd"]);
});

test("id_token_hint for the signed-in person answers without a page", async () => {
  const { browser, id_token } = await signedIn();
  const page = await ask(browser, { prompt: "none", id_token_hint: id_token });
  assert.equal((await idTokenOf(page)).sub, ada);
  server.advance(10 * 3600);
  const expired = await ask(browser, { prompt: "none", id_token_hint: id_token });
  assert.equal((await idTokenOf(expired)).sub, ada, "an expired ID token is a valid hint");
});

test("id_token_hint for another person requires that person to sign in, else login_required", async () => {
  const { id_token: hint_of_grace } = await signedIn("grace");
  const { browser } = await signedIn("ada");
  const silent = await ask(browser, { prompt: "none", id_token_hint: hint_of_grace });
  assert.equal(errorOf(silent), "login_required");
  const page = await ask(browser, { id_token_hint: hint_of_grace });
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal(errorOf(await browser.signIn(page, "ada")), "login_required");
  const again = await ask(browser, { id_token_hint: hint_of_grace });
  assert.equal((await idTokenOf(await browser.signIn(again, "grace"))).sub, grace);
});

test("a forged id_token_hint, one for another client and an access token are invalid_request", async () => {
  const other = await server.addClient(WEB);
  const { id_token: of_other } = await tokensFor(server, other, { username: "grace" });
  const { browser, id_token } = await signedIn();
  const { access_token } = await tokensFor(server, client, { browser });
  const forged = `${id_token.slice(0, -4)}AAAA`;
  for (const id_token_hint of [of_other, forged, access_token, "nonsense"])
    for (const prompt of ["none", "login"])
      assert.equal(errorOf(await ask(browser, { prompt, id_token_hint })), "invalid_request");
});

test("prompt=create shows sign-up, also to a person who is signed in, and goes on with the new account", async () => {
  await using open = await testServer({ sign_up: true });
  const app = await open.addClient(WEB);
  await open.addUser("ada");
  const browser = testBrowser(open);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const page = await browser.get(authorizationUrl(app, { prompt: "create" }));
  assert.equal(page.url.pathname, "/sign-up");
  const account = { username: "eve", password: PASSWORD, new_password: PASSWORD };
  const consent = await browser.submit(page, account, "/sign-up");
  assert.equal(consent.url.pathname, "/consent");
  assert.match(consent.html, /eve/);
  const { url } = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.match(url.searchParams.get("code") ?? "", /^vkc_/);
  // A person who has an account signs in from there, and is not asked to create one again.
  const again = await browser.get(authorizationUrl(app, { prompt: "create" }));
  const sign_in = await browser.get(linkOn(again, "/sign-in"));
  const answered = await browser.signIn(sign_in, "ada");
  assert.equal(answered.url.pathname, "/consent");
});

test("prompt=create shows the sign-in page where nobody can sign up; with none it is an error", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "create" });
  assert.equal(page.url.pathname, "/sign-in");
  assert.match((await browser.signIn(page, "ada")).url.href, /code=/);
  assert.equal(errorOf(await ask(browser, { prompt: "none create" })), "invalid_request");
});

test("prompt=none answers with the members of an error only, and a long state unharmed", async () => {
  const state = "A-Za-z0-9-._~".repeat(10).slice(0, 128);
  const { browser } = await signedIn();
  for (const [who, error, more] of [
    [testBrowser(server), "login_required", {}],
    [browser, "consent_required", { scope: "openid notes.read" }],
    [browser, "login_required", { max_age: "0" }],
  ] as const) {
    const page = await ask(who, { prompt: "none", state, ...more });
    const { searchParams } = page.url;
    const names = ["error", "error_description", "iss", "state"];
    assert.deepEqual([...searchParams.keys()].sort(), names);
    assert.deepEqual([searchParams.get("error"), searchParams.get("state")], [error, state]);
  }
});

test("login_hint prefills the user name", async () => {
  const page = await ask(testBrowser(server), { login_hint: 'grace"<b>' });
  assert.match(page.html, /name="username"[^>]*value="grace&quot;&lt;b&gt;"/);
  const { browser } = await signedIn();
  const same = await ask(browser, { login_hint: "grace" });
  assert.match(same.url.href, /code=/, "a hint does not end the session");
});

test("ui_locales takes precedence over the browser's languages", async () => {
  const german = await ask(testBrowser(server), { ui_locales: "se de-AT en" });
  assert.match(german.html, /<html lang="de"/);
  const fallback = await ask(testBrowser(server), { ui_locales: "se" });
  assert.match(fallback.html, /<html lang="en"/);
  const browser = testBrowser(server);
  const response = await browser.request("/sign-in", { headers: { "accept-language": "de" } });
  assert.match(await response.text(), /<html lang="de"/);
});

test("unknown or unneeded parameters are ignored", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, {
    extra: "foobar",
    display: "popup",
    ui_locales: "se",
    claims_locales: "se",
    acr_values: "urn:example:gold",
    login_hint: "somebody",
    claims: '{"userinfo":{"name":{"essential":true}}}',
  });
  assert.equal((await idTokenOf(page)).sub, ada);
});

test("the ID token of a refresh keeps sub, aud and auth_time, has a new iat and no nonce", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { nonce: "n-1" });
  const { body } = await redeem(server, client, page.url.searchParams.get("code") ?? "");
  server.advance(50);
  const again = await refresh(server, client, body.refresh_token);
  const [first, second] = [decodeJwt(body.id_token), decodeJwt(again.body.id_token)];
  for (const name of ["iss", "sub", "aud", "auth_time", "sid"])
    assert.equal(second[name], first[name], name);
  assert.equal(second.iat, Number(first.iat) + 50);
  assert.equal(first.nonce, "n-1");
  assert.equal("nonce" in second, false);
  assert.equal("azp" in second, false);
});
