/** Attacks on the redirect URI: sending the response, or the person, to an attacker's address. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { OAuthError } from "../../src/oauth/errors.ts";
import { checkRedirectUri, matchesRedirectUri } from "../../src/oauth/redirect_uri.ts";
import { authorizationUrl, type TestBrowser, testBrowser } from "../support/browser.ts";
import { authorize, redeem } from "../support/flow.ts";
import { assertLinearTime } from "../support/linear_time.ts";
import { NATIVE, type TestClient, WEB } from "../support/server.ts";
import { errorSent, refused, refusedOnPage } from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const RP = "https://rp.test/cb";

let server: WatchedServer;
let web: TestClient;
let pub: TestClient;
/** Signed in, and has agreed to `web`, so that a silent answer would be possible. */
let ada: TestBrowser;

before(async () => {
  server = await watchedServer({ your_apps: "everyone" });
  await server.addUser("ada");
  web = await server.addClient({ ...WEB, redirect_uris: [RP, "https://rp.test/other?app=1"] });
  pub = await server.addClient({
    ...NATIVE,
    redirect_uris: ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb"],
  });
  ({ browser: ada } = await authorize(server, web, { parameters: { redirect_uri: RP } }));
});
after(() => server.close());

/** Each must end on our own page, both for a person who has agreed and for a browser without a session. */
async function refusedEverywhere(client: TestClient, uris: readonly string[], more = {}) {
  for (const redirect_uri of uris)
    for (const browser of [ada, testBrowser(server)])
      await refusedOnPage(server, authorizationUrl(client, { redirect_uri, ...more }), { browser });
}

test("R1 an unregistered redirect URI is refused at the authorization endpoint despite earlier consent", async () => {
  const good = await ada.get(authorizationUrl(web, { redirect_uri: RP }));
  assert.match(good.url.href, /^https:\/\/rp\.test\/cb\?code=vkc_/);
  await refusedEverywhere(web, ["https://evil.test/cb", "https://rp.test.evil.test/cb"]);
  for (const response_mode of ["query", "fragment", "form_post", "none"])
    await refusedEverywhere(web, ["https://evil.test/cb"], { response_mode });
});

test("R1 a redirect URI registered by another client is refused", async () => {
  await refusedEverywhere(web, ["http://127.0.0.1/cb"]);
  await refusedEverywhere(pub, [RP]);
});

test("R1 redirect_uri is required when several are registered, or with openid", async () => {
  await refusedOnPage(server, authorizationUrl(web, { redirect_uri: undefined }));
  const only = await server.addClient(WEB);
  await refusedOnPage(server, authorizationUrl(only, { redirect_uri: undefined, scope: "openid" }));
  const plain = { redirect_uri: undefined, scope: "notes.read", prompt: "none" };
  await errorSent(server, authorizationUrl(only, plain), "login_required");
});

test("R2 registered redirect URIs are compared as text, not as patterns", async () => {
  const foo = await server.addClient({ ...WEB, redirect_uris: ["https://foo.example.com/cb"] });
  await refusedEverywhere(foo, [
    "https://fooaexample.com/cb",
    "https://foo.exampleXcom/cb",
    "https://foo.example.com/cbb",
    "https://foo.example.com/c",
    "https://a.foo.example.com/cb",
  ]);
  for (const uri of ["https://*.example.com/cb", "https://foo.example.com/*", "https://*/cb"])
    assert.throws(() => registered(uri), OAuthError, uri);
});

test("R4 a query string is refused unless registered, and a registered one is required", async () => {
  await refusedEverywhere(web, [
    `${RP}?x=1`,
    `${RP}?`,
    `${RP}?code=evil`,
    "https://rp.test/other",
    "https://rp.test/other?app=1&x=1",
    "https://rp.test/other?app=2",
    "https://rp.test/other?x=1&app=1",
  ]);
  await refusedEverywhere(pub, [
    "http://127.0.0.1:5000/cb?bar=foo",
    "http://127.0.0.1:5000/cb?",
    "http://[::1]:5000/cb?a",
  ]);
});

test("R5 path parameters, dot segments and encoded slashes make a different URI", async () => {
  await refusedEverywhere(web, [
    `${RP};evil=1`,
    "https://rp.test/;a/cb",
    `${RP}/`,
    `${RP}/..`,
    `${RP}/../cb`,
    "https://rp.test/./cb",
    "https://rp.test//cb",
    "https://rp.test/%2e%2e/cb",
    "https://rp.test/c%62",
    `${RP}%00`,
    `${RP}%0d%0aLocation:https://evil.test`,
    `${RP}\\..\\..\\evil`,
  ]);
});

