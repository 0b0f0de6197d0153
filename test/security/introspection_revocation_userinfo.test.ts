/** Attacks on introspection, revocation and userinfo: probing, ineffective revocation, reading another's data. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { DatabaseUnavailable } from "../../src/store/sql/driver.ts";
import { type TestBrowser, testBrowser } from "../support/browser.ts";
import {
  authorize,
  basic,
  introspect,
  lastingHeaders,
  post,
  redeem,
  refresh,
  tokensFor,
} from "../support/flow.ts";
import {
  CONFIG,
  ISSUER,
  NATIVE,
  PASSWORD,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";
import {
  INVALID_CLIENT,
  INVALID_GRANT,
  INVALID_REQUEST,
  refused,
  refusedAs,
} from "./assertions.ts";
import { failingStore, SECRET } from "./failing_store.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const METHOD = { token_endpoint_auth_method: "client_secret_basic" } as const;
const INACTIVE = '{"active":false}';
const EVERYTHING = "openid profile email offline_access photos.read photos.write prints.order";

let server: WatchedServer;
let web: TestClient;
let other: TestClient;
let pub: TestClient;
/** The credentials of two APIs. */
let snaps: TestClient;
let prints: TestClient;
let ada: TestBrowser;
let sub: string;

before(async () => {
  server = await watchedServer();
  sub = await server.addUser("ada", { claims: { name: "Ada Lovelace", email: "ada@mail.test" } });
  web = await server.addClient(WEB);
  other = await server.addClient({ ...WEB, client_name: "Other" });
  pub = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  snaps = await server.addClient({ ...SERVICE, client_name: "Snaps" }, { resource: SNAPS });
  prints = await server.addClient({ ...SERVICE, client_name: "Prints" }, { resource: PRINTS });
  ({ browser: ada } = await authorize(server, web, { parameters: { scope: EVERYTHING } }));
});
after(() => server.close());

