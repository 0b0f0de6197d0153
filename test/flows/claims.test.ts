/** Claims about a person, where apps and APIs look for them (OpenID Connect Core §5.1, §5.4; RFC 9068 §2.2). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import type { Config } from "../../src/config.ts";
import type { Person, Users } from "../../src/people/users.ts";
import { at, authorizationUrl, testBrowser } from "../support/browser.ts";
import {
  authorize,
  introspect,
  post,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from "../support/flow.ts";
import { CONFIG, PRINTS, SERVICE, SNAPS, testServer, WEB } from "../support/server.ts";

const config = {
  scopes: {
    ...CONFIG.scopes,
    groups: { text: "See your groups", claims: ["groups", "https://x.test/roles"] },
    "photos.read": { text: "See your photos", claims: ["album", "email"] },
    "prints.order": { text: "Order prints", claims: ["shop"] },
  },
} satisfies Config;
const server = await testServer(config);
after(() => server.close());
const client = await server.addClient(WEB);
const groups = { groups: ["admins", "staff"], "https://x.test/roles": ["root"] };
const EMAIL = { email: "ada@example.com", email_verified: true };
const sub = await server.addUser("ada", {
  claims: { name: "Ada", ...EMAIL, ...groups, album: "Summer", shop: { size: "A4" }, secret: 1 },
});
const NAME = { name: "Ada", preferred_username: "ada" };

const tokens = (scope: string, more: Partial<Parameters<typeof tokensFor>[2]> = {}) =>
  tokensFor(server, client, { parameters: { scope, prompt: "consent" }, ...more });

/** The claims of an ID token about the person, without those of the protocol. */
function about(id_token: string): object {
  const { iss, sub, aud, exp, iat, jti, auth_time, acr, amr, sid, at_hash, ...rest } =
    decodeJwt(id_token);
  return rest;
}

test("apps that read only the ID token learn what the person agreed to, at sign-in and at refresh", async () => {
  const { id_token, refresh_token } = await tokens("openid profile email groups offline_access");
  assert.deepEqual(about(id_token), { ...NAME, ...EMAIL, ...groups });
  const { body } = await refresh(server, client, refresh_token);
  assert.deepEqual(about(body.id_token), { ...NAME, ...EMAIL, ...groups });
  const { body: narrow } = await refresh(server, client, refresh_token, {
    resource: server.issuer,
  });
  assert.deepEqual(about(narrow.id_token), { ...NAME, ...EMAIL, ...groups });
  assert.deepEqual(about((await tokens("openid")).id_token), {});
  assert.deepEqual(about((await tokens("openid email")).id_token), EMAIL);
});

test("a refresh for less has an ID token with the claims of that scope, and the next one has all again", async () => {
  const scope = "openid profile email groups photos.read offline_access";
  const { refresh_token } = await tokens(scope);
  const narrowed = async (scope: string, more = {}) =>
    about((await refresh(server, client, refresh_token, { scope, ...more })).body.id_token);
  assert.deepEqual(await narrowed("openid email"), EMAIL);
  assert.deepEqual(await narrowed("openid groups"), groups);
  assert.deepEqual(await narrowed("openid"), {});
  assert.deepEqual(await narrowed("photos.read"), {}, "a token for an API tells the app nothing");
  assert.deepEqual(await narrowed("photos.read email", { resource: SNAPS }), EMAIL);
  assert.deepEqual(await narrowed(scope), { ...NAME, ...EMAIL, ...groups });
  const { body } = await refresh(server, client, refresh_token, { resource: SNAPS });
  assert.deepEqual(
    about(body.id_token),
    { ...NAME, ...EMAIL, ...groups },
    "no scope: not narrowed",
  );
  const parameters = { scope, prompt: "consent" };
  const { code } = await authorize(server, client, { parameters });
  const first = await redeem(server, client, code, { scope: "openid email" });
  assert.deepEqual(about(first.body.id_token), EMAIL, "the same at the redemption of the code");
});

test("a claim that the person unticked is nowhere", async () => {
  const sub = await server.addUser("choosy", { claims: { ...EMAIL, ...groups } });
  const browser = testBrowser(server);
  const parameters = { scope: "openid email groups", prompt: "consent" };
  const signIn = await browser.get(authorizationUrl(client, parameters));
  const asked = await browser.signIn(signIn, "choosy");
  const permission = `${server.issuer} email`;
  const { url } = await browser.submit(asked, { decision: "allow", permission }, "/consent");
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  assert.equal(body.scope, "openid email");
  assert.deepEqual(about(body.id_token), EMAIL);
  assert.deepEqual((await userinfo(server, body.access_token)).body, { sub, ...EMAIL });
});

