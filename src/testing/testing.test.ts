import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import {
  type IssuerOptions,
  startIssuer,
  type TestClient,
  type TestIssuer,
  type WebAuth,
} from "./testing.ts";

const CALLBACK = "http://localhost:3000/callback";
const API = "http://localhost:3000/photos";
const SECRET = "a secret that the test has chosen";
const APP = {
  client_id: "app",
  client_secret: SECRET,
  redirect_uris: [CALLBACK],
  grant_types: ["authorization_code", "refresh_token"],
};
const start = (options: IssuerOptions = {}) => startIssuer({ clients: [APP], ...options });

const LOOSE = { [oauth.allowInsecureRequests]: true };
const CLIENT: oauth.Client = { client_id: "app" };
const AUTH = oauth.ClientSecretBasic(SECRET);
const VERIFIER = "x".repeat(43);

async function metadataOf({ issuer }: TestIssuer): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, LOOSE));
}

async function authorizeUrl(as: oauth.AuthorizationServer, parameters: object = {}): Promise<URL> {
  const url = new URL(as.authorization_endpoint ?? "");
  url.search = new URLSearchParams({
    ...{ client_id: "app", response_type: "code", redirect_uri: CALLBACK, state: "s" },
    ...{ scope: "openid email offline_access", code_challenge_method: "S256" },
    ...{ code_challenge: await oauth.calculatePKCECodeChallenge(VERIFIER), ...parameters },
  }).toString();
  return url;
}

/** What a browser does: one request, without following. */
async function ask(url: URL, init: RequestInit = {}): Promise<{ response: Response; back: URL }> {
  const response = await fetch(url, { redirect: "manual", ...init });
  return { response, back: new URL(response.headers.get("location") ?? "about:blank", url) };
}

async function redeem(as: oauth.AuthorizationServer, back: URL, state = "s") {
  const parameters = oauth.validateAuthResponse(as, CLIENT, back, state);
  const request = [as, CLIENT, AUTH, parameters, CALLBACK, VERIFIER, LOOSE] as const;
  const response = await oauth.authorizationCodeGrantRequest(...request);
  return oauth.processAuthorizationCodeResponse(as, CLIENT, response);
}

async function signedIn(issuer: TestIssuer, parameters: object = {}) {
  const as = await metadataOf(issuer);
  const { back } = await ask(await authorizeUrl(as, parameters));
  return { as, tokens: await redeem(as, back) };
}

const post = (issuer: TestIssuer, path: string, fields: Record<string, string>) =>
  fetch(issuer.issuer + path, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`app:${SECRET.replaceAll(" ", "+")}`)}` },
    body: new URLSearchParams(fields),
  });

const refresh = (issuer: TestIssuer, refresh_token = "") =>
  post(issuer, "/token", { grant_type: "refresh_token", refresh_token });

const userinfo = (issuer: TestIssuer, token: string) =>
  fetch(`${issuer.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });

test("a sign-in needs no page: the first person is signed in and agrees", async () => {
  await using issuer = await start();
  const { as, tokens } = await signedIn(issuer);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  const user = await userinfo(issuer, tokens.access_token);
  const { sub, email, email_verified } = JSON.parse(await user.text());
  assert.deepEqual([sub, email, email_verified], [claims?.sub, "ada@example.com", true]);
  const renewed = await refresh(issuer, tokens.refresh_token);
  assert.equal(renewed.status, 200);
  const key = createRemoteJWKSet(new URL(as.jwks_uri ?? ""));
  const expected = { issuer: issuer.issuer, audience: "app" };
  assert.ok(await jwtVerify(tokens.id_token ?? "", key, expected));
});

test("the request names the person, and the browser stays signed in", async () => {
  const users = [{ username: "ada" }, { username: "b&b", claims: { email: "bob@example.com" } }];
  await using issuer = await start({ users });
  const as = await metadataOf(issuer);
  const { response, back } = await ask(await authorizeUrl(as, { login_hint: "b&b" }));
  const { access_token } = await redeem(as, back);
  const user = JSON.parse(await (await userinfo(issuer, access_token)).text());
  assert.deepEqual([user.email, user.email_verified], ["bob@example.com", undefined]);
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  const silent = await authorizeUrl(as, { prompt: "none" });
  const again = await ask(silent, { headers: { cookie: cookie.join("; ") } });
  const claims = oauth.getValidatedIdTokenClaims(await redeem(as, again.back));
  assert.equal(claims?.sub, user.sub);
  assert.equal((await ask(silent)).back.searchParams.get("error"), "login_required");
});

