/** Attacks on the authorization response: mixed-up issuers, altered state, leaks on the way. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { authorizationUrl, readForm, type TestBrowser, testBrowser } from "../support/browser.ts";
import { authorize, redeem } from "../support/flow.ts";
import { CONFIG, ISSUER, NATIVE, type TestClient, testServer, WEB } from "../support/server.ts";
import {
  assertStaysHere,
  consentPageOf,
  errorSent,
  INVALID_GRANT,
  membersOf,
  refusedAs,
  refusedOnPage,
} from "./assertions.ts";
import { listening, statusOf } from "./sockets.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

let server: WatchedServer;
let web: TestClient;
/** Signed in, and has agreed to `web`, so that its answers come at once. */
let ada: TestBrowser;

before(async () => {
  server = await watchedServer();
  await server.addUser("ada");
  web = await server.addClient({
    ...WEB,
    redirect_uris: ["https://printly.test/callback", "https://printly.test/q?app=1&b=%20"],
  });
  ({ browser: ada } = await authorize(server, web));
});
after(() => server.close());

const locationOf = async (parameters: Record<string, string | undefined>, browser = ada) => {
  const response = await browser.request(authorizationUrl(web, parameters));
  assert.equal(response.status, 303);
  return response.headers.get("location") ?? "";
};