async function tokens(
  client = web,
  scope = "openid photos.read",
  parameters: Record<string, string> = {},
) {
  const { code } = await authorize(server, client, { browser: ada, parameters: { scope } });
  const { status, body } = await redeem(server, client, code, parameters);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

async function raw(client: TestClient, token: string, more: Record<string, string> = {}) {
  const headers = { authorization: basic(client) };
  const body = new URLSearchParams({ token, ...more });
  const response = await server.fetch(
    new Request(`${ISSUER}/introspect`, { method: "POST", headers, body }),
  );
  return {
    status: response.status,
    headers: lastingHeaders(response),
    text: await response.text(),
  };
}

async function userinfo(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  return server.fetch(new Request(`${ISSUER}/userinfo`, { headers }));
}

test("I1 introspection requires client authentication", async () => {
  const { access_token: token } = await tokens();
  const wrong = { ...web, client_secret: "wrong" };
  for (const client of [wrong, pub])
    await refusedAs(server, () => post(server, "/introspect", { client, token }), INVALID_CLIENT);
  await refusedAs(server, () => post(server, "/introspect", { token }), INVALID_CLIENT);
  await refusedAs(server, () => post(server, "/introspect", { client: web }), INVALID_REQUEST);
  const twice = { client: web, token: [token, token] };
  await refusedAs(server, () => post(server, "/introspect", twice), INVALID_REQUEST);
});

/** Well-formed and for the right grant, but forged. */
const forged = (handle: string): string =>
  `${handle.slice(0, -1)}${handle.endsWith("A") ? "B" : "A"}`;

test("I2 introspection answers identically for every token that is invalid or belongs to others", async () => {
  const own = await tokens();
  const revoked = await tokens();
  await post(server, "/revoke", { client: web, token: revoked.refresh_token });
  const theirs = await tokens(other);
  const native = await tokens(pub);
  const rotated = await refresh(server, pub, native.refresh_token);
  await refresh(server, pub, rotated.body.refresh_token);
  const { code } = await authorize(server, web, { browser: ada });
  const expired = await tokens(web, "openid");
  server.advance(600);
  const bad = [
    "",
    "x",
    "unknown",
    expired.access_token,
    own.access_token,
    own.id_token,
    code,
    revoked.access_token,
    revoked.refresh_token,
    theirs.refresh_token,
    theirs.access_token,
    native.refresh_token,
    rotated.body.refresh_token,
    `${own.refresh_token}x`,
    forged(own.refresh_token),
    forged(code).replace("vkc_", "vkr_"),
    own.refresh_token.replace("vkr_", "vkc_"),
    "vka_x",
    "a.b.c",
    "é😀",
    "\u0000",
    "x".repeat(60_000),
    "__proto__",
  ].filter(Boolean);
  const answers = new Set<string>();
  for (const token of bad) answers.add(JSON.stringify(await raw(web, token)));
  assert.equal(answers.size, 1);
  const [answer = ""] = answers;
  const { status, headers, text } = JSON.parse(answer);
  assert.deepEqual([status, text], [200, INACTIVE]);
  assert.equal(Object.fromEntries(headers)["cache-control"], "no-store");
  assert.equal(
    (await introspect(server, web, own.refresh_token)).active,
    true,
    "the caller's own refresh token is active",
  );
});

test("I2 introspection shows a client or API nothing about the tokens of others", async () => {
  const { access_token, refresh_token } = await tokens(web, EVERYTHING, { resource: SNAPS });
  for (const token of [access_token, refresh_token])
    for (const stranger of [other, prints])
      assert.equal((await raw(stranger, token)).text, INACTIVE);
  assert.equal((await raw(snaps, refresh_token)).text, INACTIVE, "an API sees no refresh token");
});

test("I2 after a public client becomes confidential, its old refresh token is inactive and the newest active", async () => {
  const native = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const first = await tokens(native);
  const second = await refresh(server, native, first.refresh_token);
  const third = await refresh(server, native, second.body.refresh_token);
  const { secrets } = web.record;
  const metadata = { ...native.record.metadata, ...METHOD };
  const record = { ...native.record, metadata, secrets };
  assert.ok(await server.server.store.updateClient(record, { before: native.record }));
  const client = { ...native, record, client_secret: web.client_secret };
  assert.equal((await raw(client, first.refresh_token)).text, INACTIVE);
  assert.equal((await introspect(server, client, third.body.refresh_token)).active, true);
});

test("I2 an API sees its own audience and scopes of a token only", async () => {
  const { access_token } = await tokens(web, "openid photos.read notes.read");
  assert.deepEqual(decodeJwt(access_token).aud, [SNAPS, ISSUER]);
  const seen = await introspect(server, snaps, access_token);
  assert.deepEqual(
    [seen.active, seen.aud, seen.scope, seen.sub],
    [true, SNAPS, "photos.read", sub],
  );
  assert.equal("grant_id" in seen || "access_epoch" in seen, false);
  const whole = await introspect(server, web, access_token);
  assert.equal(whole.scope, "openid photos.read notes.read");
});

test("I3 a wrong token_type_hint changes nothing", async () => {
  const body = await tokens();
  for (const token of [body.access_token, body.refresh_token])
    for (const token_type_hint of [
      "access_token",
      "refresh_token",
      "id_token",
      "nonsense",
      "__proto__",
      "",
    ])
      assert.equal(JSON.parse((await raw(web, token, { token_type_hint })).text).active, true);
  const revoked = { client: web, token: body.refresh_token, token_type_hint: "access_token" };
  assert.equal((await post(server, "/revoke", revoked)).status, 200);
  assert.equal((await raw(web, body.refresh_token)).text, INACTIVE);
  assert.equal((await raw(web, body.access_token)).text, INACTIVE);
});

test("I4 revocation answers 200 with an empty object for any token, and revokes only the client's own", async () => {
  const body = await tokens();
  const theirs = await tokens(other);
  const before = server.snapshot();
  for (const token of [
    "x",
    "vkr_x",
    theirs.refresh_token,
    theirs.access_token,
    `${body.refresh_token}A`,
    forged(body.refresh_token),
    body.id_token,
  ]) {
    const answer = await post(server, "/revoke", { client: web, token });
    assert.deepEqual([answer.status, answer.body], [200, {}]);
  }
  for (const client of [pub, snaps])
    await post(server, "/revoke", { client, token: body.refresh_token });
  assert.deepEqual(server.snapshot(), before);
  const wrong = { ...web, client_secret: "wrong" };
  await refusedAs(
    server,
    () => post(server, "/revoke", { client: wrong, token: body.refresh_token }),
    INVALID_CLIENT,
  );
  await refusedAs(server, () => post(server, "/revoke", { client: web }), INVALID_REQUEST);
  assert.equal((await introspect(server, web, body.access_token)).active, true);
});

test("I5 revocation answers 503, never 200, while the database cannot write or read", async () => {
  const { store, fail } = failingStore();
  const broken = await testServer(CONFIG, { store, secret: SECRET });
  await broken.addUser("ada");
  const client = await broken.addClient(WEB);
  const service = await broken.addClient({ ...SERVICE, scope: "photos.read" });
  const { access_token, refresh_token } = await tokensFor(broken, client);
  const own = await post(broken, "/token", { client: service, grant_type: "client_credentials" });
  const down = new DatabaseUnavailable("database is locked");
  const writes = ["revokeGrant", "raiseAccessEpoch", "claimOnce"] as const;
  for (const only of [undefined, writes, ["findGrant", "loadGrant", "isClaimed"] as const])
    for (const [who, token] of [
      [client, refresh_token],
      [client, access_token],
      [service, own.body.access_token],
    ] as const) {
      fail(down, only);
      const answer = await post(broken, "/revoke", { client: who, token });
      fail(null);
      assert.equal(answer.status, 503, `${only} ${token.slice(0, 4)}`);
      assert.match(answer.headers.get("retry-after") ?? "", /^\d+$/);
      assert.equal(
        (await introspect(broken, who, token)).active,
        true,
        "the token is still active",
      );
    }
  for (const [who, token] of [
    [client, access_token],
    [client, refresh_token],
    [service, own.body.access_token],
  ] as const) {
    assert.equal((await post(broken, "/revoke", { client: who, token })).status, 200);
    assert.equal((await introspect(broken, who, token)).active, false);
  }
  await broken.close();
});

test("I6 revoking a refresh token, consent or client ends every token of the grant at once", async () => {
  const { store } = server.server;
  const ways: [string, (client: TestClient, refresh_token: string) => Promise<unknown>][] = [
    ["refresh token", (client, token) => post(server, "/revoke", { client, token })],
    [
      "consent",
      (client) => store.removeConsent({ sub, client_id: client.client_id }, server.now()),
    ],
    [
      "client",
      async (client) => store.updateClient({ ...client.record, disabled_at: server.now() }),
    ],
    ["client removed", (client) => store.removeClient(client.client_id, server.now())],
  ];
  for (const [what, revoke] of ways) {
    const client = await server.addClient(WEB);
    const signed = await tokens(client, EVERYTHING, { resource: SNAPS });
    const sealed = await refresh(server, client, signed.refresh_token, { resource: PRINTS });
    const issuer = await refresh(server, client, signed.refresh_token, { resource: ISSUER });
    assert.match(sealed.body.access_token, /^vka_/);
    for (const [api, token] of [
      [snaps, signed.access_token],
      [prints, sealed.body.access_token],
    ] as const)
      assert.equal((await introspect(server, api, token)).active, true, what);
    await revoke(client, signed.refresh_token);
    for (const [api, token] of [
      [snaps, signed.access_token],
      [prints, sealed.body.access_token],
    ] as const)
      assert.equal((await raw(api, token)).text, INACTIVE, what);
    assert.equal((await userinfo(issuer.body.access_token)).status, 401, what);
    const expected = what.startsWith("client") ? INVALID_CLIENT : INVALID_GRANT;
    const again = () => refresh(server, client, signed.refresh_token, { resource: SNAPS });
    await refusedAs(server, again, expected);
  }
});

test("I6 revoking one access token ends all access tokens issued so far; the grant goes on", async () => {
  const first = await tokens();
  const second = await refresh(server, web, first.refresh_token);
  assert.equal(
    (await post(server, "/revoke", { client: web, token: first.access_token })).status,
    200,
  );
  for (const token of [first.access_token, second.body.access_token])
    assert.equal((await raw(web, token)).text, INACTIVE);
  const third = await refresh(server, web, first.refresh_token);
  assert.equal((await introspect(server, web, third.body.access_token)).active, true);
  const again = await post(server, "/revoke", { client: web, token: first.access_token });
  assert.equal(again.status, 200);
  assert.equal(
    (await introspect(server, web, third.body.access_token)).active,
    true,
    "a dead token revokes nothing",
  );
});

test("I6 another process honours a revocation within a second", async () => {
  const { access_token, refresh_token } = await tokens();
  const second = await testServer({ database: `sqlite:${server.path}` });
  second.advance(server.now() - second.now());
  assert.equal((await introspect(second, web, access_token)).active, true);
  await post(server, "/revoke", { client: web, token: refresh_token });
  assert.equal(
    (await introspect(second, web, access_token)).active,
    false,
    "grants are not cached",
  );
  const job = await server.addClient({ ...SERVICE, scope: "photos.read" });
  await sleep(600);
  const own = await post(second, "/token", { client: job, grant_type: "client_credentials" });
  assert.equal(own.status, 200);
  await server.server.store.updateClient({ ...job.record, disabled_at: server.now() });
  await sleep(1000);
  const late = await post(second, "/token", { client: job, grant_type: "client_credentials" });
  assert.equal(late.status, 401);
  assert.equal((await introspect(second, snaps, own.body.access_token)).active, false);
  await second.close();
});

test("I6 tokens bound to a session end with it", async () => {
  const browser = testBrowser(server);
  const tied = await tokensFor(server, other, {
    browser,
    parameters: { scope: "openid photos.read" },
  });
  assert.equal((await introspect(server, other, tied.access_token)).active, true);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  for (const token of [tied.access_token, tied.refresh_token])
    assert.equal((await introspect(server, other, token)).active, false);
});

test("I8 userinfo accepts one token, in the header or form body, never in the query string", async () => {
  const { access_token } = await tokens();
  const call = (init: RequestInit, query = "") =>
    server.fetch(new Request(`${ISSUER}/userinfo${query}`, init));
  const authorization = `Bearer ${access_token}`;
  const form = (fields: [string, string][]) => ({
    method: "POST",
    body: new URLSearchParams(fields),
  });
  assert.equal((await call({ headers: { authorization } })).status, 200);
  assert.equal((await call(form([["access_token", access_token]]))).status, 200);
  assert.equal((await call({ method: "POST", headers: { authorization } })).status, 200);
  const wrong: [number, string | null, () => Promise<Response>][] = [
    [400, "invalid_request", () => call({}, `?access_token=${access_token}`)],
    [
      400,
      "invalid_request",
      () => call({ headers: { authorization } }, `?access_token=${access_token}`),
    ],
    [
      400,
      "invalid_request",
      () => call({ ...form([["access_token", access_token]]), headers: { authorization } }),
    ],
    [
      400,
      "invalid_request",
      () =>
        call(
          form([
            ["access_token", access_token],
            ["access_token", access_token],
          ]),
        ),
    ],
    [
      400,
      "invalid_request",
      () => call({ headers: { authorization: `${authorization}, ${authorization}` } }),
    ],
    [400, "invalid_request", () => call({ headers: { authorization: "Bearer" } })],
    [400, "invalid_request", () => call({ headers: { authorization: "Bearer a b" } })],
    [
      400,
      "invalid_request",
      () => call({ headers: { authorization: `Bearer "${access_token}"` } }),
    ],
    [401, "invalid_token", () => call({ headers: { authorization: "Bearer x" } })],
    [401, null, () => call({})],
    [401, null, () => call({ headers: { authorization: `Basic ${access_token}` } })],
    [401, null, () => call({ headers: { authorization: `DPoP ${access_token}` } })],
    [401, null, () => call({ headers: { cookie: `access_token=${access_token}` } })],
    [
      415,
      "invalid_request",
      () =>
        call({
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ access_token }),
        }),
    ],
  ];
  for (const [status, error, act] of wrong) {
    // A request without a token only gets the challenge; its log line needs no explanation.
    const response = error === null ? await act() : await refused(server, act);
    const challenge = response.headers.get("www-authenticate") ?? "";
    assert.equal(response.status, status, challenge);
    assert.ok(challenge.startsWith(`Bearer realm="${ISSUER}"`), challenge);
    if (error === null) assert.doesNotMatch(challenge, /error=/);
    else assert.match(challenge, new RegExp(`error="${error}"`));
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.doesNotMatch(await response.text(), /ada/i);
  }
});