test("R7 a fragment, even an empty one, is refused in requests and at registration", async () => {
  await refusedEverywhere(web, [`${RP}#x`, `${RP}#`, `${RP}#?code=1`, `${RP}%23`]);
  for (const uri of [`${RP}#x`, `${RP}#`, "http://127.0.0.1/cb#", "com.example.app:/cb#a"])
    assert.throws(() => registered(uri, "native"), { error: "invalid_redirect_uri" }, uri);
});

test("R8 redirect URIs are compared byte for byte: no case folding, default port or host normalization", async () => {
  await refusedEverywhere(web, [
    "https://rp.test/CB",
    "HTTPS://RP.TEST/cb",
    "https://RP.test/cb",
    "https://rp.test:443/cb",
    "https://rp.test./cb",
    "https://rp.test@evil.test/cb",
    "https://user@rp.test/cb",
    "https://evil.test#@rp.test/cb",
    "https://evil.test\\@rp.test/cb",
    "https://evil.test?@rp.test/cb",
    "https:rp.test/cb",
    "https:/rp.test/cb",
    "https:///rp.test/cb",
    "//rp.test/cb",
    "/cb",
    "http://rp.test/cb",
    " https://rp.test/cb",
    "https://rp.test/cb ",
    "https://rp.test/cb\n",
    "\thttps://rp.test/cb",
    "https://ｒｐ.test/cb",
    "https://rp.test／cb",
    "https://rp。test/cb",
  ]);
});

test("R10 on loopback only the port may vary, and the token request must repeat the exact URI", async () => {
  for (const redirect_uri of [
    "http://127.0.0.1:53712/cb",
    "http://127.0.0.1/cb",
    "http://127.0.0.1:80/cb",
    "http://[::1]:1/cb",
    "http://localhost:53712/cb",
    "http://127.0.0.1:65535/cb",
  ]) {
    const { url, code } = await authorize(server, pub, {
      browser: ada,
      parameters: { redirect_uri },
    });
    assert.equal(url.href.split("?")[0], new URL(redirect_uri).href);
    assert.match(code, /^vkc_/, redirect_uri);
  }
  const parameters = { redirect_uri: "http://127.0.0.1:53712/cb" };
  const { code } = await authorize(server, pub, { browser: ada, parameters });
  for (const redirect_uri of ["http://127.0.0.1:53713/cb", "http://127.0.0.1/cb"]) {
    const other = await refused(server, () => redeem(server, pub, code, { redirect_uri }));
    assert.equal(other.body.error, "invalid_grant");
  }
  assert.equal((await redeem(server, pub, code, parameters)).status, 200);
});

test("R10 on loopback nothing but a valid port may vary", async () => {
  await refusedEverywhere(pub, [
    "https://127.0.0.1:5000/cb",
    "http://127.0.0.2:5000/cb",
    "http://0.0.0.0:5000/cb",
    "http://127.1:5000/cb",
    "http://2130706433:5000/cb",
    "http://0x7f.0.0.1:5000/cb",
    "http://127.0.0.1.evil.test:5000/cb",
    "http://127.0.0.1:5000@evil.test/cb",
    "http://127.0.0.1:@evil.test/cb",
    "http://evil.test:5000/cb",
    "http://localhost.evil.test/cb",
    "http://LOCALHOST:5000/cb",
    "http://[::1]evil.test:5000/cb",
    "http://[::ffff:127.0.0.1]:5000/cb",
    "http://[0:0:0:0:0:0:0:1]:5000/cb",
    "http://127.0.0.1:0/cb",
    "http://127.0.0.1:05000/cb",
    "http://127.0.0.1:65536/cb",
    "http://127.0.0.1:999999/cb",
    "http://127.0.0.1:-1/cb",
    "http://127.0.0.1:5000",
    "http://127.0.0.1:5000/CB",
    "http://127.0.0.1:5000/cb/",
    "http://127.0.0.1:5000/x/../cb",
    "http://127.0.0.1:5000\\@evil.test/cb",
    "http://user@127.0.0.1:5000/cb",
  ]);
});

test("R10 127.0.0.1 and localhost differ; the port of localhost varies for native clients only", async () => {
  const literal = await server.addClient({ ...NATIVE, redirect_uris: ["http://127.0.0.1/cb"] });
  await refusedEverywhere(literal, ["http://localhost/cb", "http://localhost:5000/cb"]);
  await refusedEverywhere(literal, ["http://[::1]/cb"]);
  const site = await server.addClient({ ...WEB, redirect_uris: ["http://localhost/cb"] });
  await refusedEverywhere(site, ["http://localhost:5000/cb", "http://127.0.0.1/cb"]);
});

