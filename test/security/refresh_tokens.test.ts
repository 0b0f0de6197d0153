/** Attacks on refresh tokens: stolen and replayed, widened, or used after their end. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeJwt } from "jose";
import { parseHandle } from "../../src/tokens/handle.ts";
import { type TestBrowser, testBrowser } from "../support/browser.ts";
import { authorize, introspect, post, redeem, refresh, type TokenBody } from "../support/flow.ts";
import {
  CONFIG,
  ISSUER,
  NATIVE,
  PRINTS,
  SNAPS,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";
import { INVALID_CLIENT, INVALID_GRANT, INVALID_REQUEST, refusedAs } from "./assertions.ts";
import { failingStore, SECRET } from "./failing_store.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const REVOKES = { changes: ["authorization_grant"] } as const;
const SCOPE = "openid offline_access photos.read photos.write";

let server: WatchedServer;
let web: TestClient;
let evil: TestClient;
/** Public, so its tokens are rotated; on https, so its consent is remembered. */
let pub: TestClient;
let ada: TestBrowser;
let sub: string;

before(async () => {
  // Hundreds of rounds, on a clock that stands still.
  server = await watchedServer({ rate_limits: { changes: 0 } });
  sub = await server.addUser("ada");
  web = await server.addClient(WEB);
  evil = await server.addClient({ ...WEB, client_name: "Evil" });
  pub = await server.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  ({ browser: ada } = await authorize(server, web, { parameters: { scope: SCOPE } }));
});
after(() => server.close());

async function tokens(client: TestClient, scope = SCOPE, browser = ada): Promise<TokenBody> {
  const { code } = await authorize(server, client, { browser, parameters: { scope } });
  const { status, body } = await redeem(server, client, code);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

/** The grant row that a refresh token belongs to. */
async function grantOf(refresh_token: string) {
  const grant = await server.server.store.findGrant(parseHandle(refresh_token)?.grant_id ?? "");
  assert.ok(grant);
  return grant;
}

const userinfo = async (access_token: string): Promise<number> => {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await server.fetch(new Request(`${ISSUER}/userinfo`, { headers }))).status;
};

test("F1 a refresh may narrow the scope of its access token, never widen it; the grant keeps its scope", async () => {
  for (const client of [web, pub]) {
    const { refresh_token } = await tokens(client, "openid offline_access photos.read");
    const more = [
      "photos.write",
      "openid photos.read photos.write",
      "prints.order",
      "profile",
      "openid admin",
      "Photos.read",
      "*",
    ];
    for (const scope of more) {
      const act = () => refresh(server, client, refresh_token, { scope });
      await refusedAs(server, act, [400, "invalid_scope"]);
    }
    for (const scope of ['"', "é", "a\nb", "a".repeat(5000)]) {
      const act = () => refresh(server, client, refresh_token, { scope });
      await refusedAs(server, act, [400, "invalid_scope"]);
    }
    const narrowed = await refresh(server, client, refresh_token, { scope: "photos.read" });
    assert.equal(narrowed.body.scope, "photos.read");
    assert.equal(decodeJwt(narrowed.body.access_token).scope, "photos.read");
    const whole = await refresh(server, client, narrowed.body.refresh_token);
    assert.equal(
      whole.body.scope,
      "openid offline_access photos.read",
      "the grant keeps its scope",
    );
  }
});

test("F2 replaying a rotated refresh token revokes the grant and is logged", async () => {
  const first = await tokens(pub);
  const second = await refresh(server, pub, first.refresh_token);
  const third = await refresh(server, pub, second.body.refresh_token);
  const from = server.lines.length;
  const act = () => refresh(server, pub, first.refresh_token);
  await refusedAs(server, act, INVALID_GRANT, REVOKES);
  const warning = server.lines.slice(from).find(({ level }) => level === "warn");
  assert.match(warning?.event ?? "", /reused/);
  for (const { refresh_token } of [first, second.body, third.body])
    await refusedAs(server, () => refresh(server, pub, refresh_token), INVALID_GRANT);
  for (const { access_token } of [first, second.body, third.body])
    assert.equal(await userinfo(access_token), 401);
});

