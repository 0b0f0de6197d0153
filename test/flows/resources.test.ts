/** Scopes and resource indicators: a token's audience and scope (RFC 8707, RFC 6749 §3.3, RFC 9068 §3). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { allowOnly, authorizationUrl, type TestBrowser, testBrowser } from "../support/browser.ts";
import {
  introspect,
  post,
  redeem,
  refresh,
  type TokenBody,
  userinfo,
  walk,
} from "../support/flow.ts";
import {
  ISSUER,
  NATIVE,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";

const MAPS = "https://maps.test/";
const server = await testServer({
  resources: {
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"] },
    [PRINTS]: { name: "Prints", scopes: ["prints.order"], access_token: "opaque" },
    [MAPS]: { name: "Maps", open: true, scopes: ["places.read"] },
  },
  scopes: {
    "photos.read": "See your photos",
    "photos.write": "Add and change your photos",
    "prints.order": "Order prints",
    "places.read": "See your places",
    "notes.read": "See your notes",
  },
});
after(() => server.close());
await server.addUser("ada", { claims: { email: "ada@example.com" } });
const client = await server.addClient(WEB);
const EVERYTHING = "openid photos.read photos.write prints.order notes.read";

type Parameters = Record<string, string | string[] | undefined>;

async function codeFor(parameters: Parameters, own = client, browser?: TestBrowser) {
  const url = authorizationUrl(own, { prompt: "consent", ...parameters });
  const { page } = await walk(server, url, { ...(browser && { browser }) });
  return page.url.searchParams.get("code") ?? assert.fail(`no code: ${page.url}`);
}

const answer = async (parameters: Parameters, own = client): Promise<Record<string, string>> => {
  const page = await testBrowser(server).get(authorizationUrl(own, parameters));
  return Object.fromEntries(page.url.searchParams);
};

/** Audience and scope of a token in either format. */
async function seen(body: TokenBody, own: TestClient = client) {
  const { aud, scope } = await introspect(server, own, body.access_token);
  assert.equal(scope, body.scope);
  return { aud, scope };
}

const tokenFor = async (parameters: Parameters, more: Parameters = {}) =>
  seen((await redeem(server, client, await codeFor(parameters), more)).body);

test("without resource, a token is for the API of the granted scopes, and for userinfo with openid", async () => {
  assert.deepEqual(await tokenFor({ scope: "openid photos.read" }), {
    aud: [SNAPS, ISSUER],
    scope: "openid photos.read",
  });
  assert.deepEqual(await tokenFor({ scope: "photos.read" }), { aud: SNAPS, scope: "photos.read" });
  assert.deepEqual(await tokenFor({ scope: "openid profile" }), {
    aud: ISSUER,
    scope: "openid profile",
  });
  assert.deepEqual(await tokenFor({ scope: "notes.read" }), { aud: ISSUER, scope: "notes.read" });
});

test("resource in the authorization request fixes the APIs of the grant and drops other APIs' scopes", async () => {
  const asked = { scope: EVERYTHING, resource: SNAPS };
  assert.deepEqual(await tokenFor(asked), {
    aud: [SNAPS, ISSUER],
    scope: "openid notes.read photos.read photos.write",
  });
  const code = await codeFor(asked);
  const other = await redeem(server, client, code, { resource: PRINTS });
  assert.equal(other.body.error, "invalid_target");
});

test("resource in the token request selects the API and reduces the scope to it", async () => {
  const asked = { scope: EVERYTHING, resource: [SNAPS, PRINTS] };
  assert.deepEqual(await tokenFor(asked, { resource: SNAPS }), {
    aud: SNAPS,
    scope: "photos.read photos.write",
  });
  assert.deepEqual(await tokenFor(asked, { resource: PRINTS }), {
    aud: PRINTS,
    scope: "prints.order",
  });
  assert.deepEqual(await tokenFor(asked, { resource: ISSUER }), {
    aud: ISSUER,
    scope: "openid notes.read",
  });
});