test("people can be asked again, and can choose among their accounts", async () => {
  await using issuer = await start();
  const as = await metadataOf(issuer);
  const { response } = await ask(await authorizeUrl(as));
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  for (const prompt of ["login", "consent", "select_account"]) {
    const headers = { cookie: cookie.join("; ") };
    const { back } = await ask(await authorizeUrl(as, { prompt }), { headers });
    assert.ok((await redeem(as, back)).access_token, prompt);
  }
});

test("deny: the app gets access_denied", async () => {
  await using issuer = await start({ people: "deny" });
  const { back } = await ask(await authorizeUrl(await metadataOf(issuer)));
  assert.deepEqual(
    [back.origin + back.pathname, back.searchParams.get("error"), back.searchParams.get("state")],
    [CALLBACK, "access_denied", "s"],
  );
});

test("ask: the browser gets the sign-in page, and the password works there", async () => {
  await using issuer = await start({ people: "ask" });
  const { response, back } = await ask(await authorizeUrl(await metadataOf(issuer)));
  assert.deepEqual([response.status, back.pathname], [303, "/sign-in"]);
  const { testBrowser } = await import("./browser.ts");
  const browser = testBrowser((request) => fetch(request));
  const page = await browser.get(new URL("/sign-in", issuer.issuer));
  const wrong = await browser.submit(page, "/sign-in", { username: "ada", password: "wrong" });
  assert.equal(wrong.status, 401);
  const right = { username: "ada", password: issuer.password };
  assert.equal((await browser.submit(page, "/sign-in", right)).status, 303);
});

test("a device is connected as soon as it has asked", async () => {
  const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
  const clients = [{ ...APP, grant_types: [grant_type, "refresh_token"], response_types: [] }];
  for (const people of ["approve", "deny"] as const) {
    await using issuer = await start({ clients, people });
    const asked = await post(issuer, "/device_authorization", { scope: "openid" });
    const { device_code } = JSON.parse(await asked.text());
    const answered = await post(issuer, "/token", { grant_type, device_code });
    const { access_token, error } = JSON.parse(await answered.text());
    assert.deepEqual(
      [access_token !== undefined, error],
      people === "approve" ? [true, undefined] : [false, "access_denied"],
    );
  }
});