test("F2 the previous refresh token is accepted for 60 seconds; afterwards its use revokes the grant", async () => {
  const first = await tokens(pub);
  const second = await refresh(server, pub, first.refresh_token);
  server.advance(60);
  const again = await refresh(server, pub, first.refresh_token);
  assert.equal(again.body.refresh_token, second.body.refresh_token);
  server.advance(1);
  await refusedAs(server, () => refresh(server, pub, first.refresh_token), INVALID_GRANT, REVOKES);
  const act = () => refresh(server, pub, second.body.refresh_token);
  await refusedAs(server, act, INVALID_GRANT);
});

test("F2 replaying a rotated token revokes the grant also after the client's tokens stopped rotating", async () => {
  const { store } = server.server;
  const client = await server.addClient(WEB);
  const withMethod = async (token_endpoint_auth_method: string): Promise<TestClient> => {
    const { record } = client;
    const metadata = { ...record.metadata, token_endpoint_auth_method };
    assert.ok(await store.updateClient({ ...record, metadata }));
    return { ...client, record: { ...record, metadata } };
  };
  const unproven = await withMethod("none");
  const first = await tokens(unproven);
  const second = await refresh(server, unproven, first.refresh_token);
  server.advance(61);
  const proven = await withMethod("client_secret_basic");
  assert.equal((await refresh(server, proven, second.body.refresh_token)).status, 200);
  const act = () => refresh(server, proven, first.refresh_token);
  await refusedAs(server, act, INVALID_GRANT, REVOKES);
  await refusedAs(server, () => refresh(server, proven, second.body.refresh_token), INVALID_GRANT);
});

test("F2 a guessed refresh token revokes nothing; only a real rotated one does", async () => {
  const { refresh_token } = await tokens(pub);
  const next = await refresh(server, pub, refresh_token);
  const flip = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
  const guesses = [
    flip(refresh_token, refresh_token.length - 1),
    flip(refresh_token, 40),
    flip(refresh_token, 5),
    flip(refresh_token, 12),
    refresh_token.replace("vkr_", "vkc_"),
    refresh_token.slice(0, -4),
    `${refresh_token}AAAA`,
    next.body.access_token,
    `vkr_${"A".repeat(80)}`,
    "vkr_",
    "\u0000",
    "' OR 1=1 --",
    "x".repeat(30_000),
  ];
  for (const guess of guesses)
    for (const client of [pub, web, evil])
      await refusedAs(server, () => refresh(server, client, guess), INVALID_GRANT);
  assert.equal((await grantOf(refresh_token)).revoked_at, null);
  assert.equal((await refresh(server, pub, next.body.refresh_token)).status, 200);
});

test("F2 a rotated refresh token sent by another client revokes nothing", async () => {
  const first = await tokens(pub);
  const second = await refresh(server, pub, first.refresh_token);
  const third = await refresh(server, pub, second.body.refresh_token);
  for (const thief of [web, evil])
    await refusedAs(server, () => refresh(server, thief, first.refresh_token), INVALID_GRANT);
  assert.equal((await refresh(server, pub, third.body.refresh_token)).status, 200);
});

test("F3 a hundred concurrent refreshes of one token get the same successor", async () => {
  const { refresh_token } = await tokens(pub);
  const before = await grantOf(refresh_token);
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => refresh(server, pub, refresh_token)),
  );
  const successors = new Set(answers.map(({ body }) => body.refresh_token));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(successors.size, 1);
  const [successor = ""] = successors;
  assert.notEqual(successor, refresh_token);
  assert.equal((await grantOf(refresh_token)).generation, before.generation + 1);
  for (const { body } of answers.slice(0, 3)) assert.equal(await userinfo(body.access_token), 200);
  const doubled = await Promise.all(
    Array.from({ length: 20 }, (_, i) => refresh(server, pub, i % 2 ? successor : refresh_token)),
  );
  const alive = doubled.filter(({ status }) => status === 200);
  // Using the older token after its successor shows that one of the two has leaked.
  if (alive.length < doubled.length) assert.notEqual((await grantOf(successor)).revoked_at, null);
});