test("without resource, a grant with several APIs gives a token for the first of the request", async () => {
  assert.deepEqual(await tokenFor({ scope: EVERYTHING }), {
    aud: [SNAPS, ISSUER],
    scope: "openid photos.read photos.write notes.read",
  });
  assert.deepEqual(await tokenFor({ scope: "prints.order photos.read" }), {
    aud: PRINTS,
    scope: "prints.order",
  });
  assert.deepEqual(await tokenFor({ scope: EVERYTHING, resource: [PRINTS, SNAPS] }), {
    aud: [PRINTS, ISSUER],
    scope: "openid notes.read prints.order",
  });
});

test("an ungranted resource, or two at once, is invalid_target and does not use up the code", async () => {
  const code = await codeFor({ scope: EVERYTHING });
  for (const more of [
    { resource: MAPS },
    { resource: [SNAPS, PRINTS] },
    { resource: "https://nobody.test/" },
  ]) {
    const refused = await redeem(server, client, code, more);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.error, "invalid_target", JSON.stringify(more));
  }
  const narrowed = await redeem(server, client, code, { scope: "unknown", resource: SNAPS });
  assert.equal(narrowed.body.error, "invalid_scope");
  assert.equal((await redeem(server, client, code, { resource: SNAPS })).status, 200);
});

test("each refresh may select another API of the grant or a narrower scope", async () => {
  const asked = { scope: EVERYTHING, resource: [SNAPS, PRINTS] };
  const { body } = await redeem(server, client, await codeFor(asked), { resource: SNAPS });
  const again = async (more: Parameters) =>
    seen((await refresh(server, client, body.refresh_token, more)).body);
  assert.deepEqual(await again({ resource: PRINTS }), { aud: PRINTS, scope: "prints.order" });
  assert.deepEqual(await again({ resource: SNAPS, scope: "photos.read" }), {
    aud: SNAPS,
    scope: "photos.read",
  });
  assert.deepEqual(await again({ resource: SNAPS }), {
    aud: SNAPS,
    scope: "photos.read photos.write",
  });
  assert.deepEqual(await again({ resource: ISSUER }), { aud: ISSUER, scope: "openid notes.read" });
});

test("a refresh never gives more than was granted", async () => {
  const { body } = await redeem(server, client, await codeFor({ scope: "openid photos.read" }));
  for (const [more, error] of [
    [{ scope: "openid photos.read photos.write" }, "invalid_scope"],
    [{ scope: "photos.write" }, "invalid_scope"],
    [{ scope: 'a"b' }, "invalid_scope"],
    [{ resource: PRINTS }, "invalid_target"],
    [{ resource: "not a uri" }, "invalid_target"],
    [{ resource: `${SNAPS}/` }, "invalid_target"],
  ] as const) {
    const refused = await refresh(server, client, body.refresh_token, more);
    assert.equal(refused.body.error, error, JSON.stringify(more));
  }
  assert.equal((await refresh(server, client, body.refresh_token)).status, 200);
});

test("a refused resource keeps a public client's token; a replay may select another resource", async () => {
  const native = await server.addClient(NATIVE);
  const redirect_uri = "http://127.0.0.1:7777/callback";
  const code = await codeFor({ scope: EVERYTHING, redirect_uri }, native);
  const { body } = await redeem(server, native, code, { resource: SNAPS });
  const refused = await refresh(server, native, body.refresh_token, { resource: MAPS });
  assert.equal(refused.body.error, "invalid_target");
  const first = await refresh(server, native, body.refresh_token, { resource: SNAPS });
  const second = await refresh(server, native, body.refresh_token, { resource: PRINTS });
  assert.equal(second.body.refresh_token, first.body.refresh_token, "the same successor");
  assert.equal(second.body.scope, "prints.order");
});

test("a scope without any permission at the selected API is invalid_scope, not an empty token", async () => {
  const asked = { scope: EVERYTHING, resource: [SNAPS, PRINTS] };
  const { body } = await redeem(server, client, await codeFor(asked), { resource: SNAPS });
  const mixed = { resource: SNAPS, scope: "prints.order" };
  const refused = await refresh(server, client, body.refresh_token, mixed);
  assert.equal(refused.body.error, "invalid_scope");
  const service = await server.addClient(SERVICE);
  const grant_type = "client_credentials";
  const own = await post(server, "/token", { client: service, grant_type, ...mixed });
  assert.equal(own.body.error, "invalid_scope");
});