test("id_token_claims says whether agreed claims are in ID tokens, for all and for a client", async () => {
  await using plain = await testServer({ ...config, id_token_claims: "none" });
  await plain.addUser("ada", { claims: EMAIL });
  for (const [on, id_token_claims, expected] of [
    [server, undefined, EMAIL],
    [server, "none", {}],
    [plain, undefined, {}],
    [plain, "none", {}],
    [plain, "scope", EMAIL],
  ] as const) {
    const own = await on.addClient({ ...WEB, id_token_claims });
    const parameters = { scope: "openid email" };
    const { id_token, access_token } = await tokensFor(on, own, { parameters });
    assert.deepEqual(about(id_token), expected);
    const { sub: _, ...known } = (await userinfo(on, access_token)).body;
    assert.deepEqual(known, EMAIL);
  }
});

test("a scope of the configuration gives its claims at userinfo, arrays as arrays", async () => {
  const { access_token, scope } = await tokens("openid groups");
  assert.equal(scope, "openid groups");
  assert.deepEqual((await userinfo(server, access_token)).body, { sub, ...groups });
});

test("claims of an API's scope are in its access tokens and introspection, and nowhere else", async () => {
  const snaps = await server.addClient(SERVICE, { resource: SNAPS });
  const prints = await server.addClient(SERVICE, { resource: PRINTS });
  const scope = "openid email photos.read prints.order groups";
  const { access_token, id_token, refresh_token } = await tokens(scope);
  const { album, email, shop, groups: none } = decodeJwt(access_token);
  assert.deepEqual([album, email, shop, none], ["Summer", "ada@example.com", undefined, undefined]);
  assert.deepEqual(about(id_token), { ...EMAIL, ...groups });
  assert.deepEqual((await userinfo(server, access_token)).body, { sub, ...EMAIL, ...groups });
  const seen = await introspect(server, snaps, access_token);
  assert.deepEqual(
    [seen.album, seen.email, seen.shop, seen.sub],
    ["Summer", EMAIL.email, undefined, sub],
  );
  // The app knows what it may know from userinfo.
  assert.equal("album" in (await introspect(server, client, access_token)), false);
  const { body } = await refresh(server, client, refresh_token, { resource: PRINTS });
  assert.match(body.access_token, /^vka_/);
  const opaque = await introspect(server, prints, body.access_token);
  assert.deepEqual([opaque.shop, opaque.album, opaque.sub], [{ size: "A4" }, undefined, sub]);
  assert.equal("shop" in (await introspect(server, client, body.access_token)), false);
});

test("introspection shows claims as they are now, not as the token says", async () => {
  const snaps = await server.addClient(SERVICE, { resource: SNAPS });
  const hedy = await server.addUser("hedy", { claims: { album: "Spring" } });
  const { access_token } = await tokens("photos.read", { username: "hedy" });
  assert.equal(decodeJwt(access_token).album, "Spring");
  const { store } = server.server;
  const account = (await store.findAccount(hedy)) ?? assert.fail("no account");
  await store.updateAccount({ ...account, claims: {} }, ["hedy"]);
  const { active, album } = await introspect(server, snaps, access_token);
  assert.deepEqual([active, album], [true, undefined]);
});

test("more than 4 KB of claims stay at userinfo, and the log says so once", async () => {
  const many = Array.from({ length: 300 }, (_, n) => `group-number-${n}`);
  await server.addUser("bulky", { claims: { groups: many, album: "x".repeat(5000) } });
  server.lines.length = 0;
  const { id_token, access_token } = await tokens("openid groups photos.read", {
    username: "bulky",
  });
  assert.deepEqual(about(id_token), {});
  assert.equal("album" in decodeJwt(access_token), false);
  assert.deepEqual((await userinfo(server, access_token)).body.groups, many);
  await tokens("openid groups photos.read", { username: "bulky" });
  const told = server.lines.filter(({ event }) => event.startsWith("claims are too large"));
  assert.deepEqual(
    told.map(({ fields }) => [fields.token, fields.most]),
    [
      ["access token", 4096],
      ["ID token", 4096],
    ],
  );
});

test("a claim of the wrong type from an app's own people is left out, and logged", async () => {
  const person: Person = {
    sub: "p1",
    username: "ada",
    claims: {
      name: { first: "Ada" },
      locale: "en",
      updated_at: new Date(),
      email: "ada@example.com",
      email_verified: "true",
      address: "Main St 1",
      picture: "javascript:alert(1)",
      groups: 1n,
      "https://x.test/roles": [],
      sub: "somebody else",
      iss: "https://evil.test",
    },
    is_admin: false,
    disabled: false,
  };
  const users: Users = {
    find: async () => ({ ...person }),
    findByLogin: async () => ({ ...person }),
    verifyPassword: async () => true,
  };
  await using own = await testServer({ ...config, users });
  const app = await own.addClient(WEB);
  const parameters = { scope: "openid profile email address groups" };
  const { id_token, access_token } = await tokensFor(own, app, { parameters });
  const right = { locale: "en", email: "ada@example.com" };
  assert.deepEqual(about(id_token), right);
  assert.deepEqual((await userinfo(own, access_token)).body, { sub: "p1", ...right });
  const left_out = own.lines.filter(({ event }) => event === "claim left out");
  assert.deepEqual(
    left_out.map(({ fields }) => [fields.claim, fields.sub, typeof fields.wanted]),
    ["name", "picture", "updated_at", "email_verified"].map((name) => [name, "p1", "string"]),
  );
});