const NEVER = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  "javascript://rp.test/%0aalert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "DATA:text/html;base64,PHNjcmlwdD4=",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://rp.test/1",
  "filesystem:https://rp.test/1",
  "about:blank",
  "view-source:https://rp.test/cb",
  "ws://rp.test/cb",
  "wss://rp.test/cb",
  "ftp://rp.test/cb",
  "mailto:eve@evil.test",
  "intent://rp.test/#Intent;end",
  "http://rp.test/cb",
  "//rp.test/cb",
  "rp.test/cb",
  "",
];

test("R11 dangerous schemes (javascript:, data:, file:, …) cannot be registered by people or operators", async () => {
  const page = await ada.get("/account/apps?view=register");
  for (const uri of NEVER) {
    for (const application_type of ["web", "native"] as const)
      assert.throws(
        () => registered(uri, application_type),
        { error: "invalid_redirect_uri" },
        uri,
      );
    for (const kind of ["web", "native"]) {
      const before = server.count("client");
      const fields = { name: "Evil", redirect_uris: `${uri}`, kind };
      const answer = await ada.submit(page, fields, "/account/apps");
      assert.equal(answer.status, 400, uri);
      assert.equal(server.count("client"), before, uri);
    }
  }
});

test("R11 a stored redirect URI that today's rules forbid is refused", async () => {
  for (const uri of [
    ...NEVER.filter(Boolean),
    `${RP}#x`,
    "https://user@rp.test/cb",
    `${RP}?code=x`,
  ]) {
    const { record } = web;
    const metadata = { ...record.metadata, redirect_uris: [uri] };
    const old = await server.addClient(NATIVE, { metadata });
    await refusedEverywhere(old, [uri]);
    await refusedOnPage(
      server,
      authorizationUrl(old, { redirect_uri: undefined, scope: "notes.read" }),
    );
    for (const type of ["web", "native"] as const)
      assert.ok(!matchesRedirectUri(uri, [uri], type), uri);
  }
});

test("R13 prompt=none does not redirect to an unregistered URI", async () => {
  await refusedEverywhere(web, ["https://evil.test/cb"], { prompt: "none" });
  await refusedEverywhere(web, ["https://evil.test/cb"], { prompt: "none", scope: "unknown" });
  const silent = authorizationUrl(web, { redirect_uri: RP, prompt: "none" });
  await errorSent(server, silent, "login_required", { redirect_uri: RP });
});

test("R14 the redirect URI is checked before anything else", async () => {
  const wrong: [string, Record<string, string | undefined>][] = [
    ["unsupported_response_type", { response_type: "token" }],
    ["unsupported_response_type", { response_type: "code id_token" }],
    ["invalid_request", { response_type: undefined }],
    ["invalid_scope", { scope: "no.such.scope" }],
    ["invalid_request", { code_challenge: undefined }],
    ["invalid_request", { prompt: "none login" }],
    ["invalid_request", { max_age: "-1" }],
    ["invalid_target", { resource: "https://nowhere.test" }],
    ["invalid_request_object", { request: "e30.e30." }],
    ["request_uri_not_supported", { request_uri: "http://169.254.169.254/" }],
    ["registration_not_supported", { registration: "{}" }],
    ["invalid_request", { response_mode: "query.jwt" }],
  ];
  for (const [error, parameters] of wrong) {
    await refusedEverywhere(web, ["https://evil.test/cb"], parameters);
    const path = authorizationUrl(web, { redirect_uri: RP, ...parameters });
    await errorSent(server, path, error, { redirect_uri: RP });
    await errorSent(server, path, error, { redirect_uri: RP, browser: ada });
  }
});

test("R14 an unknown or disabled client gets an error page, never a redirect", async () => {
  for (const client_id of [
    "nobody",
    "",
    "client-1\u0000",
    "https://evil.test",
    "__proto__",
    "constructor",
  ])
    for (const redirect_uri of [RP, "https://evil.test/cb"])
      await refusedOnPage(server, authorizationUrl({ client_id }, { redirect_uri }));
  const off = await server.addClient(
    { ...WEB, redirect_uris: [RP] },
    { disabled_at: server.now() },
  );
  await refusedOnPage(server, authorizationUrl(off, { redirect_uri: RP }));
});