test("I8 userinfo requires a token with the openid scope and the issuer as an audience", async () => {
  const job = await server.addClient({ ...SERVICE, scope: "photos.read notes.read" });
  const own = await post(server, "/token", {
    client: job,
    grant_type: "client_credentials",
    scope: "notes.read",
  });
  const bare = await tokens(web, "notes.read");
  const api = await tokens(web, "openid photos.read", { resource: SNAPS });
  const opaque = await tokens(web, "openid prints.order", { resource: PRINTS });
  for (const [status, error, token] of [
    [403, "insufficient_scope", bare.access_token],
    [403, "insufficient_scope", own.body.access_token],
    [401, "invalid_token", api.access_token],
    [401, "invalid_token", opaque.access_token],
  ] as const) {
    const response = await refused(server, () => userinfo(token));
    assert.equal(response.status, status);
    const challenge = response.headers.get("www-authenticate") ?? "";
    assert.match(challenge, new RegExp(`error="${error}"`));
    if (status === 403) assert.match(challenge, /scope="openid"/);
  }
  const narrow = await tokens(web, "openid");
  assert.deepEqual(Object.keys(JSON.parse(await (await userinfo(narrow.access_token)).text())), [
    "sub",
  ]);
});

test("I11 a person's claims cannot override the claims that the server sets", async () => {
  const evil = {
    sub: "evil",
    iss: "https://evil.test",
    aud: "evil",
    exp: 9_999_999_999,
    nonce: "evil",
    acr: "evil",
    amr: ["evil"],
    cnf: { jkt: "evil" },
    sid: "evil",
    scope: "evil",
    client_id: "evil",
    active: true,
    name: "Mallory",
    email: { evil: true },
    __proto__: { picture: "evil" },
    password_hash: "evil",
    is_admin: true,
  };
  const person = await server.addUser("mallory", { claims: evil });
  const browser = testBrowser(server);
  const parameters = { scope: "openid profile email" };
  const body = await tokensFor(server, web, { username: "mallory", browser, parameters });
  const info = JSON.parse(await (await userinfo(body.access_token)).text());
  assert.equal(info.sub, person);
  assert.equal(info.name, "Mallory");
  for (const name of [
    "iss",
    "aud",
    "exp",
    "cnf",
    "acr",
    "password_hash",
    "is_admin",
    "scope",
    "picture",
  ])
    assert.ok(!(name in info), name);
  for (const [token, acr] of [
    [body.access_token, "urn:valetkey:single"],
    [body.id_token, "urn:valetkey:single"],
  ] as const) {
    const claims = decodeJwt(token);
    assert.deepEqual(
      [claims.sub, claims.iss, claims.cnf, claims.acr],
      [person, ISSUER, undefined, acr],
    );
    assert.doesNotMatch(JSON.stringify(claims), /evil/);
  }
});

