/** The authorization request and its response (OAuth 2.1 §4.1, OpenID Connect Core §3.1.2, form_post). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import {
  authorizationUrl,
  type Page,
  readForm,
  s256,
  testBrowser,
  VERIFIER,
} from "../support/browser.ts";
import { authorize, post, redeem, tokensFor, walk } from "../support/flow.ts";
import { ISSUER, NATIVE, SERVICE, SNAPS, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
await server.addUser("ada", { claims: { email: "ada@example.com" } });
const client = await server.addClient(WEB);
const { browser: ada } = await tokensFor(server, client);
const CALLBACK = "https://printly.test/callback";

const ask = (parameters: Record<string, string | string[] | undefined>): Promise<Page> =>
  ada.get(authorizationUrl(client, parameters));

function answerOf({ url }: Page): Record<string, string> {
  assert.equal(`${url.origin}${url.pathname}`, CALLBACK, url.href);
  return Object.fromEntries(url.searchParams);
}

/** An error page of our own, without a redirect. */
function assertOwnPage(page: Page, status = 400): void {
  assert.equal(page.url.origin, ISSUER);
  assert.equal(page.status, status);
  assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
}

test("state comes back byte for byte", async () => {
  const states = [
    "aZ09-._~".repeat(16),
    "x".repeat(1000),
    "x".repeat(4096),
    "a b+c%20d&e=f#g?h/i;j:k@l,m'n(o)p*q!r$s\"t<u>v\\w|x^y`z{~}",
    "日本語 – é – 😀",
  ];
  for (const state of states) {
    assert.equal(answerOf(await ask({ state })).state, state);
    assert.equal(answerOf(await ask({ state, prompt: "wrong" })).state, state);
  }
  assert.equal("state" in answerOf(await ask({ state: undefined })), false);
});

test("a nonce of 384 characters comes back in the ID token", async () => {
  const nonce = "n".repeat(384);
  const { code } = answerOf(await ask({ nonce }));
  const { body } = await redeem(server, client, code ?? "");
  assert.equal(decodeJwt(body.id_token).nonce, nonce);
});

test("an overlong state, nonce or login_hint is refused with an error to the client", async () => {
  for (const [name, length] of [
    ["state", 4097],
    ["nonce", 1025],
    ["login_hint", 257],
  ] as const) {
    const answer = answerOf(await ask({ [name]: "x".repeat(length) }));
    assert.equal(answer.error, "invalid_request", name);
  }
});

test("a large request that is accepted can be completed", async () => {
  const browser = testBrowser(server);
  const urlFor = (length: number) =>
    authorizationUrl(client, { state: '"'.repeat(length), prompt: "login consent" });
  const isTaken = async (length: number) => (await browser.get(urlFor(length))).status === 200;
  let [taken, refused] = [2000, 4096];
  while (refused - taken > 1) {
    const middle = Math.floor((taken + refused) / 2);
    if (await isTaken(middle)) taken = middle;
    else refused = middle;
  }
  const { page } = await walk(server, urlFor(taken), { browser });
  assert.equal(answerOf(page).state, '"'.repeat(taken));
  assert.equal(answerOf(await browser.get(urlFor(refused))).error, "invalid_request");
});

test("the order of scopes and parameters does not matter", async () => {
  const { code } = answerOf(
    await ask({ scope: "profile openid email", prompt: "consent" }).then((page) =>
      ada.submit(page, { decision: "allow" }, "/consent"),
    ),
  );
  const { body } = await redeem(server, client, code ?? "");
  assert.deepEqual(body.scope?.split(" ").sort(), ["email", "openid", "profile"]);
  const reversed = [...new URL(authorizationUrl(client), ISSUER).searchParams].reverse();
  const page = await ada.get(`/authorize?${new URLSearchParams(reversed)}`);
  assert.match(answerOf(page).code ?? "", /^vkc_/);
});

