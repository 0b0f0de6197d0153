/** The `claims` parameter: asked for, agreed to, sent and remembered (OpenID Connect Core §5.5). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { claimPermission } from "../../src/oauth/permission.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { blocksOf, pasteRequests } from "../support/pasted.ts";
import { CONFIG, SNAPS, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await testServer({
  scopes: { ...CONFIG.scopes, groups: { text: "See your groups", claims: ["groups"] } },
});
after(() => server.close());
const { issuer } = server;
const ADA = {
  ...{ name: "Ada Lovelace", email: "ada@example.com", email_verified: true },
  ...{ phone_number: "+44 20 7946 0000", groups: ["staff"] },
};
const sub = await server.addUser("ada", { claims: ADA });
const client = await server.addClient(WEB);
const named = (places: object) => JSON.stringify(places);

/** The claims about the person that are beyond those of the protocol. */
function about(id_token: string): object {
  const { iss, sub, aud, exp, iat, jti, auth_time, acr, amr, sid, at_hash, ...rest } =
    decodeJwt(id_token);
  return rest;
}
const told = async (access_token: string) => {
  const { sub: _, ...rest } = (await userinfo(server, access_token)).body;
  return rest;
};
const tokens = (claims: object, more: Record<string, string> = {}, on = client) =>
  tokensFor(server, on, {
    parameters: { scope: "openid", prompt: "consent", claims: named(claims), ...more },
  });

test("each place gets what was asked for there, beside the claims of the scopes", async () => {
  const { id_token, access_token, refresh_token } = await tokens(
    { userinfo: { groups: null }, id_token: { email: { essential: true }, phone_number: null } },
    { scope: "openid profile" },
  );
  const NAME = { name: ADA.name, preferred_username: "ada" };
  const { email, phone_number, groups } = ADA;
  assert.deepEqual(about(id_token), { ...NAME, email, phone_number });
  assert.deepEqual(await told(access_token), { ...NAME, groups });
  const { body } = await refresh(server, client, refresh_token);
  assert.deepEqual(about(body.id_token), { ...NAME, email, phone_number });
  const narrow = await refresh(server, client, refresh_token, { scope: "openid" });
  assert.deepEqual(about(narrow.body.id_token), { email, phone_number }, "names are no scope");
});

test("a claim asked for by name is in the ID token even where claims of scopes are not", async () => {
  const quiet = await server.addClient({ ...WEB, id_token_claims: "none" });
  const asked = { id_token: { email: null } };
  const { id_token } = await tokens(asked, { scope: "openid email profile" }, quiet);
  assert.deepEqual(about(id_token), { email: ADA.email });
});

test("nobody is told more by claims of an API, of the protocol, or unknown ones", async () => {
  const asked = {
    iss: null,
    sub: null,
    album: null,
    favourite: null,
    toString: null,
    at_hash: null,
  };
  const { id_token, access_token } = await tokens({ userinfo: asked, id_token: asked });
  assert.deepEqual([about(id_token), await told(access_token)], [{}, {}]);
});

test("a client gets no claim of a scope that it may not ask for, also when that is taken back later", async () => {
  const few = await server.addClient({ ...WEB, scope: "openid email" });
  const asked = { userinfo: { name: null, email: null } };
  const { access_token } = await tokens(asked, {}, few);
  assert.deepEqual(await told(access_token), { email: ADA.email });
  const fewer = { ...few.record, metadata: { ...few.record.metadata, scope: "openid" } };
  await server.server.store.updateClient(fewer);
  assert.deepEqual(await told(access_token), {});
});