test("I12 a removed person's name gives no access to a new person who takes it", async () => {
  const { store } = server.server;
  const before = await server.addUser("recycled");
  const browser = testBrowser(server);
  const scope = "openid offline_access";
  const old = await tokensFor(server, web, {
    username: "recycled",
    browser,
    parameters: { scope },
  });
  await store.removeAccount(before, server.now());
  const now = await server.addUser("recycled");
  assert.notEqual(now, before);
  await refusedAs(server, () => refresh(server, web, old.refresh_token), INVALID_GRANT);
  assert.equal((await userinfo(old.access_token)).status, 401);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in", "the session has ended");
  const again = testBrowser(server);
  const page = await again.signIn(await again.get("/sign-in"), "recycled", PASSWORD);
  assert.doesNotMatch(page.html, /Printly/, "no consent is inherited");
});

test("a token from an earlier epoch, as after a restored backup, is inactive", async () => {
  const own = await watchedServer();
  await own.addUser("ada");
  const client = await own.addClient(WEB);
  const body = await tokensFor(own, client, { parameters: { scope: "openid offline_access" } });
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(own.path);
  database.exec("UPDATE server_state SET value = value + 1");
  database.close();
  await sleep(600);
  for (const token of [body.access_token, body.refresh_token])
    assert.equal((await introspect(own, client, token)).active, false);
  assert.equal((await refresh(own, client, body.refresh_token)).body.error, "invalid_grant");
  await own.close();
});