test("a missing response_type is invalid_request, another one unsupported_response_type", async () => {
  assert.equal(answerOf(await ask({ response_type: undefined })).error, "invalid_request");
  for (const response_type of ["token", "id_token", "code id_token", "code token", "Code", "none"])
    assert.equal(answerOf(await ask({ response_type })).error, "unsupported_response_type");
});

test("registration and, without the legacy switch, request_uri are refused with their own errors", async () => {
  for (const name of ["request_uri", "registration"])
    assert.equal(answerOf(await ask({ [name]: "x" })).error, `${name}_not_supported`);
});

test("a code_challenge with S256 is required", async () => {
  for (const wrong of [
    { code_challenge: undefined, code_challenge_method: undefined },
    { code_challenge: undefined },
    { code_challenge_method: undefined },
    { code_challenge_method: "plain" },
    { code_challenge: "short" },
    { code_challenge: `${s256(VERIFIER)}=` },
  ])
    assert.equal(answerOf(await ask(wrong)).error, "invalid_request", JSON.stringify(wrong));
});

test("an unregistered or missing redirect_uri shows an error page and never redirects", async () => {
  for (const redirect_uri of [
    "https://printly.test/callback/xyz",
    "https://printly.test/callback?foo=bar",
    "https://printly.test/callback?",
    "https://printly.test/Callback",
    "https://PRINTLY.test/callback",
    "https://printly.test/callback#x",
    "https://printly.test/./callback",
    "https://printly.test:443/callback",
    "http://printly.test/callback",
    "https://evil.test/callback",
    "javascript:alert(1)",
  ]) {
    const page = await ask({ redirect_uri });
    assertOwnPage(page);
    assert.match(page.html, /redirect_uri is not registered/);
  }
  assertOwnPage(await ask({ redirect_uri: undefined })); // required with openid (OIDC Core §3.1.2.1)
});

test("an unknown, missing or disabled client_id shows an error page", async () => {
  assertOwnPage(await ada.get(authorizationUrl({ client_id: "nobody" })));
  assertOwnPage(await ask({ client_id: undefined }));
  const disabled = await server.addClient(WEB, { disabled_at: server.now() });
  assertOwnPage(await ada.get(authorizationUrl(disabled)), 403);
});

test("without openid, redirect_uri may be omitted if only one is registered", async () => {
  const page = await ask({ redirect_uri: undefined, scope: "photos.read" });
  assert.equal(page.url.pathname, "/consent");
  const back = await ada.submit(page, { decision: "allow" }, "/consent");
  const { code } = answerOf(back);
  assert.equal((await redeem(server, client, code ?? "")).status, 200);
  const two = await server.addClient({ ...WEB, redirect_uris: [CALLBACK, "https://b.test/"] });
  assertOwnPage(
    await ada.get(authorizationUrl(two, { redirect_uri: undefined, scope: "photos.read" })),
  );
});

test("a registered query string is kept, and the response parameters are appended", async () => {
  const redirect_uri = "https://printly.test/callback?dummy1=lorem&dummy2=ipsum";
  const other = await server.addClient({ ...WEB, redirect_uris: [redirect_uri] });
  const { url, code } = await authorize(server, other, { parameters: { redirect_uri } });
  assert.ok(url.href.startsWith(`${redirect_uri}&code=`), url.href);
  assert.equal((await redeem(server, other, code, { redirect_uri })).status, 200);
});

test("a repeated parameter is refused, except resource", async () => {
  for (const name of ["scope", "state", "client_id", "redirect_uri", "nonce"]) {
    const url = new URL(authorizationUrl(client, { nonce: "n" }), ISSUER);
    url.searchParams.append(name, "again");
    assertOwnPage(await ada.get(url.href));
  }
  const page = await ask({ scope: "photos.read", resource: [SNAPS, SNAPS] });
  assert.match(answerOf(page).code ?? "", /^vkc_/);
});

