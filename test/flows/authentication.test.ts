/** When a person is asked to sign in, and what the ID token says of it (OpenID Connect Core §3.1.2.1-6). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { authorizationUrl, type Page, type TestBrowser, testBrowser } from "../support/browser.ts";
import { redeem, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const ada = await server.addUser("ada");
const grace = await server.addUser("grace");
const client = await server.addClient(WEB);

const ask = (browser: TestBrowser, parameters: Record<string, string> = {}): Promise<Page> =>
  browser.get(authorizationUrl(client, parameters));

/** A browser in which this person has signed in and allowed the app, a while ago. */
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

test("prompt=none without a session is login_required, with the state unharmed and nothing else", async () => {
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

test("prompt=none with a session is silent, and tells the same person and time", async () => {
  const { browser, auth_time } = await signedIn();
  const claims = await idTokenOf(await ask(browser, { prompt: "none", nonce: "n" }));
  assert.equal(claims.sub, ada);
  assert.equal(claims.auth_time, auth_time);
  assert.equal(claims.iat, server.now());
  assert.equal(claims.nonce, "n");
});

test("prompt=none is consent_required for a scope that was not agreed to", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "none", scope: "openid photos.read" });
  assert.equal(errorOf(page), "consent_required");
});

test("prompt=login asks for the password although there is a session, and auth_time is later", async () => {
  const { browser, auth_time } = await signedIn();
  const page = await ask(browser, { prompt: "login" });
  assert.equal(page.url.pathname, "/sign-in");
  assert.match(page.html, /value="ada"/, "the person who is signed in is suggested");
  const claims = await idTokenOf(await browser.signIn(page, "ada"));
  assert.equal(claims.auth_time, auth_time + 100);
});

test("a sign-in answers the request it was made for, and no other one of the same moment", async () => {
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

test("prompt=login can be answered by somebody else", async () => {
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

test("prompt=login consent asks for both, in this order", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "consent login" });
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal((await browser.signIn(page, "ada")).url.pathname, "/consent");
});

test("offline_access comes with prompt=consent", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { prompt: "consent", scope: "openid offline_access" });
  assert.equal(page.url.pathname, "/consent");
  const back = await browser.submit(page, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  assert.equal(body.scope, "openid offline_access");
});

test("prompt: none with another is invalid_request; unknown values are ignored", async () => {
  const { browser } = await signedIn();
  for (const prompt of ["none login", "none nothing", "login none"])
    assert.equal(errorOf(await ask(browser, { prompt })), "invalid_request", prompt);
  for (const prompt of ["create", "Login", "nothing", ""])
    assert.match((await ask(browser, { prompt })).url.href, /code=/, prompt);
  assert.equal((await ask(browser, { prompt: "nothing login" })).url.pathname, "/sign-in");
});

test("max_age: a sign-in that is older is asked for again, a younger one is not", async () => {
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

test("max_age=1 holds for a slow person: their own sign-in is never too old for its request", async () => {
  const { browser } = await signedIn();
  const page = await ask(browser, { max_age: "1", prompt: "consent" });
  const consent = await browser.signIn(page, "ada");
  assert.equal(consent.url.pathname, "/consent");
  server.advance(120);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.match(back.url.href, /code=/);
});

test("max_age that is no number is invalid_request", async () => {
  for (const max_age of ["-1", "1.5", "soon", "1e3", "99999999999"])
    assert.equal(errorOf(await ask(testBrowser(server), { max_age })), "invalid_request", max_age);
});

test("auth_time is in every ID token, and the session's id", async () => {
  const { browser, id_token } = await signedIn();
  const first = decodeJwt(id_token);
  const second = await idTokenOf(await ask(browser));
  assert.equal(typeof first.auth_time, "number");
  assert.equal(second.auth_time, first.auth_time);
  assert.equal(second.sid, first.sid);
  assert.deepEqual(second.amr, ["pwd"]);
});

test("id_token_hint for the person who is signed in is silent", async () => {
  const { browser, id_token } = await signedIn();
  const page = await ask(browser, { prompt: "none", id_token_hint: id_token });
  assert.equal((await idTokenOf(page)).sub, ada);
  server.advance(10 * 3600);
  const expired = await ask(browser, { prompt: "none", id_token_hint: id_token });
  assert.equal((await idTokenOf(expired)).sub, ada, "an old hint is a hint");
});

test("id_token_hint for somebody else: login_required when silent, else a sign-in that must be theirs", async () => {
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

test("id_token_hint that is not ours, or another client's, hints at nobody", async () => {
  const other = await server.addClient(WEB);
  const { id_token: of_other } = await tokensFor(server, other, { username: "grace" });
  const { browser, id_token } = await signedIn();
  const forged = `${id_token.slice(0, -4)}AAAA`;
  for (const id_token_hint of [of_other, forged, "nonsense"]) {
    const page = await ask(browser, { prompt: "none", id_token_hint });
    assert.equal((await idTokenOf(page)).sub, ada);
  }
});

test("login_hint fills in the user name", async () => {
  const page = await ask(testBrowser(server), { login_hint: 'grace"<b>' });
  assert.match(page.html, /name="username"[^>]*value="grace&quot;&lt;b&gt;"/);
  const { browser } = await signedIn();
  const same = await ask(browser, { login_hint: "grace" });
  assert.match(same.url.href, /code=/, "a hint signs nobody out");
});

test("ui_locales chooses the language of the pages, before what the browser prefers", async () => {
  const german = await ask(testBrowser(server), { ui_locales: "se de-AT en" });
  assert.match(german.html, /<html lang="de"/);
  const fallback = await ask(testBrowser(server), { ui_locales: "se" });
  assert.match(fallback.html, /<html lang="en"/);
  const browser = testBrowser(server);
  const response = await browser.request("/sign-in", { headers: { "accept-language": "de" } });
  assert.match(await response.text(), /<html lang="de"/);
});

test("parameters that are unknown or not needed are never an error", async () => {
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

test("the ID token of a refresh keeps subject, audience and auth_time, with a new iat and no nonce", async () => {
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