test("the consent page and the connected apps name each claim beyond the scopes, with its value", async () => {
  const own = await server.addClient({ ...WEB, client_name: "Nosy" });
  const browser = testBrowser(server);
  const claims = named({
    userinfo: { email: null, groups: null },
    id_token: { phone_number: null },
  });
  const parameters = { scope: "openid profile", claims };
  const signIn = await browser.get(authorizationUrl(own, parameters));
  const page = await browser.signIn(signIn, "ada");
  for (const words of [
    "See your email address",
    ADA.email,
    "See your phone number",
    "See your “",
    "staff",
  ])
    assert.ok(page.html.includes(words), words);
  const boxes = [...page.html.matchAll(/name="permission" value="([^"]*)"/g)].map(([, box]) => box);
  const of = (name: string) => claimPermission(issuer, name);
  assert.deepEqual(
    boxes.sort(),
    [of("email"), of("groups"), of("phone_number"), `${issuer} profile`].sort(),
  );
  await browser.submit(page, { decision: "allow" }, "/consent");
  const apps = await browser.get("/account");
  assert.ok(
    apps.html.includes("See your email address") && apps.html.includes("See your phone number"),
  );
});

test("a claim is agreed to once; another one is asked for anew, and an unticked one is nowhere", async () => {
  const own = await server.addClient(WEB);
  const browser = testBrowser(server);
  const ask = (claims: object, more = {}) =>
    authorizationUrl(own, { scope: "openid", claims: named(claims), ...more });
  const first = { userinfo: { email: null, phone_number: null } };
  const page = await browser.signIn(await browser.get(ask(first)), "ada");
  const permission = claimPermission(issuer, "email");
  const { url } = await browser.submit(page, { decision: "allow", permission }, "/consent");
  const { body } = await redeem(server, own, url.searchParams.get("code") ?? "");
  assert.deepEqual(await told(body.access_token), { email: ADA.email });
  const silent = async (claims: object) =>
    (await browser.get(ask(claims, { prompt: "none" }))).url.searchParams;
  assert.ok((await silent(first)).has("code"), "both answers are remembered");
  assert.ok((await silent({ id_token: { email: null } })).has("code"), "at another place too");
  assert.equal((await silent({ userinfo: { name: null } })).get("error"), "consent_required");
  const scope = { scope: "openid email", prompt: "none" };
  const { url: wider } = await browser.get(authorizationUrl(own, scope));
  assert.equal(wider.searchParams.get("error"), "consent_required", "a scope is more than a claim");
});

test("removing the consent ends what was agreed by name", async () => {
  const { access_token, browser } = await tokens({ userinfo: { email: null } });
  assert.deepEqual(await told(access_token), { email: ADA.email });
  await server.server.store.removeConsent({ sub, client_id: client.client_id }, server.now());
  assert.equal((await userinfo(server, access_token)).status, 401);
  const claims = named({ userinfo: { email: null } });
  const { url } = await browser.get(
    authorizationUrl(client, { scope: "openid", claims, prompt: "none" }),
  );
  assert.equal(url.searchParams.get("error"), "consent_required");
});

test("a claim without a value is not asked for, and asked for once the account has one", async () => {
  await server.addUser("bare");
  const own = await server.addClient(WEB);
  const browser = testBrowser(server);
  const parameters = {
    scope: "openid",
    claims: named({ userinfo: { email: { essential: true } } }),
  };
  const page = await browser.signIn(await browser.get(authorizationUrl(own, parameters)), "bare");
  assert.ok(!page.html.includes("See your email address"));
  await browser.submit(page, { decision: "allow" }, "/consent");
  const { store } = server.server;
  const account = (await store.findAccountByLogin("bare")) ?? assert.fail("no account");
  await store.updateAccount({ ...account, claims: { email: "b@example.com" } }, ["bare"]);
  const { html } = await browser.get(authorizationUrl(own, parameters));
  assert.match(html, /See your email address/);
});