test("F4 a refresh racing a revocation leaves no live token, in two hundred rounds", async () => {
  for (let round = 0; round < 200; round += 1) {
    const { access_token, refresh_token } = await tokens(pub, "openid");
    const kill = () => post(server, "/revoke", { client: pub, token: refresh_token });
    const use = () => refresh(server, pub, refresh_token);
    const order = round % 2 ? [kill, use, use] : [use, kill, use];
    const answers = await Promise.all(order.map((act) => act()));
    assert.notEqual((await grantOf(refresh_token)).revoked_at, null);
    const live = answers.flatMap(({ body }) => body.refresh_token ?? []);
    for (const token of new Set([refresh_token, ...live]))
      assert.equal((await refresh(server, pub, token)).body.error, "invalid_grant");
    const bearers = answers.flatMap(({ body }) => body.access_token ?? []);
    for (const token of [access_token, ...bearers]) assert.equal(await userinfo(token), 401);
  }
});

test("F4 a revocation between the reads and the write of a refresh prevents the refresh", async () => {
  const { store } = failingStore();
  let overtaken = false;
  const advanceGrant: typeof store.advanceGrant = async (grant_id, from, now) => {
    if (overtaken) await store.revokeGrant(grant_id, now);
    return store.advanceGrant(grant_id, from, now);
  };
  await using own = await testServer({}, { store: { ...store, advanceGrant }, secret: SECRET });
  await own.addUser("ada");
  const client = await own.addClient({ ...NATIVE, redirect_uris: WEB.redirect_uris });
  const { code } = await authorize(own, client);
  const { body } = await redeem(own, client, code);
  overtaken = true;
  const late = await refresh(own, client, body.refresh_token);
  assert.deepEqual([late.status, late.body.error], [400, "invalid_grant"]);
  assert.equal(late.body.access_token, undefined);
});

test("F5 a revoked refresh token is refused at once, also inside the replay window", async () => {
  for (const which of ["old", "new"] as const) {
    const first = await tokens(pub);
    const second = await refresh(server, pub, first.refresh_token);
    const token = which === "old" ? first.refresh_token : second.body.refresh_token;
    assert.equal((await post(server, "/revoke", { client: pub, token })).status, 200);
    for (const { refresh_token } of [first, second.body])
      await refusedAs(server, () => refresh(server, pub, refresh_token), INVALID_GRANT);
  }
  const { refresh_token } = await tokens(web);
  await post(server, "/revoke", { client: web, token: refresh_token });
  await refusedAs(server, () => refresh(server, web, refresh_token), INVALID_GRANT);
});

test("F7 a confidential client's refresh token needs its own client authentication", async () => {
  const { refresh_token } = await tokens(web);
  const grant = { grant_type: "refresh_token", refresh_token };
  const bare = () => post(server, "/token", { ...grant, client_id: web.client_id });
  await refusedAs(server, bare, INVALID_CLIENT);
  for (const client_secret of [
    "",
    " ",
    "wrong",
    `${web.client_secret} `,
    web.client_secret.slice(1),
  ])
    await refusedAs(
      server,
      () => refresh(server, { ...web, client_secret }, refresh_token),
      INVALID_CLIENT,
    );
  const posted = { ...grant, client_id: web.client_id, client_secret: evil.client_secret };
  await refusedAs(server, () => post(server, "/token", posted), INVALID_CLIENT);
  await refusedAs(server, () => post(server, "/token", grant), INVALID_CLIENT);
  await refusedAs(server, () => refresh(server, evil, refresh_token), INVALID_GRANT);
  await refusedAs(server, () => refresh(server, pub, refresh_token), INVALID_GRANT);
  const { store } = server.server;
  await store.updateClient({ ...web.record, disabled_at: server.now() });
  await refusedAs(server, () => refresh(server, web, refresh_token), INVALID_CLIENT);
  await store.updateClient(web.record);
  assert.equal(
    (await refresh(server, web, refresh_token)).status,
    200,
    "the token works once the client is enabled again",
  );
});