test("a permission has no line where the account has not got its claims, and is not granted", async () => {
  await server.addUser("bare", { claims: { email: "b@example.com" } });
  const browser = testBrowser(server);
  const parameters = { scope: "openid profile email phone address groups photos.read" };
  const signIn = await browser.get(authorizationUrl(client, parameters));
  const asked = await browser.signIn(signIn, "bare");
  const boxes = [...asked.html.matchAll(/name="permission" value="([^"]*)"/g)].map(
    ([, each]) => each,
  );
  const { issuer } = server;
  assert.deepEqual(boxes, [`${SNAPS} photos.read`, `${issuer} profile`, `${issuer} email`]);
  const { url } = await browser.submit(asked, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, url.searchParams.get("code") ?? "");
  assert.equal(body.scope, "openid profile email photos.read");
  // The client may repeat the scope that it asked for.
  const again = await refresh(server, client, body.refresh_token, { scope: parameters.scope });
  assert.equal(again.body.scope, "openid profile email photos.read");
  // Nothing is asked again, until the account has something new to show.
  const silently = { ...parameters, prompt: "none" };
  assert.ok((await browser.get(authorizationUrl(client, silently))).url.searchParams.has("code"));
  const { store } = server.server;
  const account = (await store.findAccountByLogin("bare")) ?? assert.fail("no account");
  const claims = { ...account.claims, groups: ["staff"] };
  await store.updateAccount({ ...account, claims }, ["bare"]);
  const { url: refused } = await browser.get(authorizationUrl(client, silently));
  assert.equal(refused.searchParams.get("error"), "consent_required");
  const { html } = await browser.get(authorizationUrl(client, parameters));
  assert.match(html, /See your groups/);
  assert.match(html, /<small><bdi>staff/);
});

test("an app that is trusted gets no claim that the account gets later without asking for it anew", async () => {
  const trusted = await server.addClient(WEB, { trusted: true });
  await server.addUser("late", { claims: {} });
  const parameters = { scope: "openid phone" };
  const first = await tokensFor(server, trusted, { username: "late", parameters });
  assert.equal(first.scope, "openid");
  const { store } = server.server;
  const account = (await store.findAccountByLogin("late")) ?? assert.fail("no account");
  await store.updateAccount({ ...account, claims: { phone_number: "+44 1" } }, ["late"]);
  assert.equal("phone_number" in (await userinfo(server, first.access_token)).body, false);
  const second = await tokensFor(server, trusted, { username: "late", parameters });
  assert.equal(second.scope, "openid phone");
});

test("an API gets the signature that it asks for, and the issuer its own", async () => {
  await using rsa = await testServer({
    access_token_signing_alg: "RS256",
    resources: {
      [SNAPS]: { name: "Snaps", scopes: ["photos.read"] },
      [PRINTS]: { name: "Prints", scopes: ["prints.order"], access_token_signing_alg: "RS256" },
    },
  });
  await rsa.addUser("ada");
  const app = await rsa.addClient(WEB);
  const service = await rsa.addClient(SERVICE);
  const answer = await rsa.fetch(new Request(at(rsa, "/jwks")));
  const keys = createLocalJWKSet(JSON.parse(await answer.text()));
  // An API that verifies with this algorithm and no other.
  const check = async (token: string, alg: string) => {
    const { issuer } = rsa;
    const currentDate = new Date(rsa.now() * 1000);
    await jwtVerify(token, keys, { algorithms: [alg], typ: "at+jwt", issuer, currentDate });
  };
  for (const [scope, alg] of [
    ["openid", "RS256"],
    ["openid photos.read", "ES256"],
    ["prints.order", "RS256"],
  ] as const) {
    const parameters = { scope, prompt: "consent" };
    const { access_token, refresh_token } = await tokensFor(rsa, app, { parameters });
    await check(access_token, alg);
    await check((await refresh(rsa, app, refresh_token)).body.access_token, alg);
    assert.equal((await introspect(rsa, app, access_token)).active, true);
    if (scope !== "openid") {
      const name = scope.replace("openid ", "");
      const own = { client: service, grant_type: "client_credentials", scope: name };
      await check((await post(rsa, "/token", own)).body.access_token, alg);
    } else assert.equal((await userinfo(rsa, access_token)).status, 200);
  }
  const bare = { client: service, grant_type: "client_credentials" };
  await check((await post(rsa, "/token", bare)).body.access_token, "RS256");
  const plain = await tokens("openid");
  assert.equal(decodeProtectedHeader(plain.access_token).alg, "ES256");
});