test("an app in the browser gets its answer by form_post", async () => {
  await using issuer = await start();
  const asked = await authorizeUrl(await metadataOf(issuer), { response_mode: "form_post" });
  const { response } = await ask(asked);
  assert.equal(response.status, 200);
  const page = await response.text();
  assert.match(page, /action="http:\/\/localhost:3000\/callback"/);
  assert.match(page, /name="code" value="vkc_/);
});

const MISTAKES: [name: string, parameters: object, error: string | null][] = [
  ["another redirect URI", { redirect_uri: "http://localhost:3000/other" }, null],
  ["an unknown client", { client_id: "somebody" }, null],
  ["no PKCE", { code_challenge: "" }, "invalid_request"],
  ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
  ["an unknown scope only", { scope: "photos.read" }, "invalid_scope"],
  ["an unknown API", { resource: "http://localhost:9/api" }, "invalid_target"],
  ["an unknown response type", { response_type: "token" }, "unsupported_response_type"],
];

for (const [name, parameters, error] of MISTAKES)
  test(`it refuses what mocks accept: ${name}`, async () => {
    await using issuer = await start();
    const asked = await ask(await authorizeUrl(await metadataOf(issuer), parameters));
    if (error === null) assert.ok(asked.response.status >= 400, String(asked.response.status));
    else assert.equal(asked.back.searchParams.get("error"), error);
  });

test("it refuses a second use of a code, another verifier, and a wrong secret", async () => {
  await using issuer = await start();
  const as = await metadataOf(issuer);
  const { back } = await ask(await authorizeUrl(as));
  await redeem(as, back);
  await assert.rejects(redeem(as, back), { error: "invalid_grant" });
  const code = new URL((await ask(await authorizeUrl(as))).back).searchParams.get("code") ?? "";
  const fields = { grant_type: "authorization_code", code, redirect_uri: CALLBACK };
  const other = await post(issuer, "/token", { ...fields, code_verifier: "y".repeat(43) });
  assert.deepEqual([other.status, JSON.parse(await other.text()).error], [400, "invalid_grant"]);
  const body = new URLSearchParams({ client_id: "app", client_secret: "guess", ...fields });
  const wrong = await fetch(`${issuer.issuer}/token`, { method: "POST", body });
  assert.deepEqual([wrong.status, JSON.parse(await wrong.text()).error], [401, "invalid_client"]);
});

test("metadata that the server refuses, and names that are there twice, are errors", async () => {
  const start = (options: IssuerOptions) => startIssuer(options);
  await assert.rejects(start({ clients: [{ redirect_uris: ["nowhere"] }] }), /redirect_uri is not/);
  await assert.rejects(start({ clients: [APP, APP] }), /the id app is taken/);
  await assert.rejects(start({ users: [{ username: "ada" }, { username: "Ada" }] }), /Ada .*twice/);
  const wrong = { lifetime: {} } as object;
  await assert.rejects(start({ config: wrong }), /lifetime.*did you mean lifetimes/);
});

test("a client can be added when the port of its app is known", async () => {
  await using issuer = await startIssuer();
  const added = await issuer.addClient({
    client_id: "app",
    client_secret: SECRET,
    redirect_uris: [CALLBACK],
  });
  assert.deepEqual(issuer.clients, [added]);
  assert.deepEqual([added.client_id, added.client_secret], ["app", SECRET]);
  assert.ok((await signedIn(issuer)).tokens.id_token);
  await assert.rejects(issuer.addClient({ client_id: "app", redirect_uris: [CALLBACK] }), /taken/);
  const random = await issuer.addClient({ redirect_uris: [CALLBACK] });
  assert.match(random.client_secret ?? "", /^vks_/);
});

test("clients may do what `valetkey client add` gives to their like", async () => {
  await using issuer = await startIssuer({ config: { resources: { [API]: { name: "Photos" } } } });
  const granted = async (client: TestClient) => {
    const { grant_types, response_types } = await issuer.addClient(client);
    return [...grant_types, ...response_types];
  };
  const redirect_uris = [CALLBACK];
  assert.deepEqual(await granted({ redirect_uris }), [
    ...["authorization_code", "refresh_token", "code"],
  ]);
  assert.deepEqual(await granted({ redirect_uris, grant_types: ["authorization_code"] }), [
    ...["authorization_code", "code"],
  ]);
  assert.deepEqual(await granted({}), ["client_credentials"]);
  assert.deepEqual(await granted({ resource: API }), []);
});

test("it listens on loopback only", async () => {
  await using issuer = await startIssuer();
  const url = new URL(issuer.issuer);
  assert.equal(url.hostname, "127.0.0.1");
  // The whole block 127.0.0.0/8 leads to this computer, so a listener on all addresses would answer.
  url.hostname = "127.0.0.2";
  await assert.rejects(fetch(new URL("/jwks", url)), TypeError);
});

test("a token for an API is one that the issuer makes", async () => {
  await using issuer = await start();
  const token = await issuer.tokenFor("ada", { audience: API, scope: "photos.read photos.write" });
  const key = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`));
  const { payload, protectedHeader } = await jwtVerify(token, key, {
    ...{ issuer: issuer.issuer, audience: API, typ: "at+jwt" },
  });
  assert.equal(protectedHeader.alg, "ES256");
  assert.deepEqual(
    [payload.scope, payload.client_id, Number(payload.exp) - Number(payload.iat)],
    ["photos.read photos.write", "valetkey-testing", 600],
  );
  const many = await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      issuer.tokenFor("ada", { audience: API, scope: `photos.${i}` }),
    ),
  );
  assert.equal(new Set(many.map((each) => decodeJwt(each).jti)).size, 30);
  const { sub } = decodeJwt(await issuer.tokenFor("ada", { audience: `${API}/other` }));
  assert.equal(sub, payload.sub);
  await assert.rejects(issuer.tokenFor("bob", { audience: API }), /bob is none of the users: ada/);
});

test("tokens last as long as a test wants", async () => {
  await using issuer = await start();
  const lifeOf = async (expiresIn: number) => {
    const { exp, iat } = decodeJwt(await issuer.tokenFor("ada", { audience: API, expiresIn }));
    assert.ok(exp !== undefined && iat !== undefined && iat < exp);
    return Math.round(exp - Date.now() / 1000);
  };
  assert.ok(Math.abs((await lifeOf(86_400)) - 86_400) < 3);
  assert.ok(Math.abs((await lifeOf(-60)) + 60) < 3);
});

test("an API that is configured looks into tokens, for as long as they last", async () => {
  const config = {
    scopes: { "photos.read": "See your photos" },
    resources: {
      [API]: { name: "Photos", scopes: ["photos.read"], access_token: "opaque" as const },
    },
  };
  const clients = [APP, { client_id: "api", client_secret: SECRET, resource: API }];
  await using issuer = await start({ config, clients });
  const many = await Promise.all(
    ["photos.read", ""].map((scope) =>
      issuer.tokenFor("ada", { audience: API, scope, expiresIn: 86_400 }),
    ),
  );
  const introspect = async (token: string) => {
    const headers = { authorization: `Basic ${btoa(`api:${SECRET.replaceAll(" ", "+")}`)}` };
    const body = new URLSearchParams({ token });
    const answered = await fetch(`${issuer.issuer}/introspect`, { method: "POST", headers, body });
    return JSON.parse(await answered.text());
  };
  for (const token of many) assert.match(token, /^vka_/);
  assert.deepEqual(
    (await Promise.all(many.map(introspect))).map(({ active, scope }) => [active, scope]),
    [
      [true, "photos.read"],
      [true, undefined],
    ],
  );
  issuer.clock.advance(86_000);
  assert.equal((await introspect(many[0] ?? "")).active, true);
  issuer.clock.advance(500);
  assert.equal((await introspect(many[0] ?? "")).active, false);
});

test("requests are noted, without what the test itself does", async () => {
  await using issuer = await start();
  await issuer.tokenFor("ada", { audience: API });
  await signedIn(issuer);
  assert.deepEqual(issuer.requests, [
    { method: "GET", path: "/.well-known/openid-configuration" },
    { method: "GET", path: "/authorize" },
    { method: "POST", path: "/token" },
  ]);
});

test("time passes when the test says so", async () => {
  await using issuer = await start();
  const { tokens } = await signedIn(issuer);
  assert.equal((await userinfo(issuer, tokens.access_token)).status, 200);
  issuer.clock.advance(601);
  assert.equal((await userinfo(issuer, tokens.access_token)).status, 401);
  assert.equal((await refresh(issuer, tokens.refresh_token)).status, 200);
});

test("time passes for the app and the API in this process too, until the issuer is closed", async () => {
  const real = Date;
  const began = performance.now() - Date.now();
  const drift = () => Math.round((performance.now() - Date.now() - began) / -1000);
  const one = await start();
  const other = await start();
  const token = await one.tokenFor("ada", { audience: API });
  const key = createRemoteJWKSet(new URL(`${one.issuer}/jwks`));
  assert.ok(await jwtVerify(token, key));
  one.clock.advance(3600);
  await assert.rejects(jwtVerify(token, key), { code: "ERR_JWT_EXPIRED" });
  assert.ok(await jwtVerify(await one.tokenFor("ada", { audience: API }), key));
  assert.equal(drift(), 3600);
  assert.ok(Math.abs(Date.parse(new Date().toISOString()) - Date.now()) < 1000);
  assert.equal(Date().slice(0, 15), new Date(Date.now()).toString().slice(0, 15));
  assert.ok(new Date(0) instanceof Date && new Date(0) instanceof real);
  assert.equal(new Date(2026, 10, 30).getMonth(), 10);
  assert.equal(Date.UTC(1970, 0), 0);
  other.clock.advance(60);
  assert.equal(drift(), 3660);
  await one.close();
  await one.close();
  assert.equal(drift(), 60);
  await other.close();
  assert.equal(Date, real);
  // A test runner that took its own clock back has taken this one with it.
  await using third = await start();
  third.clock.advance(60);
  globalThis.Date = real;
  third.clock.advance(60);
  assert.equal(drift(), 120);
});

test("revoke ends what one person has, and a new sign-in works at once", async () => {
  await using issuer = await start({ users: [{ username: "ada" }, { username: "bob" }] });
  const { tokens: ada } = await signedIn(issuer, { login_hint: "ada" });
  const { tokens: bob } = await signedIn(issuer, { login_hint: "bob" });
  issuer.fault.revoke("ada");
  const statuses = async () => [
    (await userinfo(issuer, ada.access_token)).status,
    (await refresh(issuer, ada.refresh_token)).status,
    (await userinfo(issuer, bob.access_token)).status,
  ];
  assert.deepEqual(await statuses(), [401, 400, 200]);
  const { tokens } = await signedIn(issuer, { login_hint: "ada" });
  assert.equal((await userinfo(issuer, tokens.access_token)).status, 200);
  assert.throws(() => issuer.fault.revoke("eve"), /eve is none of the users/);
});

test("expireAll ends everything, sessions in browsers included", async () => {
  const clients = [{ ...APP, grant_types: [...APP.grant_types, "client_credentials"] }];
  const config = {
    scopes: { "photos.read": "See your photos" },
    resources: { [API]: { name: "Photos", scopes: ["photos.read"] } },
  };
  await using issuer = await start({ clients, config });
  const as = await metadataOf(issuer);
  const { response, back } = await ask(await authorizeUrl(as));
  const tokens = await redeem(as, back);
  const own = await post(issuer, "/token", { grant_type: "client_credentials" });
  const { access_token } = JSON.parse(await own.text());
  const isActive = async (token: string) =>
    JSON.parse(await (await post(issuer, "/introspect", { token })).text()).active;
  assert.equal(await isActive(access_token), true);
  issuer.fault.expireAll();
  assert.equal((await userinfo(issuer, tokens.access_token)).status, 401);
  assert.equal((await refresh(issuer, tokens.refresh_token)).status, 400);
  assert.equal(await isActive(access_token), false);
  const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]);
  const silent = await authorizeUrl(as, { prompt: "none" });
  const again = await ask(silent, { headers: { cookie: cookie.join("; ") } });
  assert.equal(again.back.searchParams.get("error"), "login_required");
});

/** The names that the issuer lists as ended, and the second of each. */
async function endedAt({ issuer }: TestIssuer): Promise<Map<string, number>> {
  const answered = await fetch(`${issuer}/ended?after=0`);
  const { after, ended } = JSON.parse(await answered.text());
  return new Map(
    ended.flatMap(([second, joined]: [number, string]) => {
      const bytes = Buffer.from(joined, "base64url");
      const count = bytes.length / 8;
      return Array.from({ length: count }, (_, i) => [
        bytes.toString("hex", i * 8, i * 8 + 8),
        after + second,
      ]);
    }),
  );
}

const nameOf = (text: string): string =>
  createHash("sha256").update(text).digest("hex").slice(0, 16);

test("APIs hear of what has ended, and accept the tokens that come after it", async () => {
  await using issuer = await start();
  const claims = async () => decodeJwt(await issuer.tokenFor("ada", { audience: API }));
  for (const end of [() => issuer.fault.revoke("ada"), () => issuer.fault.expireAll()]) {
    const before = await claims();
    end();
    let listed = await endedAt(issuer);
    for (let tries = 0; tries < 50 && !listed.has(nameOf(`g:${before.grant_id}`)); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      listed = await endedAt(issuer);
    }
    assert.ok(listed.has(nameOf(`g:${before.grant_id}`)));
    const after = await claims();
    assert.ok(!listed.has(nameOf(`g:${after.grant_id}`)));
    const ended = listed.get(nameOf(`c:${after.client_id}`));
    assert.ok(ended === undefined || Number(after.iat) >= ended + 5);
  }
  assert.ok((await endedAt(issuer)).has(nameOf("c:app")));
});

test("rotateKeys: new tokens have another key, and old ones still verify", async () => {
  await using issuer = await start();
  const before = await issuer.tokenFor("ada", { audience: API });
  issuer.fault.rotateKeys();
  const after = await issuer.tokenFor("ada", { audience: API });
  assert.notEqual(decodeProtectedHeader(after).kid, decodeProtectedHeader(before).kid);
  const key = createRemoteJWKSet(new URL(`${issuer.issuer}/jwks`));
  for (const token of [before, after]) assert.ok(await jwtVerify(token, key));
});

test("all issuers have the same keys at first, and different secrets", async () => {
  await using one = await start();
  await using other = await start();
  const kids = async ({ issuer }: TestIssuer) =>
    JSON.parse(await (await fetch(`${issuer}/jwks`)).text()).keys.map((key: oauth.JWK) => key.kid);
  const first = await kids(one);
  assert.equal(first.length, 4);
  assert.deepEqual(await kids(other), first);
  // The server has a job that makes keys which are missing.
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(await kids(one), first);
  const { tokens } = await signedIn(one);
  assert.equal((await refresh(other, tokens.refresh_token)).status, 400);
  assert.equal((await userinfo(other, tokens.access_token)).status, 401);
});

test("slow: each answer waits", async () => {
  await using issuer = await start();
  issuer.fault.slow(150);
  const began = performance.now();
  await fetch(`${issuer.issuer}/jwks`);
  assert.ok(performance.now() - began >= 140);
  issuer.fault.slow(0);
});

test("fail: a path answers with a status, as often as asked for", async () => {
  await using issuer = await start();
  const statuses = async (count: number) => {
    const all: number[] = [];
    for (let i = 0; i < count; i += 1) all.push((await fetch(`${issuer.issuer}/jwks`)).status);
    return all;
  };
  issuer.fault.fail("/jwks", 503);
  assert.deepEqual(await statuses(2), [503, 200]);
  issuer.fault.fail("/jwks", 500, 2);
  assert.deepEqual(await statuses(3), [500, 500, 200]);
  issuer.fault.fail("/jwks", 500, Number.POSITIVE_INFINITY);
  assert.deepEqual(await statuses(3), [500, 500, 500]);
  issuer.fault.fail("/jwks", 500, 0);
  assert.deepEqual(await statuses(1), [200]);
});

test("a fault is for a path", async () => {
  await using issuer = await start();
  for (const path of ["token", `${issuer.issuer}/token`, "/token?a=b"]) {
    assert.throws(() => issuer.fault.fail(path, 500), /is no path below the issuer/);
    assert.throws(() => issuer.fault.loseAnswer(path), /is no path below the issuer/);
  }
});

test("loseAnswer: the request counts, and its answer never arrives", async () => {
  await using issuer = await start();
  const { tokens } = await signedIn(issuer);
  issuer.fault.loseAnswer("/token");
  await assert.rejects(refresh(issuer, tokens.refresh_token), TypeError);
  // The same token once more: the server forgives a lost answer.
  assert.equal((await refresh(issuer, tokens.refresh_token)).status, 200);
  assert.equal(issuer.requests.filter(({ path }) => path === "/token").length, 3);
  issuer.fault.loseAnswer("/authorize");
  await assert.rejects(ask(await authorizeUrl(await metadataOf(issuer))), TypeError);
});

test("signIn: a browser holds the person's session", async () => {
  await using issuer = await start({ people: "ask" });
  const cookies: { name: string; value: string; url: string }[] = [];
  const page = {
    context: () => ({
      async addCookies(added: readonly (typeof cookies)[number][]) {
        cookies.push(...added);
      },
    }),
  };
  await issuer.signIn(page, "ada");
  assert.ok(cookies.length > 0 && cookies.every(({ url }) => url === issuer.issuer));
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  const url = await authorizeUrl(await metadataOf(issuer));
  assert.equal((await ask(url, { headers: { cookie } })).back.pathname, "/consent");
  await assert.rejects(issuer.signIn(page, "bob"), /bob is none of the users/);
  const { testBrowser } = await import("./browser.ts");
  const guess = testBrowser((request) => fetch(request));
  for (let tries = 0; tries < 5; tries += 1) {
    const form = await guess.get(new URL("/sign-in", issuer.issuer));
    await guess.submit(form, "/sign-in", { username: "ada", password: "wrong" });
  }
  await assert.rejects(issuer.signIn(page, "ada"), /sign-in answered 429/);
});

/** An app that keeps the state of a sign-in and its session in cookies. */
function appOf(issuer: TestIssuer): WebAuth {
  return {
    async login(request) {
      const url = await authorizeUrl(await metadataOf(issuer));
      url.searchParams.set("redirect_uri", new URL("/callback", request.url).href);
      const headers = { location: url.href, "set-cookie": "state=s; Path=/" };
      return new Response(null, { status: 303, headers });
    },
    async handle(request) {
      assert.equal(request.headers.get("cookie"), "state=s");
      const tokens = await redeem(await metadataOf(issuer), new URL(request.url));
      const headers = new Headers({ location: "/" });
      headers.append("set-cookie", "state=; Max-Age=0");
      headers.append("set-cookie", `session=${tokens.access_token}`);
      return new Response(null, { status: 303, headers });
    },
  };
}

test("cookieFor: the cookie of an app, from a whole sign-in, whatever people else do", async () => {
  const users = [{ username: "ada" }, { username: "bob", claims: { email: "bob@example.com" } }];
  await using issuer = await start({ users, people: "deny" });
  const cookie = await issuer.cookieFor(appOf(issuer), "bob");
  const [, token = ""] = /^session=(.*)$/.exec(cookie) ?? [];
  const user = JSON.parse(await (await userinfo(issuer, token)).text());
  assert.equal(user.email, "bob@example.com");
  await assert.rejects(issuer.cookieFor(appOf(issuer), "eve"), /eve is none of the users/);
});

test("callbackFor: one person opens an authorization URL, whatever people else do", async () => {
  const users = [{ username: "ada" }, { username: "bob" }];
  for (const people of ["approve", "deny", "ask"] as const) {
    await using issuer = await start({ users, people });
    const as = await metadataOf(issuer);
    const url = await authorizeUrl(as);
    for (const each of [url, url.href]) {
      const tokens = await redeem(as, await issuer.callbackFor(each, "bob"));
      assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, issuer.subOf("bob"));
    }
  }
});

test("callbackFor: a new browser each time, and an error is a callback, too", async () => {
  await using issuer = await start();
  const as = await metadataOf(issuer);
  await issuer.callbackFor(await authorizeUrl(as), "ada");
  const silent = await issuer.callbackFor(await authorizeUrl(as, { prompt: "none" }), "ada");
  assert.equal(silent.searchParams.get("error"), "login_required");
  const stranger = await authorizeUrl(as, { client_id: "somebody" });
  await assert.rejects(issuer.callbackFor(stranger, "ada"), /sign-in answered 400: [\s\S]*html/);
  await assert.rejects(issuer.callbackFor(silent, "eve"), /eve is none of the users: ada/);
});

test("subOf: the subject of a person", async () => {
  await using issuer = await start({ users: [{ username: "ada" }, { username: "bob" }] });
  for (const username of ["ada", "bob"]) {
    const { sub } = decodeJwt(await issuer.tokenFor(username, { audience: API }));
    assert.equal(issuer.subOf(username), sub);
  }
  assert.notEqual(issuer.subOf("ada"), issuer.subOf("bob"));
  assert.throws(() => issuer.subOf("eve"), /eve is none of the users/);
});

test("cookieFor says why an app signs nobody in", async () => {
  await using issuer = await start();
  const refusing = {
    ...appOf(issuer),
    handle: async () => new Response("broken", { status: 500 }),
  };
  await assert.rejects(issuer.cookieFor(refusing, "ada"), /callback answered 500: broken/);
  const asking: WebAuth = {
    ...appOf(issuer),
    async login() {
      const url = await authorizeUrl(await metadataOf(issuer), { client_id: "somebody" });
      return new Response(null, { status: 303, headers: { location: url.href } });
    },
  };
  await assert.rejects(issuer.cookieFor(asking, "ada"), /sign-in answered 400/);
});

test("many issuers run at once, and none is left behind", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => start()));
  assert.equal(new Set(all.map(({ issuer }) => issuer)).size, 20);
  await Promise.all(all.map((issuer) => issuer.close()));
  for (const { issuer } of all) await assert.rejects(fetch(`${issuer}/jwks`), TypeError);
});