test("M1 every authorization response contains iss exactly once, as the metadata announces", async () => {
  const success = membersOf(await locationOf({}));
  assert.deepEqual([...success.keys()].sort(), ["code", "iss", "state"]);
  assert.equal(success.get("iss"), ISSUER);
  for (const [error, parameters] of [
    ["login_required", { prompt: "none" }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_scope", { scope: "no.such" }],
    ["unsupported_response_type", { response_type: "token" }],
    ["invalid_target", { resource: "https://nowhere.test" }],
    ["invalid_request_object", { request: "x" }],
  ] as const)
    for (const response_mode of ["query", "fragment"]) {
      const browser = testBrowser(server);
      const path = authorizationUrl(web, { ...parameters, response_mode });
      const members = await errorSent(server, path, error, { browser });
      assert.deepEqual([...members.keys()].sort(), ["error", "error_description", "iss", "state"]);
    }
  for (const name of ["oauth-authorization-server", "openid-configuration"]) {
    const document = await server.fetch(new Request(`${ISSUER}/.well-known/${name}`));
    const metadata: Record<string, unknown> = JSON.parse(await document.text());
    assert.equal(metadata.issuer, ISSUER);
    assert.equal(metadata.authorization_response_iss_parameter_supported, true);
  }
});

test("M1 an access_denied response contains iss too", async () => {
  const { page, browser } = await consentPageOf(server, web, { parameters: { prompt: "consent" } });
  const { url } = await browser.submit(page, { decision: "deny" }, "/consent");
  const members = membersOf(url.href);
  assert.equal(members.get("error"), "access_denied");
  assert.equal(members.get("iss"), ISSUER);
  assert.equal(members.get("state"), "xyz");
});

const STATES = [
  "a",
  " ",
  "a b+c%20d",
  "a&iss=https://evil.test&code=x",
  "a#code=x",
  "a\r\nLocation: https://evil.test",
  "\r\n\r\n<script>alert(1)</script>",
  "ünï©ødé 😀 \u202e",
  '"><script>alert(1)</script>',
  "../../../etc/passwd",
  "%0d%0aX: y",
  "\u0000\u0001\t",
  '{"a":[1,2]}',
  "=",
  "&",
  "?",
  "s".repeat(2048),
];

test("M2 state comes back byte for byte, encoded as one parameter", async () => {
  for (const state of STATES) {
    for (const response_mode of [undefined, "query", "fragment"] as const) {
      for (const location of [
        await locationOf({ state, response_mode }),
        await locationOf({ state, response_mode, scope: "no.such" }),
      ]) {
        assert.match(location, /^[\x21-\x7e]*$/, "no character that could end a header or a URL");
        const members = membersOf(location);
        assert.equal(members.get("state"), state);
        assert.equal(members.get("iss"), ISSUER);
        assert.equal(new URL(location).origin, "https://printly.test");
      }
    }
  }
});

test("M2 an absent or empty state stays absent", async () => {
  for (const state of [undefined, ""])
    for (const parameters of [{}, { scope: "no.such" }])
      assert.ok(!membersOf(await locationOf({ state, ...parameters })).has("state"));
});

test("M2 an overlong state is an error, not truncated", async () => {
  for (const state of ["s".repeat(4097), "é".repeat(4000), "\u0001".repeat(2000)])
    for (const browser of [ada, testBrowser(server)]) {
      const path = authorizationUrl(web, { state });
      if (path.length > 16_384) {
        const body = new URLSearchParams(path.split("?")[1]);
        const answer = await browser.request("/authorize", { method: "POST", body });
        assert.equal(membersOf(answer.headers.get("location") ?? "").get("state"), state);
        continue;
      }
      const members = await errorSent(server, path, "invalid_request", { browser });
      assert.equal(members.get("state"), state);
    }
});

test("M2 an accepted request near the size limit can always be answered", async () => {
  for (let length = 3700; length <= 4096; length += 44) {
    const parameters = { state: "s".repeat(length), nonce: "n".repeat(1024), prompt: "consent" };
    const redirect = { scope: "openid profile email offline_access", login_hint: "l".repeat(256) };
    const page = await ada.get(authorizationUrl(web, { ...parameters, ...redirect }));
    if (page.url.pathname !== "/consent") {
      assert.equal(page.url.searchParams.get("error"), "invalid_request");
      continue;
    }
    const answer = await ada.submit(page, { decision: "allow" }, "/consent");
    assert.match(answer.url.searchParams.get("code") ?? "", /^vkc_/, `state of ${length}`);
  }
});

test("M2 a registered query string is kept, and the response parameters follow it", async () => {
  const redirect_uri = "https://printly.test/q?app=1&b=%20";
  for (const parameters of [{}, { scope: "no.such" }]) {
    const location = await locationOf({ redirect_uri, ...parameters });
    assert.ok(location.startsWith(`${redirect_uri}&`), location);
    const fragment = await locationOf({ redirect_uri, response_mode: "fragment", ...parameters });
    assert.ok(fragment.startsWith(`${redirect_uri}#`), fragment);
  }
});

test("M4 supported response modes work; others are refused with an error to the app", async () => {
  const fragment = await locationOf({ response_mode: "fragment" });
  assert.equal(new URL(fragment).search, "");
  assert.match(membersOf(fragment).get("code") ?? "", /^vkc_/);
  const modes = ["query.jwt", "jwt", "form_post.jwt", "web_message", "QUERY", "query ", "unknown"];
  for (const response_mode of modes)
    for (const browser of [ada, testBrowser(server)]) {
      const path = authorizationUrl(web, { response_mode });
      await errorSent(server, path, "invalid_request", { browser });
    }
  await refusedOnPage(server, authorizationUrl(web, { response_mode: ["query", "fragment"] }));
});

test("M4 form_post goes to the registered URI only, escaped, on a page that cannot be framed", async () => {
  for (const state of STATES) {
    const response = await ada.request(
      authorizationUrl(web, { response_mode: "form_post", state }),
    );
    const html = await response.text();
    assert.equal(response.status, 200);
    const form = readForm(html, "https://printly.test/callback");
    const members = new Map(form.fields);
    assert.equal(form.fields.length, 3);
    assert.equal(members.get("state"), state);
    assert.equal(members.get("iss"), ISSUER);
    assert.match(members.get("code") ?? "", /^vkc_/);
    assert.equal(html.match(/<form/g)?.length, 1);
    assert.doesNotMatch(html, /<script>alert/);
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /form-action (https: ?)+;/);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
  const refused = await ada.request(
    authorizationUrl(web, { response_mode: "form_post", scope: "no.such" }),
  );
  const fields = new Map(readForm(await refused.text()).fields);
  assert.equal(fields.get("error"), "invalid_scope");
  assert.equal(fields.get("iss"), ISSUER);
});

test("M4 form_post to a private-use scheme falls back to the query", async () => {
  const uris = ["com.example.app:/cb"];
  const app = await server.addClient({ ...NATIVE, redirect_uris: uris });
  const parameters = { redirect_uri: uris[0], response_mode: "form_post", scope: "no.such" };
  const path = authorizationUrl(app, parameters);
  await errorSent(server, path, "invalid_scope", { redirect_uri: "com.example.app:/cb" });
});

test("M5 pages around a code send no referrer and load nothing from other origins", async () => {
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(web));
  const consent = await browser.signIn(sign_in, "ada");
  const pages = [
    sign_in,
    consent.url.pathname === "/consent"
      ? consent
      : await browser.get(authorizationUrl(web, { prompt: "consent" })),
    await browser.get("/authorize?client_id=nobody"),
    await browser.get("/account"),
    await browser.get("/nowhere"),
    await browser.get(authorizationUrl(web, { response_mode: "form_post" })),
  ];
  for (const { headers, html, url } of pages) {
    assert.equal(headers.get("referrer-policy"), "no-referrer", url.pathname);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /img-src 'self' data:;/);
    assert.doesNotMatch(
      html,
      /<(?:img|script|link|iframe|object|embed)[^>]+(?:src|href)="(?!data:)/,
    );
    if (!html.includes("data-auto-submit")) assertStaysHere(html, server);
  }
  for (const parameters of [{}, { scope: "no.such" }]) {
    const answer = await browser.request(authorizationUrl(web, parameters));
    assert.equal(answer.headers.get("referrer-policy"), "no-referrer");
    assert.equal(answer.headers.get("cache-control"), "no-store");
  }
});