test("errors are sent by the requested response_mode: query, fragment or form_post", async () => {
  const wrong = { max_age: "wrong", state: "s t" };
  const query = await ask({ ...wrong, response_mode: "query" });
  assert.equal(answerOf(query).error, "invalid_request");
  const { url } = await ask({ ...wrong, response_mode: "fragment" });
  assert.equal(url.search, "");
  const fragment = new URLSearchParams(url.hash.slice(1));
  assert.equal(fragment.get("error"), "invalid_request");
  assert.equal(fragment.get("state"), "s t");
  assert.equal(fragment.get("iss"), ISSUER);
  const page = await ask({ ...wrong, response_mode: "form_post" });
  const form = readForm(page.html, "/callback");
  assert.equal(form.action, CALLBACK);
  assert.deepEqual(Object.fromEntries(form.fields).error, "invalid_request");
  assert.deepEqual(Object.fromEntries(form.fields).state, "s t");
  assert.equal(answerOf(await ask({ response_mode: "jwt" })).error, "invalid_request");
});

test("the form_post page submits itself to the app only, with a button for browsers without script", async () => {
  const page = await ask({ response_mode: "form_post" });
  assert.equal(page.status, 200);
  assert.match(page.html, /<form method="post" action="https:\/\/printly\.test\/callback"/);
  const form = readForm(page.html, "/callback");
  assert.deepEqual(form.fields.map(([name]) => name).sort(), ["code", "iss", "state"]);
  assert.doesNotMatch(page.html, /<noscript/);
  assert.match(page.html, /<button class="main">/);
  assert.equal(page.headers.get("cache-control"), "no-store");
  assert.match(page.headers.get("content-security-policy") ?? "", /form-action https:/);
});