test("the issuer is refused as the resource of a grant without any scope of its own", async () => {
  const code = await codeFor({ scope: "photos.read" });
  const refused = await redeem(server, client, code, { resource: ISSUER });
  assert.equal(refused.body.error, "invalid_target");
  assert.equal((await redeem(server, client, code)).status, 200);
});

test("each API gets its token format: signed or sealed", async () => {
  const asked = { scope: EVERYTHING, resource: [SNAPS, PRINTS] };
  const { body } = await redeem(server, client, await codeFor(asked), { resource: SNAPS });
  assert.equal(decodeJwt(body.access_token).aud, SNAPS);
  const opaque = await refresh(server, client, body.refresh_token, { resource: PRINTS });
  assert.match(opaque.body.access_token, /^vka_[\w-]+$/);
  const ours = await refresh(server, client, body.refresh_token, { resource: ISSUER });
  assert.equal(decodeJwt(ours.body.access_token).aud, ISSUER);
});

test("userinfo accepts tokens for the issuer with openid, signed or sealed, and no others", async () => {
  const ask = async (access_token: string) => {
    const { status, headers } = await userinfo(server, access_token);
    return { status, challenge: headers.get("www-authenticate") ?? "" };
  };
  const get = async (asked: Parameters, more: Parameters = {}) =>
    (await redeem(server, client, await codeFor(asked), more)).body.access_token;
  assert.equal((await ask(await get({ scope: "openid photos.read" }))).status, 200);
  assert.equal((await ask(await get({ scope: "openid prints.order" }))).status, 200);
  const for_api = await ask(await get({ scope: "openid photos.read" }, { resource: SNAPS }));
  assert.equal(for_api.status, 401);
  assert.match(for_api.challenge, /error="invalid_token"/);
  const without = await ask(await get({ scope: "notes.read" }));
  assert.equal(without.status, 403);
  assert.match(without.challenge, /error="insufficient_scope"/);
});

test("an unknown or malformed resource is invalid_target to the client", async () => {
  for (const resource of ["https://nobody.test/", "/relative", `${SNAPS}#here`, "nonsense"])
    assert.equal((await answer({ resource })).error, "invalid_target", resource);
  assert.equal(
    (await answer({ resource: [SNAPS, "https://nobody.test/"] })).error,
    "invalid_target",
  );
});

test("unknown and unregistered scopes are dropped; if none remains, invalid_scope", async () => {
  const narrow = await server.addClient({ ...WEB, scope: "openid photos.read" });
  const redeemed = async (scope: string, more: Parameters = {}) =>
    redeem(server, narrow, await codeFor({ scope }, narrow), more);
  for (const scope of ["openid nothing", "openid photos.write", "openid prints.order"]) {
    assert.equal((await redeemed(scope)).body.scope, "openid", scope);
    // The client may repeat the scope that it asked for (RFC 6749 §6), and nothing beyond it.
    const { body } = await redeemed(scope, { scope });
    assert.equal(body.scope, "openid", scope);
    const again = await refresh(server, narrow, body.refresh_token, { scope });
    assert.equal(again.body.scope, "openid", scope);
    const more = await refresh(server, narrow, body.refresh_token, { scope: `${scope} email` });
    assert.equal(more.body.error, "invalid_scope", scope);
  }
  for (const scope of ["nothing", "photos.write", "nothing photos.write"])
    assert.equal((await answer({ scope }, narrow)).error, "invalid_scope", scope);
  assert.equal((await answer({ scope: "openid a\\b" })).error, "invalid_scope");
  const elsewhere = { scope: "photos.read", resource: PRINTS };
  assert.equal((await answer(elsewhere)).error, "invalid_scope");
});

test("the same scopes at another API are asked for again", async () => {
  const browser = testBrowser(server);
  await codeFor({ scope: "openid", resource: SNAPS }, client, browser);
  const silent = (resource: string) =>
    browser.get(authorizationUrl(client, { scope: "openid", resource, prompt: "none" }));
  assert.match((await silent(SNAPS)).url.href, /code=/);
  assert.match((await silent(MAPS)).url.href, /error=consent_required/);
});