test("M7 the issuer comes from the configuration, whatever Host or forwarded headers say", async () => {
  const headers = {
    "x-forwarded-host": "evil.test",
    "x-forwarded-proto": "http",
    forwarded: "host=evil.test;proto=http",
    "x-original-url": "/evil",
    "x-rewrite-url": "/evil",
    "x-forwarded-prefix": "/evil",
  };
  for (const origin of [ISSUER, "https://evil.test", "http://as.test", "https://as.test:8443"])
    for (const path of [
      "/.well-known/openid-configuration",
      "/.well-known/oauth-authorization-server",
    ]) {
      const response = await server.fetch(new Request(`${origin}${path}`, { headers }));
      const text = await response.text();
      assert.equal(response.status, 200);
      assert.equal(JSON.parse(text).issuer, ISSUER);
      assert.doesNotMatch(text, /evil/);
    }
});

test("M7 requests for another host get 421, without redirect or cookie", async () => {
  for (const origin of ["https://evil.test", "http://as.test", "https://as.test.evil.test"])
    for (const path of ["/sign-in", "/account", authorizationUrl(web), "/consent", "/sign-out"]) {
      const response = await server.fetch(new Request(`${origin}${path}`));
      assert.equal(response.status, 421, `${origin}${path}`);
      assert.equal(response.headers.get("location"), null);
      assert.deepEqual(response.headers.getSetCookie(), []);
      assert.match(response.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    }
});

test("M7 a malformed Host header is refused", async (t) => {
  const wire = await listening(t, server.node);
  const hosts = [
    "evil.test",
    "as.test@evil.test",
    "as.test/evil",
    "as.test#",
    "as.test evil",
    "as.test:99999",
    "%61s.test",
    '"><script>',
    "ａｓ.test",
    "",
  ];
  for (const host of hosts) {
    const request = `GET /sign-in HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    const answer = await wire.raw(request);
    assert.ok([400, 421].includes(statusOf(answer)), `${host}: ${answer.slice(0, 100)}`);
    assert.doesNotMatch(answer, /<script>(?!"use strict")|location:|set-cookie/i);
  }
  const metadata = await wire.request("/.well-known/openid-configuration", {
    headers: { host: "evil.test", "x-forwarded-host": "evil.test" },
  });
  assert.equal(JSON.parse(metadata.body).issuer, ISSUER);
  assert.doesNotMatch(metadata.body, /evil/);
});

test("M7 a code or token of one server is refused by another with the same issuer and client_id", async () => {
  const other = await testServer(CONFIG);
  await other.addUser("ada");
  const twin = await other.addClient({ ...WEB, redirect_uris: web.record.metadata.redirect_uris });
  assert.equal(twin.client_id, web.client_id, "the client even has the same id");
  const { code } = await authorize(other, twin);
  await refusedAs(server, () => redeem(server, web, code), INVALID_GRANT);
  const { body } = await redeem(other, twin, code);
  const userinfo = await server.fetch(
    new Request(`${ISSUER}/userinfo`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    }),
  );
  assert.equal(userinfo.status, 401);
  await other.close();
});