test("F8 refresh and access tokens end with their consent, person or session", async () => {
  const { store } = server.server;
  const person = await store.findAccount(sub);
  assert.ok(person);
  for (const client of [web, pub]) {
    const once = await tokens(client);
    await store.removeConsent({ sub, client_id: client.client_id }, server.now());
    await refusedAs(server, () => refresh(server, client, once.refresh_token), INVALID_GRANT);
    assert.equal(await userinfo(once.access_token), 401);

    const twice = await tokens(client);
    await store.updateAccount({ ...person, disabled_at: server.now() }, ["ada"]);
    await refusedAs(server, () => refresh(server, client, twice.refresh_token), INVALID_GRANT);
    assert.equal(await userinfo(twice.access_token), 401);
    await store.updateAccount(person, ["ada"]);
    assert.equal((await refresh(server, client, twice.refresh_token)).status, 200);
  }
  for (const scope of ["openid", "openid offline_access"]) {
    const browser = testBrowser(server);
    const { refresh_token } = await tokens(web, scope, browser);
    await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
    const answer = await refresh(server, web, refresh_token);
    const expected = scope === "openid" ? "invalid_grant" : undefined;
    assert.equal(
      answer.body.error,
      expected,
      "the token ends with the session unless it has offline_access",
    );
  }
});

test("F8 a scope removed from the client is not refreshed", async () => {
  const { store } = server.server;
  const client = await server.addClient({ ...WEB, scope: SCOPE });
  const { refresh_token } = await tokens(client);
  const metadata = { ...client.record.metadata, scope: "openid offline_access photos.read" };
  await store.updateClient({ ...client.record, metadata });
  const narrowed = await refresh(server, client, refresh_token);
  assert.equal(narrowed.body.scope, "openid offline_access photos.read");
  const asked = () => refresh(server, client, refresh_token, { scope: "photos.write" });
  await refusedAs(server, asked, [400, "invalid_scope"]);
  await store.updateClient({ ...client.record, metadata: { ...metadata, scope: "email" } });
  const none = await refresh(server, client, refresh_token);
  assert.equal(none.status, 400);
  assert.equal(none.body.access_token, undefined);
});

test("F8 a scope or resource removed from the configuration is in no refreshed token", async () => {
  const { code } = await authorize(server, web, {
    browser: ada,
    parameters: { scope: "openid photos.read photos.write prints.order" },
  });
  const { body } = await redeem(server, web, code, { resource: SNAPS });
  // The same database with a reduced configuration.
  const later = await testServer({
    database: `sqlite:${server.path}`,
    scopes: { "photos.read": CONFIG.scopes["photos.read"] },
    resources: { [SNAPS]: { ...CONFIG.resources[SNAPS], scopes: ["photos.read"] } },
  });
  later.advance(server.now() - later.now());
  const good = await refresh(later, web, body.refresh_token, { resource: SNAPS });
  assert.equal(good.body.scope, "photos.read");
  const issuer = await refresh(later, web, body.refresh_token, { resource: ISSUER });
  assert.equal(issuer.body.scope, "openid");
  for (const parameters of [
    { resource: PRINTS },
    { scope: "photos.write" },
    { scope: "prints.order" },
  ])
    assert.equal((await refresh(later, web, body.refresh_token, parameters)).status, 400);
  await later.close();
});