test("error_description is ASCII without quotes and backslashes", async () => {
  for (const wrong of [
    { scope: 'photos"read' },
    { scope: "é" },
    { scope: "unknown" },
    { prompt: "none \\" },
    { max_age: '"' },
    { resource: "http://[" },
  ]) {
    const { error, error_description = "" } = answerOf(await ask(wrong));
    assert.ok(error, JSON.stringify(wrong));
    assert.match(error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  }
});

test("a client without the authorization_code grant gets no code", async () => {
  const service = await server.addClient({ ...SERVICE, redirect_uris: [CALLBACK] });
  const page = await ada.get(authorizationUrl(service));
  assert.equal(answerOf(page).error, "unauthorized_client");
});

test("a POST takes its parameters from the body and continues as a GET", async () => {
  const query = new URL(authorizationUrl(client, { state: "by post" }), ISSUER).searchParams;
  const visitor = testBrowser(server);
  const posted = await visitor.request("/authorize", { method: "POST", body: query });
  assert.equal(posted.status, 303);
  const page = await visitor.get(posted.headers.get("location") ?? "");
  assert.equal(page.url.pathname, "/sign-in");
  assert.equal(answerOf(await visitor.signIn(page, "ada")).state, "by post");
});

test("a cross-site POST arrives without cookies; the GET after it has the session", async () => {
  const query = new URL(authorizationUrl(client), ISSUER).searchParams;
  const request = new Request(`${ISSUER}/authorize`, { method: "POST", body: query });
  const posted = await server.fetch(request);
  assert.equal(posted.headers.get("set-cookie"), null);
  const page = await ada.get(posted.headers.get("location") ?? "");
  assert.match(answerOf(page).code ?? "", /^vkc_/);
});

test("a POST with query parameters or another content type is refused; other errors go to the client", async () => {
  const query = new URL(authorizationUrl(client), ISSUER).searchParams;
  const send = (path: string, body: URLSearchParams | string | null, headers = {}) =>
    ada.request(path, { method: "POST", body, headers });
  assert.equal((await send(`/authorize?${query}`, null)).status, 400);
  assert.equal((await send("/authorize?scope=openid", query)).status, 400);
  const json = JSON.stringify(Object.fromEntries(query));
  assert.equal(
    (await send("/authorize", json, { "content-type": "application/json" })).status,
    415,
  );
  assert.equal((await send("/authorize", null)).status, 400);
  query.set("max_age", "wrong");
  const refused = await send("/authorize", query);
  assert.match(refused.headers.get("location") ?? "", /^https:\/\/printly\.test\/callback\?error=/);
});

test("a HEAD request is refused and uses nothing up", async () => {
  const response = await ada.request(authorizationUrl(client), { method: "HEAD" });
  assert.equal(response.status, 405);
  assert.match(response.headers.get("allow") ?? "", /GET, POST/);
});

test("with require_pkce off, a confidential client may omit PKCE and nonce", async () => {
  const plain = await server.addClient(WEB, { require_pkce: false });
  const parameters = { code_challenge: undefined, code_challenge_method: undefined };
  const codeOf = async () => (await authorize(server, plain, { browser: ada, parameters })).code;
  const token = async (more: Record<string, string>) =>
    post(server, "/token", {
      client: plain,
      grant_type: "authorization_code",
      code: await codeOf(),
      ...more,
    });
  const answer = await token({ redirect_uri: CALLBACK });
  assert.equal(answer.status, 200);
  assert.equal("nonce" in decodeJwt(answer.body.id_token), false);
  // The request named a redirect_uri; without PKCE nothing else ties the code to it (RFC 6749 §4.1.3).
  assert.equal((await token({})).body.error, "invalid_grant");
  const downgraded = await token({ redirect_uri: CALLBACK, code_verifier: VERIFIER });
  assert.equal(
    downgraded.body.error,
    "invalid_grant",
    "a code_verifier without code_challenge is refused",
  );
  const code = (await authorize(server, plain, { browser: ada })).code;
  const without = await post(server, "/token", {
    client: plain,
    grant_type: "authorization_code",
    code,
    redirect_uri: CALLBACK,
  });
  assert.equal(
    without.body.error,
    "invalid_grant",
    "a code_challenge that was sent needs its code_verifier",
  );
});

test("require_pkce off has no effect for a public client", async () => {
  const native = await server.addClient(NATIVE, { require_pkce: false });
  const redirect_uri = "http://127.0.0.1:1234/callback";
  const parameters = { redirect_uri, code_challenge: undefined, code_challenge_method: undefined };
  const { url } = await ada.get(authorizationUrl(native, parameters));
  assert.equal(url.searchParams.get("error"), "invalid_request");
});

test("the port of 127.0.0.1 and [::1] may vary, that of localhost for native clients only", async () => {
  const hosts = ["127.0.0.1", "[::1]", "localhost"];
  const redirect_uris = hosts.map((host) => `http://${host}/callback`);
  const native = await server.addClient({ ...NATIVE, redirect_uris });
  const web = await server.addClient({ ...WEB, redirect_uris });
  for (const host of hosts) {
    const url = (own: typeof native, path = "/callback") =>
      authorizationUrl(own, { redirect_uri: `http://${host}:49152${path}` });
    assert.equal((await ada.get(url(native))).url.pathname, "/consent", host);
    assert.equal((await ada.get(url(web))).status, host === "localhost" ? 400 : 200, host);
    assertOwnPage(await ada.get(url(native, "/elsewhere")));
  }
});

test("a private-use scheme gets its code in a redirect, also with form_post", async () => {
  const redirect_uri = "com.example.app:/callback";
  const native = await server.addClient({ ...NATIVE, redirect_uris: [redirect_uri] });
  for (const response_mode of [undefined, "form_post"]) {
    const page = await ada.get(authorizationUrl(native, { redirect_uri, response_mode }));
    const consent = readForm(page.html, "/consent");
    const body = new URLSearchParams([...consent.fields, ["decision", "allow"]]);
    const answered = await ada.request("/consent", { method: "POST", body });
    const last = await ada.request(answered.headers.get("location") ?? "");
    assert.match(last.headers.get("location") ?? "", /^com\.example\.app:\/callback\?code=vkc_/);
  }
});