test("R16 a repeated parameter is refused, in either order, in query or body", async () => {
  const evil = "https://evil.test/cb";
  for (const pair of [
    [RP, evil],
    [evil, RP],
    [RP, RP],
  ])
    await refusedOnPage(server, authorizationUrl(web, { redirect_uri: pair }), { browser: ada });
  for (const name of ["client_id", "state", "scope", "response_type", "code_challenge", "prompt"]) {
    const path = authorizationUrl(web, { redirect_uri: RP, prompt: "consent" });
    await refusedOnPage(server, `${path}&${name}=x`, { browser: ada });
  }
  // Percent-encoded names are the same names.
  const encoded = `${authorizationUrl(web, { redirect_uri: RP })}&redirect%5Furi=${encodeURIComponent(evil)}`;
  await refusedOnPage(server, encoded, { browser: ada });
});

test("R16 a POST takes its parameters from the body only", async () => {
  const parameters = authorizationUrl(web, { redirect_uri: RP }).split("?")[1] ?? "";
  const evil = `redirect_uri=${encodeURIComponent("https://evil.test/cb")}`;
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  for (const [query, body] of [
    [evil, parameters],
    [parameters, evil],
    [parameters, parameters],
    [parameters, ""],
    ["x=1", parameters],
    ["", `${parameters}&${evil}`],
    ["", `${evil}&${parameters}`],
  ])
    await refusedOnPage(server, `/authorize?${query}`, {
      init: { method: "POST", headers, body: body ?? "" },
    });
});

test("R17 a crafted redirect URI is refused in linear time", async () => {
  const crafted = (n: number): string[] => [
    `https://rp.test/${"a".repeat(n)}`,
    `http://${":".repeat(n)}`,
    `http://[${":".repeat(n)}`,
    `http://127.0.0.1:${"1".repeat(n)}/cb`,
    `https://${"a.".repeat(n / 2)}test/cb`,
    `https://${"@".repeat(n)}`,
    `http://127.0.0.1/cb${"?".repeat(n)}`,
    `${"%".repeat(n)}`,
  ];
  const work = (size: number): void => {
    for (const uri of crafted(size)) {
      assert.throws(() => registered(uri, "native"), OAuthError);
      assert.equal(matchesRedirectUri(uri, ["http://127.0.0.1/cb"], "native"), false);
    }
  };
  await assertLinearTime(work, { size: 100_000 });
  for (const uri of crafted(4000))
    await refusedOnPage(server, authorizationUrl(web, { redirect_uri: uri }));
  for (const uri of crafted(20_000)) {
    const body = new URLSearchParams(authorizationUrl(web, { redirect_uri: uri }).split("?")[1]);
    await refusedOnPage(server, "/authorize", { init: { method: "POST", body } });
  }
});

test("R19 native apps may register dotted private-use schemes; short ones need the operator's permission", async () => {
  const own = { application_type: "native", short_schemes: [] } as const;
  const operator = { application_type: "native", short_schemes: "any" } as const;
  checkRedirectUri("com.example.app:/cb", own);
  for (const uri of ["cursor://x/cb", "vscode://x/cb", "myapp:/cb", "myapp://cb"]) {
    assert.throws(() => checkRedirectUri(uri, own), { error: "invalid_redirect_uri" }, uri);
    checkRedirectUri(uri, operator);
    checkRedirectUri(uri, { ...own, short_schemes: [uri.split(":")[0] ?? ""] });
  }
  for (const uri of ["com.example.app:/cb", "cursor://x/cb", "myapp:/cb"])
    assert.throws(() => registered(uri, "web"), { error: "invalid_redirect_uri" }, uri);
});

test("R19 a client with a private-use scheme needs consent every time; its URI is compared byte for byte", async () => {
  const redirect_uri = "com.example.app:/cb";
  const app = await server.addClient({ ...NATIVE, redirect_uris: [redirect_uri] });
  for (let time = 0; time < 2; time += 1) {
    const page = await ada.get(authorizationUrl(app, { redirect_uri }));
    assert.equal(page.url.pathname, "/consent", "consent is never skipped");
    const back = await ada.submit(page, { decision: "allow" }, "/consent");
    assert.match(back.url.href, /^com\.example\.app:\/cb\?code=vkc_/);
  }
  await refusedEverywhere(app, [
    "com.example.app:/cb/x",
    "com.example.app://cb",
    "com.example.app:cb",
    "COM.example.app:/cb",
    "com.example.app.evil:/cb",
  ]);
});

function registered(uri: string, application_type: "web" | "native" = "web"): void {
  checkRedirectUri(uri, { application_type, short_schemes: "any" });
}