test("F9 a refresh token expires after its idle lifetime and at its absolute end", async () => {
  const { lifetimes } = server.server.settings;
  for (const client of [web, pub]) {
    const { refresh_token } = await tokens(client);
    const start = server.now();
    let token = refresh_token;
    const step = lifetimes.refresh_token_idle - 1;
    while (server.now() + step < start + lifetimes.refresh_token) {
      server.advance(step);
      const { status, body } = await refresh(server, client, token);
      assert.equal(status, 200);
      token = body.refresh_token;
    }
    server.advance(start + lifetimes.refresh_token - server.now());
    await refusedAs(server, () => refresh(server, client, token), INVALID_GRANT);
    ada = testBrowser(server);
    const idle = await tokens(client, SCOPE, ada);
    server.advance(lifetimes.refresh_token_idle);
    await refusedAs(server, () => refresh(server, client, idle.refresh_token), INVALID_GRANT);
    ada = testBrowser(server);
  }
});

test("F10 a refresh cannot add a resource that was not agreed to", async () => {
  for (const client of [web, pub]) {
    const { refresh_token } = await tokens(client, "openid offline_access photos.read");
    const targets = [
      PRINTS,
      "https://nowhere.test",
      `${SNAPS}/`,
      `${SNAPS}?x`,
      `${SNAPS}#x`,
      "snaps",
    ];
    for (const resource of [...targets, SNAPS.toUpperCase(), "*"]) {
      const act = () => refresh(server, client, refresh_token, { resource });
      await refusedAs(server, act, [400, "invalid_target"]);
    }
    const both = () => refresh(server, client, refresh_token, { resource: [SNAPS, PRINTS] });
    await refusedAs(server, both, [400, "invalid_target"]);
    const { body } = await refresh(server, client, refresh_token, { resource: SNAPS });
    assert.equal(decodeJwt(body.access_token).aud, SNAPS);
    assert.equal(decodeJwt(body.access_token).scope, "photos.read");
  }
});

test("F11 a client that lost the response can repeat the refresh, confidential or public", async () => {
  const kept = await tokens(web);
  for (let time = 0; time < 3; time += 1) {
    const { body } = await refresh(server, web, kept.refresh_token);
    assert.equal(body.refresh_token, kept.refresh_token);
    server.advance(3600);
  }
  const first = await tokens(pub);
  const lost = await refresh(server, pub, first.refresh_token);
  server.advance(30);
  const parameters = { scope: "photos.read", resource: SNAPS };
  const again = await refresh(server, pub, first.refresh_token, parameters);
  assert.equal(again.body.refresh_token, lost.body.refresh_token);
  assert.equal(again.body.scope, "photos.read");
  assert.equal((await refresh(server, pub, again.body.refresh_token)).status, 200);
  await refusedAs(server, () => refresh(server, pub, first.refresh_token), INVALID_GRANT, REVOKES);
});

test("a refresh token is refused as a code, access token or any other credential", async () => {
  const { refresh_token, access_token } = await tokens(web);
  await refusedAs(server, () => redeem(server, web, refresh_token), INVALID_GRANT);
  await refusedAs(server, () => refresh(server, web, access_token), INVALID_GRANT);
  assert.equal(await userinfo(refresh_token), 401);
  for (const client of [web, pub]) {
    const { code } = await authorize(server, client, { browser: ada });
    await refusedAs(server, () => refresh(server, client, code), INVALID_GRANT);
    assert.equal((await redeem(server, client, code)).status, 200, "the code is not used up");
  }
  const missing = () => post(server, "/token", { client: web, grant_type: "refresh_token" });
  await refusedAs(server, missing, INVALID_REQUEST);
  const empty = () => refresh(server, web, "");
  await refusedAs(server, empty, INVALID_REQUEST);
  const type = { client: web, grant_type: "authorization_code", refresh_token };
  await refusedAs(server, () => post(server, "/token", type), INVALID_REQUEST);
  assert.equal((await introspect(server, evil, refresh_token)).active, false);
});
