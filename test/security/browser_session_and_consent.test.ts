/** Attacks through a person's browser: forged forms, fixed sessions, consent that the person did not give. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { PAGES } from "../support/addresses.ts";
import {
  accountsOn,
  allowOnly,
  authorizationUrl,
  type Page,
  sessionCookie,
  type TestBrowser,
  testBrowser,
  VERIFIER,
} from "../support/browser.ts";
import { redeem, refresh, tokensFor } from "../support/flow.ts";
import { inbox } from "../support/inbox.ts";
import {
  ISSUER,
  NATIVE,
  PASSWORD,
  PRINTS,
  SNAPS,
  type TestClient,
  WEB,
} from "../support/server.ts";
import {
  consentPageOf,
  errorSent,
  formBody,
  membersOf,
  refused,
  refusedOnPage,
} from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const BROWSER = "__Host-valetkey_browser";
const LOOPBACK = "http://127.0.0.1:5000/callback";

let server: WatchedServer;
let web: TestClient;
let pub: TestClient;
let ada: string;
let grace: string;

before(async () => {
  server = await watchedServer({ sign_up: true, your_apps: "everyone", mail: inbox().mail });
  ada = await server.addUser("ada", { claims: { name: "Ada Lovelace" } });
  grace = await server.addUser("grace");
  web = await server.addClient(WEB);
  pub = await server.addClient(NATIVE);
});
after(() => server.close());

async function signedIn(username = "ada"): Promise<TestBrowser> {
  const browser = testBrowser(server);
  const page = await browser.signIn(await browser.get("/sign-in"), username);
  assert.equal(page.url.pathname, "/account");
  return browser;
}

const post = (body: URLSearchParams | string, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  body: body.toString(),
});

const FORMS: [string, Record<string, string>][] = [
  ["/sign-in", { username: "ada", password: PASSWORD }],
  ["/sign-in/code", { intent: "send", email: "ada@example.org" }],
  ["/reset", { intent: "send", email: "ada@example.org" }],
  ["/reset/password", { new_password: "evil evil evil" }],
  ["/undo", { link: "x" }],
  ["/account/security/email", { intent: "send", email: "eve@example.org" }],
  ["/sign-in/second", { way: "totp", code: "123456" }],
  ["/sign-in/enrol", {}],
  ["/sign-in/link", { link: "x" }],
  ["/confirm", { way: "pwd", password: PASSWORD }],
  ["/review", { intent: "keep", shown: "x" }],
  ["/account/security/passkeys", { intent: "remove", credential_id: "x" }],
  ["/select-account", { account: "abcdefgh" }],
  ["/sign-up", { intent: "send", email: "mallory@example.org" }],
  ["/sign-up/account", { username: "mallory", password: "a long enough password", proven: "x" }],
  ["/setup", { username: "mallory", password: "a long enough password" }],
  ["/consent", { decision: "allow", permission: `${ISSUER} openid` }],
  ["/device", { user_code: "BBBB-BBBB" }],
  ["/sign-out", {}],
  ["/account", { intent: "remove", client_id: "client-1" }],
  ["/account/apps", { intent: "register", name: "x", redirect_uris: "https://evil.test/cb" }],
  ["/account/security", { intent: "end_other_sessions" }],
  [
    "/account/security",
    { intent: "change_password", current_password: PASSWORD, new_password: "evil evil evil" },
  ],
  ["/account/security/app-codes", { intent: "add", name: "x", code: "123456", enrolment: "x" }],
  ["/account/security/recovery-codes", { intent: "renew", version: "0" }],
  ["/account/security/passkeys", { intent: "remove", credential_id: "x" }],
  ["/confirm", { way: "pwd", password: PASSWORD }],
  ["/review", { shown: "x" }],
  ["/sign-in/enrol", {}],
  ["/sign-in/second", { way: "totp", code: "123456" }],
];

test("S1 these tests cover every page that accepts a form", () => {
  // Authorization and logout requests come from other origins: without a CSRF token their POST changes nothing.
  const paths = PAGES.filter((path) => path !== "/authorize" && path !== "/logout");
  assert.deepEqual(paths.sort(), [...new Set(FORMS.map(([path]) => path))].sort());
});

test("S1 every page refuses a form without the CSRF token of this browser", async () => {
  const browser = await signedIn();
  const stranger = testBrowser(server);
  const foreign = formBody((await stranger.get("/sign-in")).html, "/sign-in").get("csrf") ?? "";
  const own = formBody((await browser.get("/sign-in")).html, "/sign-in").get("csrf") ?? "";
  const tokens: (string | null)[] = [null, "", " ", "x", foreign, own.slice(1), `${own}x`];
  for (const [path, fields] of FORMS) {
    for (const csrf of [...tokens, own.toUpperCase()]) {
      const body = new URLSearchParams(csrf === null ? fields : { ...fields, csrf });
      const answer = await refusedOnPage(server, path, { browser, init: post(body) });
      assert.equal(answer.status, 403, `${path} with ${csrf}`);
    }
    const twice = `${new URLSearchParams({ ...fields, csrf: own })}&csrf=${own}`;
    await refusedOnPage(server, path, { browser, init: post(twice) });
    const inQuery = new URLSearchParams(fields);
    await refusedOnPage(server, `${path}?csrf=${own}`, { browser, init: post(inQuery) });
  }
  assert.equal((await browser.get("/account")).url.pathname, "/account", "still signed in");
});

test("S1 a cross-site form with a valid CSRF token is refused, as is another content type", async () => {
  const browser = await signedIn();
  const csrf = formBody((await browser.get("/sign-in")).html, "/sign-in").get("csrf") ?? "";
  for (const [path, fields] of FORMS) {
    const body = new URLSearchParams({ ...fields, csrf });
    const init = post(body, { "sec-fetch-site": "cross-site", origin: "https://evil.test" });
    const answer = await refusedOnPage(server, path, { browser, init });
    assert.equal(answer.status, 403, path);
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/json", ""]) {
      const json = type.includes("json") ? JSON.stringify({ ...fields, csrf }) : body.toString();
      const other = { ...post(json), headers: { "content-type": type } };
      const { status } = await refusedOnPage(server, path, { browser, init: other });
      assert.equal(status, 415, `${path} as ${type}`);
    }
  }
});

test("S1 a CSRF token is refused without the cookie that it belongs to", async () => {
  const browser = await signedIn();
  const page = await browser.get("/sign-out");
  const body = formBody(page.html, "/sign-out");
  const session = sessionCookie(browser);
  for (const value of [null, "", "x".repeat(22), "short"]) {
    const other = testBrowser(server);
    other.cookies.set(session.name, session.value);
    if (value !== null) other.cookies.set(BROWSER, value);
    await refusedOnPage(server, "/sign-out", { browser: other, init: post(body) });
  }
});

test("S3 no page, error pages included, may be framed, run third-party script or be cached", async () => {
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(web));
  const wrong = await browser.signIn(sign_in, "ada", "wrong password");
  const consent = await browser.signIn(sign_in, "ada");
  const client = await server.addClient({ ...WEB, client_name: "Form" });
  const form_post = authorizationUrl(client, { response_mode: "form_post", scope: "nope" });
  const pages = [
    sign_in,
    wrong,
    consent,
    await browser.get(form_post),
    await browser.get("/account"),
    await browser.get("/account/apps"),
    await browser.get("/account/apps?view=register"),
    await browser.get("/account/apps?app=nobody"),
    await browser.get("/account/security"),
    await browser.get("/sign-out"),
    await browser.get("/sign-up"),
    await browser.get("/setup?link=x"),
    await browser.get("/authorize"),
    await browser.get("/consent?continue=x"),
    await browser.get("/nowhere"),
    await testBrowser(server).get("/sign-out"),
    await testBrowser({ ...server, issuer: "https://other.test" }).get("/sign-in"),
    await browser.submit(await browser.get("/account/apps?view=register"), {}, "/account/apps"),
  ];
  const statuses = new Set<number>();
  for (const { headers, status, url, html } of pages) {
    statuses.add(status);
    assert.match(headers.get("content-type") ?? "", /^text\/html/, url.href);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, url.href);
    assert.match(policy, /frame-ancestors 'none'/, url.href);
    assert.match(policy, /base-uri 'none'/, url.href);
    assert.match(policy, /script-src 'sha256-[^;]+'(;|$)/, url.href);
    assert.doesNotMatch(policy, /unsafe|\*|nonce/, url.href);
    assert.equal(headers.get("x-frame-options"), "DENY", url.href);
    assert.equal(headers.get("x-content-type-options"), "nosniff", url.href);
    assert.equal(headers.get("referrer-policy"), "no-referrer", url.href);
    assert.equal(headers.get("cross-origin-opener-policy"), "same-origin", url.href);
    assert.equal(headers.get("cache-control"), "no-store", url.href);
    assert.equal(headers.get("access-control-allow-origin"), null, url.href);
    assert.doesNotMatch(html, /\son[a-z]+\s*=|style\s*=\s*"/i, url.href);
  }
  assert.deepEqual([...statuses].sort(), [200, 400, 401, 404, 410, 421]);
});

test("S4 an authorization request begun in one browser cannot continue in another", async () => {
  const attacker = testBrowser(server);
  const started = await attacker.get(authorizationUrl(web));
  const at_consent = (await consentPageOf(server, web, { username: "grace" })).page;
  for (const [path, sealed] of [
    ["/sign-in", started.url.searchParams.get("continue")],
    ["/sign-up", started.url.searchParams.get("continue")],
    ["/authorize", started.url.searchParams.get("continue")],
    ["/consent", at_consent.url.searchParams.get("continue")],
    ["/authorize", at_consent.url.searchParams.get("continue")],
  ]) {
    const query = new URLSearchParams({ continue: sealed ?? "" });
    for (const victim of [testBrowser(server), await signedIn()])
      await refusedOnPage(server, `${path}?${query}`, { browser: victim });
  }
  const victim = testBrowser(server);
  const page = await victim.get("/sign-in");
  const form = { username: "ada", password: PASSWORD };
  const sealed = started.url.searchParams.get("continue") ?? "";
  const body = formBody(page.html, "/sign-in", { ...form, continue: sealed });
  await refusedOnPage(server, "/sign-in", { browser: victim, init: post(body) });
});

test("S4 a sealed request that no browser has begun is accepted by the authorization endpoint only", async () => {
  const body = new URLSearchParams(authorizationUrl(web).split("?")[1]);
  const posted = await server.fetch(new Request(`${ISSUER}/authorize`, { method: "POST", body }));
  assert.equal(posted.status, 303);
  assert.deepEqual(posted.headers.getSetCookie(), []);
  const location = new URL(posted.headers.get("location") ?? "", ISSUER);
  const browser = await signedIn();
  for (const path of ["/consent", "/sign-in", "/sign-up"])
    await refusedOnPage(server, `${path}${location.search}`, { browser });
  const first = await browser.get(location.href);
  const second = await browser.get(location.href);
  assert.equal(first.url.pathname, "/consent");
  const answers = [
    await browser.submit(first, { decision: "allow" }, "/consent"),
    await browser.submit(first, { decision: "allow" }, "/consent"),
    await browser.submit(second, { decision: "allow" }, "/consent"),
  ];
  const codes = answers.map(({ url }) => url.searchParams.get("code"));
  assert.equal(codes[0], codes[1], "one page gives one code");
  assert.notEqual(codes[0], codes[2], "two pages are two requests");
});

test("S4 signing in replaces a planted session cookie (session fixation)", async () => {
  const attacker = await signedIn("grace");
  const planted = sessionCookie(attacker);
  const { name } = sessionCookie(await signedIn("ada"));
  const values = [planted.value, "chosen-by-a-stranger.secret", "a.b.c", ".", "x".repeat(5000)];
  for (const [under, value] of [
    ...values.map((value) => [name, value] as const),
    [planted.name, planted.value] as const,
  ]) {
    const victim = testBrowser(server);
    victim.cookies.set(under, value);
    await victim.signIn(await victim.get("/sign-in"), "ada");
    const now = victim.cookies.get(name) ?? "";
    assert.notEqual(now, value);
    assert.notEqual(now.split(".")[0], value.split(".")[0]);
    assert.match((await victim.get("/account")).html, /Ada Lovelace/);
    // The attacker's own account stays the attacker's: their cookie opens no session of Ada's.
    assert.doesNotMatch((await attacker.get("/account")).html, /Ada Lovelace/);
  }
});

test("S4 signing in again renews the secret of the session; the earlier cookie is refused", async () => {
  const browser = await signedIn();
  const { name, value: old } = sessionCookie(browser);
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const renewed = sessionCookie(browser).value;
  assert.notEqual(renewed.split(".")[1], old.split(".")[1]);
  const thief = testBrowser(server);
  for (const value of [old, renewed.split(".")[0] ?? "", `${renewed}x`, renewed.slice(0, -1)]) {
    thief.cookies.set(name, value);
    assert.equal((await thief.get("/account")).url.pathname, "/sign-in");
  }
  assert.equal((await browser.get("/account")).url.pathname, "/account");
});

test("S6 prompt=none never shows a page, whatever is missing", async () => {
  const client = await server.addClient(WEB);
  const silent = (parameters: Record<string, string | undefined> = {}) =>
    authorizationUrl(client, { prompt: "none", ...parameters });
  await errorSent(server, silent(), "login_required");
  const browser = await signedIn();
  await errorSent(server, silent(), "consent_required", { browser });
  const first = await consentPageOf(server, client, { browser });
  await browser.submit(first.page, { decision: "allow" }, "/consent");
  const good = await browser.get(silent());
  assert.match(good.url.searchParams.get("code") ?? "", /^vkc_/);
  const more = silent({ scope: "openid photos.read" });
  await errorSent(server, more, "consent_required", { browser });
  server.advance(100);
  await errorSent(server, silent({ max_age: "99" }), "login_required", { browser });
  const { body } = await redeem(server, client, good.url.searchParams.get("code") ?? "");
  assert.equal(body.error, "invalid_grant", "the code issued before has expired meanwhile");
  const { id_token } = await tokensFor(server, client, { username: "grace" });
  await errorSent(server, silent({ id_token_hint: id_token }), "login_required", { browser });
  for (const prompt of ["none login", "login none", "none consent", "none none login"])
    await errorSent(server, silent({ prompt }), "invalid_request", { browser });
  const loopback = { redirect_uri: LOOPBACK, prompt: "none" };
  const path = authorizationUrl(pub, loopback);
  await errorSent(server, path, "consent_required", { browser, redirect_uri: LOOPBACK });
});

test("S7 a public client with a loopback or private-use redirect URI needs consent every time", async () => {
  const browser = await signedIn();
  const trusted = await server.addClient(NATIVE, { trusted: true });
  const custom = await server.addClient({
    ...NATIVE,
    redirect_uris: ["com.example.app:/cb", "cursor://x/cb"],
  });
  for (const [client, redirect_uri] of [
    [pub, LOOPBACK],
    [trusted, LOOPBACK],
    [custom, "com.example.app:/cb"],
    [custom, "cursor://x/cb"],
  ] as const)
    for (let time = 0; time < 3; time += 1) {
      const page = await browser.get(authorizationUrl(client, { redirect_uri }));
      assert.equal(page.url.pathname, "/consent");
      const back = await browser.submit(page, { decision: "allow" }, "/consent");
      assert.match(back.url.search, /code=vkc_/);
    }
});

test("S7 consent is remembered for its client, scopes and resources only", async () => {
  const browser = await signedIn();
  const client = await server.addClient(WEB);
  const scope = "openid photos.read";
  const { page } = await consentPageOf(server, client, { browser, parameters: { scope } });
  await browser.submit(page, { decision: "allow" }, "/consent");
  const again = async (parameters: Record<string, string>, who = client) =>
    (await browser.get(authorizationUrl(who, { scope, ...parameters }))).url.pathname;
  assert.equal(await again({}), "/callback");
  assert.equal(await again({ scope: "photos.read" }), "/callback");
  assert.equal(await again({ scope: "openid photos.read photos.write" }), "/consent");
  assert.equal(await again({ scope: "openid offline_access" }), "/consent");
  assert.equal(await again({ scope: "openid prints.order" }), "/consent");
  assert.equal(await again({ resource: PRINTS }), "/consent");
  assert.equal(await again({ prompt: "consent" }), "/consent");
  const twin = await server.addClient(WEB);
  assert.equal(
    await again({}, twin),
    "/consent",
    "a client with the same name and address is a different client",
  );
});

test("S9 the consent form answers the request that was shown; extra fields do not change it", async () => {
  const client = await server.addClient({
    ...WEB,
    redirect_uris: [...WEB.redirect_uris, "https://printly.test/other"],
  });
  const scope = "openid photos.read";
  const { page, browser } = await consentPageOf(server, client, { parameters: { scope } });
  const body = (fields: Record<string, string>) =>
    post(formBody(page.html, "/consent", { decision: "allow", ...fields }));
  for (const added of [
    `${SNAPS} photos.write`,
    `${PRINTS} photos.read`,
    `${ISSUER} offline_access`,
    SNAPS,
    "photos.read",
    "*",
    "__proto__",
  ]) {
    const form = formBody(page.html, "/consent", { decision: "allow" });
    form.append("permission", added);
    await refusedOnPage(server, "/consent", { browser, init: post(form) });
  }
  for (const fields of [
    { decision: "maybe" },
    { decision: "" },
    { shown: "x" },
    { shown: "" },
    { continue: "x" },
    { continue: "" },
  ])
    await refusedOnPage(server, "/consent", { browser, init: body(fields) });
  const other = await consentPageOf(server, web, { browser, parameters: { prompt: "consent" } });
  const theirs = formBody(other.page.html, "/consent");
  const shown = theirs.get("shown") ?? "";
  const sealed = theirs.get("continue") ?? "";
  await refusedOnPage(server, "/consent", { browser, init: body({ shown }) });
  await refusedOnPage(server, "/consent", { browser, init: body({ continue: sealed }) });
  await refusedOnPage(server, "/consent", { browser, init: body({ shown: sealed }) });
  // Unknown fields are not read.
  const ignored = {
    client_id: web.client_id,
    redirect_uri: "https://printly.test/other",
    resource: PRINTS,
    sub: "grace",
    state: "evil",
    code_challenge: "x",
  };
  const back = await browser.submit(page, { decision: "allow", ...ignored }, "/consent");
  assert.equal(back.url.pathname, "/callback");
  assert.equal(back.url.searchParams.get("state"), "xyz");
  const tokens = await redeem(server, client, back.url.searchParams.get("code") ?? "");
  const claims = decodeJwt(tokens.body.access_token);
  assert.deepEqual([claims.scope, claims.client_id, claims.sub], [scope, client.client_id, ada]);
});

test("S9 unticked permissions are not granted; an API without any gets no token", async () => {
  const client = await server.addClient(WEB);
  const scope = "openid photos.read photos.write prints.order";
  const { page, browser } = await consentPageOf(server, client, { parameters: { scope } });
  const narrowed = allowOnly(page, "photos.read");
  const { url } = await browser.submit(page, narrowed, "/consent");
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  const claims = decodeJwt(body.access_token);
  assert.equal(claims.scope, "openid photos.read");
  assert.deepEqual(claims.aud, [SNAPS, ISSUER]);
  for (const parameters of [
    { resource: PRINTS },
    { scope: "photos.write" },
    { scope: "email" },
    { scope: `${scope} email` },
  ]) {
    const more = await refused(server, () =>
      refresh(server, client, body.refresh_token, parameters),
    );
    assert.equal(more.status, 400);
  }
  // A refresh may ask for the unticked scopes again; they are left out again.
  const repeated = await refresh(server, client, body.refresh_token, { scope });
  assert.equal(repeated.body.scope, "openid photos.read");
  const again = await browser.get(authorizationUrl(client, { scope }));
  assert.equal(again.url.pathname, "/callback", "refused permissions are not asked again");
  const second = await redeem(server, client, again.url.searchParams.get("code") ?? "");
  assert.deepEqual(decodeJwt(second.body.access_token).aud, [SNAPS, ISSUER]);

  const nothing = await consentPageOf(server, client, { username: "grace", parameters: { scope } });
  const none = await nothing.browser.submit(nothing.page, allowOnly(nothing.page), "/consent");
  const bare = await redeem(server, client, none.url.searchParams.get("code") ?? "");
  assert.equal(decodeJwt(bare.body.access_token).aud, ISSUER);
  assert.equal(decodeJwt(bare.body.access_token).scope, "openid");
});

test("S10 one consent form yields one code, sent repeatedly or twenty times at once", async () => {
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  const before = server.count("authorization_grant");
  const send = async () => browser.submit(page, { decision: "allow" }, "/consent");
  const answers = await Promise.all(Array.from({ length: 20 }, send));
  const codes = new Set(answers.map(({ url }) => url.searchParams.get("code")));
  assert.equal(codes.size, 1);
  const [code] = codes;
  assert.match(code ?? "", /^vkc_/);
  assert.equal((await send()).url.searchParams.get("code"), code);
  assert.equal(server.count("authorization_grant"), before + 1);
  const tokens = await redeem(server, client, code ?? "");
  assert.equal(tokens.status, 200);
  const late = await send();
  assert.equal(late.status, 409);
  assert.equal(late.headers.get("location"), null);
  assert.doesNotMatch(late.html, /vkc_/);
  assert.equal(server.count("authorization_grant"), before + 1);
  assert.equal(
    (await refresh(server, client, tokens.body.refresh_token)).status,
    200,
    "the refresh token still works",
  );
});

const key = (choice: Page): string => accountsOn(choice).grace ?? "";

test("S10 a consent form is refused from another browser or another person", async () => {
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  const body = formBody(page.html, "/consent", { decision: "allow" });
  const grace = await signedIn("grace");
  await refusedOnPage(server, "/consent", { browser: grace, init: post(body) });
  const csrf = formBody((await grace.get("/sign-out")).html, "/sign-out").get("csrf") ?? "";
  body.set("csrf", csrf);
  await refusedOnPage(server, "/consent", { browser: grace, init: post(body) });
  // Another person has signed in meanwhile in the same browser: the page is shown again, for its own account.
  await browser.signIn(await browser.get("/sign-in"), "grace");
  const before = server.snapshot();
  const again = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(again.url.pathname, "/consent");
  assert.match(again.html, /Ada Lovelace/);
  assert.doesNotMatch(again.html, /grace/);
  assert.deepEqual(server.snapshot(), before);
});

test("S10 a consent answer replayed after the consent was removed does not restore it", async () => {
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  const init = post(formBody(page.html, "/consent", { decision: "allow" }));
  const answered = await browser.request("/consent", init);
  const way_back = answered.headers.get("location") ?? "";
  assert.match((await browser.request(way_back)).headers.get("location") ?? "", /code=vkc_/);
  const apps = await browser.get(`/account?remove=${client.client_id}`);
  const card = formBody(apps.html, "/account", { intent: "remove", client_id: client.client_id });
  await browser.request("/account", post(card));
  const { store } = server.server;
  assert.equal(await store.findConsent(ada, client.client_id), null);
  const replayed = await browser.request(way_back);
  assert.equal(replayed.status, 409);
  assert.equal((await browser.submit(page, { decision: "allow" }, "/consent")).status, 409);
  assert.equal(await store.findConsent(ada, client.client_id), null, "the consent stays removed");
  const asked = await browser.get(authorizationUrl(client));
  assert.equal(asked.url.pathname, "/consent");
});

test("S10 the URL after a consent answer works only for the person that gave the answer", async () => {
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  const init = post(formBody(page.html, "/consent", { decision: "allow" }));
  const way_back = (await browser.request("/consent", init)).headers.get("location") ?? "";
  await refusedOnPage(server, way_back, { browser: await signedIn("grace") });
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  await browser.signIn(await browser.get("/sign-in"), "grace");
  const choice = await browser.get(way_back);
  assert.equal(choice.url.pathname, "/select-account");
  const asked = await browser.submit(choice, { account: key(choice) }, "/select-account");
  assert.equal(asked.url.pathname, "/consent");
  assert.match(asked.html, /grace/);
});

test("S10 the next person in the same browser, agreeing to the same request, gets a code of their own", async () => {
  const client = await server.addClient(WEB);
  const parameters = { scope: "openid offline_access photos.read" };
  const { page, browser } = await consentPageOf(server, client, { parameters });
  const init = post(formBody(page.html, "/consent", { decision: "allow" }));
  const way_back = (await browser.request("/consent", init)).headers.get("location") ?? "";
  const hers = (await browser.request(way_back)).headers.get("location") ?? "";
  assert.match(hers, /code=vkc_/);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  await browser.signIn(await browser.get("/sign-in"), "grace");
  const choice = await browser.get(way_back);
  const asked = await browser.submit(choice, { account: key(choice) }, "/select-account");
  assert.equal(asked.url.pathname, "/consent");
  const answer = await browser.submit(asked, { decision: "allow" }, "/consent");
  const subjectOf = async ({ searchParams }: URL) => {
    const { body } = await redeem(server, client, searchParams.get("code") ?? "");
    return decodeJwt(body.access_token).sub;
  };
  assert.equal(await subjectOf(answer.url), grace);
  assert.equal(
    await subjectOf(new URL(hers)),
    ada,
    "the first code still belongs to the first person",
  );
});

test("S10 a consent form shown before signing out is shown again after signing in", async () => {
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  await browser.signIn(await browser.get("/sign-in"), "ada");
  const again = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(again.url.pathname, "/consent");
  const answer = await browser.submit(again, { decision: "allow" }, "/consent");
  assert.match(answer.url.href, /code=vkc_/);
});

test("S12 skipped, repeated or forged steps lead back to the first missing step", async () => {
  const browser = testBrowser(server);
  const client = await server.addClient(WEB);
  const sign_in = await browser.get(authorizationUrl(client));
  const query = sign_in.url.search;
  const early = await browser.get(`/consent${query}`);
  assert.equal(early.url.pathname, "/sign-in", "no person has signed in");
  const csrf = formBody(sign_in.html, "/sign-in").get("csrf") ?? "";
  const sealed = sign_in.url.searchParams.get("continue") ?? "";
  const body = new URLSearchParams({
    csrf,
    continue: sealed,
    decision: "allow",
    permission: `${ISSUER} openid`,
  });
  await refusedOnPage(server, "/consent", { browser, init: post(body) });
  for (const path of ["/consent", "/sign-in", "/sign-out", "/account"])
    await refusedOnPage(server, path, { browser, init: post("") });
  const consent = await browser.signIn(sign_in, "ada");
  for (const fields of [
    { decision: undefined },
    { decision: "allow", shown: undefined },
    { decision: "allow", continue: undefined },
  ]) {
    const init = post(formBody(consent.html, "/consent", fields));
    await refusedOnPage(server, "/consent", { browser, init });
  }
  const back = await browser.get(`/sign-in${query}`);
  assert.equal(back.status, 200, "the back button works");
  const skipped = await browser.get(`/authorize${query}`);
  assert.equal(skipped.url.pathname, "/consent", "signing in is not consent");
});

test("S12 a pending request expires, and an altered one is refused", async () => {
  const { page, browser } = await consentPageOf(server, await server.addClient(WEB));
  const sealed = page.url.searchParams.get("continue") ?? "";
  const altered = [
    sealed.slice(0, -1),
    `${sealed}A`,
    `${sealed}=`,
    sealed.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
    sealed.replace(/^./, (first) => (first === "A" ? "B" : "A")),
    sealed.toLowerCase(),
    sealed.split("").reverse().join(""),
    "",
    "e30",
    "{}",
    "A".repeat(8000),
  ];
  for (const text of altered)
    for (const path of ["/authorize", "/consent", "/sign-in"]) {
      // An empty `continue` counts as absent.
      if (text === "" && path === "/sign-in") continue;
      const query = new URLSearchParams({ continue: text });
      await refusedOnPage(server, `${path}?${query}`, { browser });
    }
  const init = post(formBody(page.html, "/consent", { decision: "allow" }));
  server.advance(3600);
  await refusedOnPage(server, "/consent", { browser, init });
  await refusedOnPage(server, `/authorize${page.url.search}`, { browser });
});

test("S12 a pending request is refused once its redirect URI or client is removed", async () => {
  const { store } = server.server;
  const client = await server.addClient(WEB);
  const { page, browser } = await consentPageOf(server, client);
  const init = post(formBody(page.html, "/consent", { decision: "allow" }));
  const answered = await browser.request("/consent", init);
  const way_back = answered.headers.get("location") ?? "";
  const { metadata } = client.record;
  const moved = { ...metadata, redirect_uris: ["https://printly.test/new"] };
  await store.updateClient({ ...client.record, metadata: moved });
  await refusedOnPage(server, way_back, { browser });
  await store.updateClient({ ...client.record, disabled_at: server.now() });
  await refusedOnPage(server, way_back, { browser });
  await store.removeClient(client.client_id, server.now());
  await refusedOnPage(server, way_back, { browser });
});

const NAMES: [string, RegExp][] = [
  ["<img src=x onerror=alert(1)>", /&lt;img src=x onerror=alert\(1\)&gt;/],
  ['"><script>alert(1)</script>', /&quot;&gt;&lt;script&gt;/],
  ["'-alert(1)-'", /&#39;-alert\(1\)-&#39;/],
  ["{app} {{7*7}}", /\{app\} \{\{7\*7\}\}/],
  ["evil\u202Eelgoog", /<bdi>evilelgoog<\/bdi>/],
  ["Goo\u200B\u200D\uFEFFgle", /<bdi>Google<\/bdi>/],
  ["a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", /<bdi>a\u0301{3}<\/bdi>/],
  ["x".repeat(200), /<bdi>x{39}…<\/bdi>/],
  ["   ", /<bdi>[^<\s]/],
  ["\u200B\u2060", /<bdi>[^<\s]/],
];

test("S15 a client name cannot contain markup, hide, reverse or displace the text beside it", async () => {
  for (const [client_name, shown] of NAMES) {
    const client = await server.addClient({ ...WEB, client_name });
    const { page, browser } = await consentPageOf(server, client);
    for (const html of [page.html, (await browser.get("/account/apps")).html])
      assert.doesNotMatch(
        html,
        /<img|<script>alert|[\u202A-\u202E\u2066-\u2069\u200B-\u200F\uFEFF]/,
      );
    assert.match(page.html, shown);
    assert.match(page.html, /printly\.test/);
  }
});

test("S15 a client name with 5,000 characters or control characters is refused", async () => {
  for (const client_name of ["x".repeat(5000), "a\u0000b", "a\r\nb", "a\u001bb"])
    await assert.rejects(async () => server.addClient({ ...WEB, client_name }), {
      error: "invalid_client_metadata",
    });
});

test("S15 the consent page shows the whole redirect host and warns about unusual ones", async () => {
  const long = `${"a".repeat(60)}.${"b".repeat(60)}.printly.test.evil.test`;
  const client = await server.addClient(
    {
      ...WEB,
      client_name: "Google",
      redirect_uris: [`https://${long}/cb`],
      client_uri: "https://google.com",
    },
    { created_by: "user" },
  );
  const parameters = { redirect_uri: `https://${long}/cb` };
  const { page } = await consentPageOf(server, client, { parameters });
  assert.ok(
    page.html.replaceAll(/<wbr>|<b class="owner">|<\/b>/g, "").includes(long),
    "the host is not truncated",
  );
  assert.doesNotMatch(
    page.html,
    /google\.com/,
    "the site that a person entered for their app is not shown",
  );
  assert.match(page.html, /Not checked by/);
  const loopback = { redirect_uri: LOOPBACK };
  const local = await consentPageOf(server, pub, { parameters: loopback });
  assert.match(local.page.html, /Allow only if you just started this app yourself/);
  const logo = "https://evil.test/logo.png";
  const tracked = await server.addClient({ ...WEB, logo_uri: logo, client_name: "Tracker" });
  const shown = await consentPageOf(server, tracked);
  assert.doesNotMatch(shown.page.html, /evil\.test/, "logos are not loaded from other hosts");
});

test("S16 input is reflected as text only", async () => {
  const script = "<script>alert(1)</script>";
  const attribute = '"onmouseover="alert(1)';
  const names = [
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "error_description",
    "error",
    "login_hint",
    "ui_locales",
    "prompt",
    "continue",
    "to",
    "removed",
    "link",
    "app",
    "view",
    "done",
    "saved",
    "nonsense",
  ];
  const browsers = [testBrowser(server), await signedIn()];
  const paths = [
    "/authorize",
    "/sign-in",
    "/sign-up",
    "/consent",
    "/setup",
    "/sign-out",
    "/account",
  ];
  for (const browser of browsers)
    for (const path of [...paths, "/account/apps", "/account/security", `/${script}`])
      for (const name of names) {
        const query = new URLSearchParams({ [name]: `${script}${attribute}` });
        const response = await browser.request(`${path}?${query}`);
        const html = await response.text();
        assert.ok(response.status < 500);
        assert.doesNotMatch(html, /<script>alert|"onmouseover=/, `${path} ${name}`);
        const location = response.headers.get("location") ?? "";
        assert.doesNotMatch(location, /[<>"]/, `${path} ${name}`);
      }
});

test("S16 typed text and hints stay text when a form shows them again", async () => {
  const evil = '"><script>alert(1)</script>';
  const browser = testBrowser(server);
  const page = await browser.get(authorizationUrl(web, { login_hint: evil }));
  const wrong = await browser.signIn(page, evil, evil);
  const taken = await browser.submit(
    await browser.get("/sign-up"),
    { username: evil, email: evil, name: evil, password: evil },
    "/sign-up",
  );
  for (const { html } of [page, wrong, taken]) {
    assert.doesNotMatch(html, /<script>alert/);
    assert.match(html, /&lt;script&gt;alert/);
  }
  assert.doesNotMatch(
    taken.html,
    /type="password"[^>]*value=/,
    "a password field is never prefilled",
  );
  assert.equal(wrong.html.split(evil).length, 1);
});

test("S16 a crafted URL cannot make a page report that something was done", async () => {
  const client = await server.addClient({ ...WEB, client_name: "Never Allowed" });
  const browser = await signedIn();
  for (const removed of [client.client_id, "x", ""])
    for (const path of ["/account", "/account/apps"]) {
      const page = await browser.get(`${path}?${new URLSearchParams({ removed })}`);
      assert.doesNotMatch(page.html, /Never Allowed|class="note done"/);
    }
  const { page } = await consentPageOf(server, client, { browser });
  await browser.submit(page, { decision: "allow" }, "/consent");
  const asks = await browser.get(`/account?remove=${client.client_id}`);
  const form = formBody(asks.html, "/account");
  const answer = await browser.request("/account", post(form));
  const told = await browser.get(answer.headers.get("location") ?? "");
  assert.match(
    told.html,
    /class="note done"[\s\S]*Never Allowed/,
    "the note names the removed app",
  );
});

test("no step of the flow redirects anywhere but to the registered redirect URI", async () => {
  for (const to of [
    "https://evil.test",
    "//evil.test",
    "/\\evil.test",
    "/account/../x",
    "account",
  ]) {
    const browser = testBrowser(server);
    const page = await browser.get(`/sign-in?${new URLSearchParams({ to })}`);
    const next = await browser.signIn(page, "ada");
    assert.equal(next.url.href, `${ISSUER}/account`);
  }
  const { page, browser } = await consentPageOf(server, await server.addClient(WEB));
  const { url } = await browser.submit(
    page,
    { decision: "deny", next: "https://evil.test" },
    "/consent",
  );
  assert.equal(`${url.origin}${url.pathname}`, WEB.redirect_uris[0]);
  assert.equal(membersOf(url.href).get("error"), "access_denied");
  assert.ok(!server.lines.some((line) => JSON.stringify(line).includes(VERIFIER)));
});