test("without scope: the registered scopes, else those of the resource, else openid", async () => {
  const plain = { scope: undefined };
  const registered = await server.addClient({ ...WEB, scope: "openid email photos.read" });
  const of = async (own: TestClient, parameters: Parameters, more: Parameters = {}) =>
    (await redeem(server, own, await codeFor(parameters, own), more)).body.scope;
  assert.equal(await of(registered, plain), "openid email photos.read");
  assert.equal(await of(registered, { ...plain, resource: PRINTS }), "openid email");
  assert.equal(await of(client, { ...plain, resource: SNAPS }), "photos.read photos.write");
  assert.equal(await of(client, plain), "openid");
  const two = { ...plain, resource: [SNAPS, PRINTS] };
  assert.equal(await of(client, two, { resource: PRINTS }), "prints.order");
});

test("an app that a person registered may use OpenID Connect and open APIs only", async () => {
  const app = await server.addClient(WEB, { created_by: "user", owner_sub: "somebody" });
  const allowed = { scope: "openid profile email offline_access places.read" };
  const { body } = await redeem(server, app, await codeFor(allowed, app));
  assert.equal(body.scope, allowed.scope);
  for (const scope of ["photos.read", "notes.read", "prints.order"])
    assert.equal((await answer({ scope }, app)).error, "invalid_scope", scope);
  for (const resource of [SNAPS, PRINTS])
    assert.equal((await answer({ resource }, app)).error, "invalid_target", resource);
  const without = { scope: undefined, resource: MAPS };
  assert.equal((await redeem(server, app, await codeFor(without, app))).body.scope, "places.read");
  const grant_type = "client_credentials";
  const refused = await post(server, "/token", { client: app, grant_type });
  assert.equal(refused.body.error, "unauthorized_client");
});

test("client_credentials grants registered scopes, else the resource's, and never scopes about a person", async () => {
  const free = await server.addClient(SERVICE);
  const registered = await server.addClient({ ...SERVICE, scope: "photos.read prints.order" });
  const ask = (own: TestClient, more: Parameters = {}) =>
    post(server, "/token", { client: own, grant_type: "client_credentials", ...more });
  const get = async (own: TestClient, more: Parameters = {}) =>
    seen((await ask(own, more)).body, own);

  assert.deepEqual(await get(free), { aud: ISSUER, scope: undefined });
  assert.deepEqual(await get(free, { resource: SNAPS }), {
    aud: SNAPS,
    scope: "photos.read photos.write",
  });
  assert.deepEqual(await get(free, { scope: "photos.write" }), {
    aud: SNAPS,
    scope: "photos.write",
  });
  assert.deepEqual(await get(registered, { resource: PRINTS }), {
    aud: PRINTS,
    scope: "prints.order",
  });
  assert.deepEqual(await get(registered), { aud: SNAPS, scope: "photos.read" });
  const refused: [TestClient, Parameters, string][] = [
    [registered, { resource: [SNAPS, PRINTS] }, "invalid_target"],
    [registered, { scope: "photos.write" }, "invalid_scope"],
    [free, { scope: "openid" }, "invalid_scope"],
    [free, { scope: "offline_access" }, "invalid_scope"],
    [free, { scope: "nothing" }, "invalid_scope"],
    [free, { resource: "https://nobody.test/" }, "invalid_target"],
  ];
  for (const [own, more, error] of refused)
    assert.equal((await ask(own, more)).body.error, error, JSON.stringify(more));
  const { body } = await ask(free, { resource: SNAPS });
  assert.equal("refresh_token" in body || "id_token" in body, false);
});

test("an API whose permissions were all declined gets no token", async () => {
  const browser = testBrowser(server);
  const url = authorizationUrl(client, {
    scope: "openid photos.read prints.order",
    prompt: "consent",
  });
  const consent = await browser.signIn(await browser.get(url), "ada");
  const back = await browser.submit(consent, allowOnly(consent, "photos.read"), "/consent");
  const code = back.url.searchParams.get("code") ?? "";
  const for_prints = await redeem(server, client, code, { resource: PRINTS });
  assert.equal(for_prints.body.error, "invalid_target");
  const { body } = await redeem(server, client, code);
  assert.equal(body.scope, "openid photos.read", "one API is left, so it need not be named");
});