test("tokens, introspection and later requests know no scope for a claim", async () => {
  const asked = { userinfo: { email: null } };
  const { scope, access_token, refresh_token } = await tokens(asked, {
    scope: "openid photos.read",
  });
  assert.equal(scope, "openid photos.read");
  assert.equal(decodeJwt(access_token).email, undefined);
  for (const token of [access_token, refresh_token])
    assert.equal((await introspect(server, client, token)).scope, "openid photos.read");
  const alone = await refresh(server, client, refresh_token, { resource: SNAPS });
  assert.equal((await userinfo(server, alone.body.access_token)).status, 401);
  const { url } = await authorize(server, client, {
    parameters: { scope: "openid claim", claims: named(asked) },
  });
  assert.ok(url.searchParams.has("code"));
});

test("a sub in claims is for that person, or login_required", async () => {
  await server.addUser("eve");
  const browser = testBrowser(server);
  await authorize(server, client, { browser });
  const ask = (value: string, more = {}) =>
    authorizationUrl(client, { claims: named({ id_token: { sub: { value } } }), ...more });
  const { url } = await browser.get(ask(sub, { prompt: "none" }));
  assert.ok(url.searchParams.has("code"));
  const other = await browser.get(ask("somebody-else", { prompt: "none" }));
  assert.equal(other.url.searchParams.get("error"), "login_required");
  const eve = testBrowser(server);
  const refused = await eve.signIn(await eve.get(ask(sub)), "eve");
  assert.equal(refused.url.searchParams.get("error"), "login_required");
  const { id_token } = await tokensFor(server, client, { username: "eve" });
  const both = await browser.get(ask(sub, { id_token_hint: id_token }));
  assert.equal(both.url.searchParams.get("error"), "login_required", "two people are named");
});

test("a sub in claims is the one that a pairwise client sees", async () => {
  const pairwise = await server.addClient(
    { ...WEB, subject_type: "pairwise" },
    { sector: "a.test" },
  );
  const browser = testBrowser(server);
  const { id_token } = await tokensFor(server, pairwise, { browser });
  const ask = async (value: unknown) => {
    const claims = named({ userinfo: { sub: { value } } });
    const { url } = await browser.get(authorizationUrl(pairwise, { claims, prompt: "none" }));
    return url.searchParams.get("error");
  };
  assert.equal(await ask(decodeJwt(id_token).sub), null);
  assert.equal(await ask(sub), "login_required");
});

test("H3: hostile claims are an error at the client, and change nothing in the server", async () => {
  const browser = testBrowser(server);
  for (const claims of [
    "{",
    "[]",
    '"name"',
    '{"userinfo":{"name":null,"name":{"essential":true}}}',
    '{"userinfo":{"__proto__":{"x":1}}}',
    '{"__proto__":{"x":1}}',
    `{"userinfo":${'{"a":'.repeat(60)}1${"}".repeat(60)}}`,
    JSON.stringify({ userinfo: { name: { value: "x".repeat(5000) } } }),
  ]) {
    const { url } = await browser.get(authorizationUrl(client, { claims }));
    assert.equal(url.searchParams.get("error"), "invalid_request", claims.slice(0, 40));
    assert.equal(Object.hasOwn(Object.prototype, "x"), false);
  }
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`claim${i}`, null]));
  const { url } = await browser.get(
    authorizationUrl(client, { claims: named({ userinfo: many }) }),
  );
  assert.match(url.pathname, /sign-in/);
});

test("the page about claims: its request is understood, and asks for what the page says", async () => {
  await using live = await webServer();
  const { client_id: CLIENT_ID } = await live.addClient(WEB);
  const page = "docs/claims.md";
  const REDIRECT_URI = WEB.redirect_uris[0] ?? "";
  const [address = ""] = await pasteRequests(page, {
    ISSUER: live.issuer,
    CLIENT_ID,
    REDIRECT_URI,
  });
  assert.equal(new URL(address.trim()).searchParams.get("error"), "login_required");
  const [asked = ""] = blocksOf(page, "json");
  const request = blocksOf(page, "sh").join("");
  assert.ok(request.includes(`claims=${JSON.stringify(JSON.parse(asked))}`));
});
