/**
 * Implicit, hybrid and password grant: OAuth 2.0 Multiple Response Types, OpenID Connect Core §3.2 and §3.3, RFC 6749
 * §4.2 and §4.3.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { decodeJwt } from "jose";
import { tokensInRedirect } from "../../src/grants/implicit.ts";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "../../src/oauth/response_type.ts";
import { addAppCodes } from "../support/app_codes.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { post } from "../support/flow.ts";
import { answerIn, ask, FRONT, legacyStories, newPerson } from "../support/legacy_stories.ts";
import { byPassword, PASSWORD_APP, passwordStories } from "../support/password_stories.ts";
import { blocksOf, pasteRequests } from "../support/pasted.ts";
import { contextOf, PASSWORD, testServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await testServer({ legacy_grants: true });
const plain = await testServer();
after(() => Promise.all([server.close(), plain.close()]));

for (const [sentence, story] of Object.entries({ ...legacyStories, ...passwordStories }))
  test(sentence, () => story(server));

const documentOf = async ({ fetch, issuer }: typeof server): Promise<Record<string, string[]>> =>
  JSON.parse(await (await fetch(new Request(`${issuer}/.well-known/openid-configuration`))).text());

test("the switch is off: nothing is advertised, each type is unsupported_response_type", async () => {
  const metadata = await documentOf(plain);
  assert.deepEqual(metadata.response_types_supported, ["code"]);
  for (const grant_type of ["implicit", "password"])
    assert.equal(metadata.grant_types_supported?.includes(grant_type), false);
  const client = await plain.addClient(FRONT);
  for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES) {
    const page = await testBrowser(plain).get(authorizationUrl(client, { response_type }));
    assert.equal(answerIn(page.url).error, "unsupported_response_type", response_type);
  }
  for (const grant_type of ["implicit", "password"]) {
    const { status, body } = await post(plain, "/token", { client, grant_type });
    assert.deepEqual([status, body.error], [400, "unsupported_grant_type"]);
  }
});

test("the switch is on: metadata name everything, and the log warns at start", async () => {
  const metadata = await documentOf(server);
  const types = ["code", ...FRONT_CHANNEL_RESPONSE_TYPES];
  assert.deepEqual(metadata.response_types_supported, types);
  for (const grant_type of ["implicit", "password"])
    assert.ok(metadata.grant_types_supported?.includes(grant_type), grant_type);
  const warned = (one: typeof server) =>
    one.lines.filter(({ event, level }) => event === "legacy grants are on" && level === "warn");
  assert.deepEqual([warned(server).length, warned(plain).length], [1, 0]);
});

test("a client that is registered for codes only gets no other answer", async () => {
  const { username } = await newPerson(server);
  const client = await server.addClient(WEB);
  for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES) {
    const { answer, url } = await ask(server, client, { username, response_type });
    assert.equal(answer.error, "unauthorized_client", response_type);
    assert.equal(url.search, "");
  }
  const { status, body } = await post(server, "/token", { client, grant_type: "implicit" });
  assert.deepEqual([status, body.error], [400, "unauthorized_client"]);
  const front = await server.addClient(FRONT);
  const asked = await post(server, "/token", { client: front, grant_type: "implicit" });
  assert.deepEqual([asked.status, asked.body.error], [400, "unsupported_grant_type"]);
});

test("errors of a request for tokens come in the fragment", async () => {
  const { username } = await newPerson(server);
  const client = await server.addClient(FRONT);
  for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES)
    for (const [error, wrong] of [
      ["invalid_request", { response_mode: "query" }],
      ["invalid_request", { response_mode: "unknown" }],
      ["invalid_scope", { scope: "no.such" }],
      ["login_required", { prompt: "none" }],
      ["invalid_request", { prompt: "none login" }],
      ...(response_type.includes("id_token")
        ? ([
            ["invalid_request", { nonce: undefined }],
            ["invalid_scope", { scope: "photos.read" }],
          ] as const)
        : []),
    ] as const) {
      const { answer, url } = await ask(server, client, { response_type, ...wrong });
      assert.equal(answer.error, error, `${response_type} ${JSON.stringify(wrong)}`);
      const names = ["error", "error_description", "iss", "state"];
      assert.deepEqual(Object.keys(answer).sort(), names);
      assert.equal(url.search, "");
    }
  const browser = testBrowser(server);
  const asked = { response_type: "id_token token", nonce: "n" };
  const consent = await browser.signIn(
    await browser.get(authorizationUrl(client, asked)),
    username,
  );
  const { url } = await browser.submit(consent, { decision: "deny" }, "/consent");
  assert.equal(answerIn(url).error, "access_denied");
  assert.equal(url.search, "");
});

test("registered response types and grant types fit, in any order of words", async () => {
  const { response_types } = await server.registerClient({
    ...FRONT,
    response_types: ["token id_token code", "id_token code", "code"],
  });
  assert.deepEqual(response_types, ["code id_token token", "code id_token", "code"]);
  for (const [grant_types, types] of [
    [["authorization_code"], ["code", "id_token"]],
    [["authorization_code"], ["code id_token"]],
    [["implicit"], ["code id_token"]],
    [["implicit"], ["code"]],
    [["authorization_code", "implicit"], ["code"]],
    [["authorization_code", "implicit"], ["token"]],
  ] as const) {
    const document = { ...FRONT, grant_types: [...grant_types], response_types: [...types] };
    await assert.rejects(server.registerClient(document), { parameter: "response_types" });
  }
  for (const uri of ["http://127.0.0.1/cb", "https://localhost/cb", "https://localhost:8443/cb"])
    await assert.rejects(server.registerClient({ ...FRONT, redirect_uris: [uri] }), {
      error: "invalid_redirect_uri",
    });
  const only = { grant_types: ["implicit"], response_types: ["id_token"] };
  assert.ok(await server.registerClient({ ...FRONT, ...only }));
  await assert.rejects(server.registerClient({ ...FRONT, ...only, redirect_uris: [] }), {
    error: "invalid_redirect_uri",
  });
});

test("the password grant is for confidential clients of operators that registered it", async () => {
  const { username } = await newPerson(server);
  for (const [metadata, options, error] of [
    [WEB, {}, "unauthorized_client"],
    [PASSWORD_APP, { created_by: "user" }, "unauthorized_client"],
  ] as const) {
    const client = await server.addClient(metadata, options);
    const { status, body } = await byPassword(server, client, { username });
    assert.deepEqual([status, body.error], [400, error]);
  }
  const open = { ...PASSWORD_APP, token_endpoint_auth_method: "none" };
  await assert.rejects(server.registerClient(open), { parameter: "grant_types" });
  const client = await server.addClient(PASSWORD_APP);
  for (const missing of [{ username: undefined }, { username, password: undefined }]) {
    const { status, body } = await byPassword(server, client, missing);
    assert.deepEqual([status, body.error], [400, "invalid_request"]);
  }
  const long = await byPassword(server, client, { username, password: "x".repeat(1025) });
  assert.deepEqual([long.status, long.body.error], [400, "invalid_request"]);
  const secret = { ...client, client_secret: "wrong" };
  assert.equal((await byPassword(server, secret, { username })).status, 401);
});

test("a request that can't succeed checks no password and counts no try", async () => {
  const { username } = await newPerson(server);
  const client = await server.addClient(PASSWORD_APP);
  for (let tries = 0; tries < 10; tries += 1) {
    const wrong = { username, password: "wrong", scope: "no.such" };
    assert.equal((await byPassword(server, client, wrong)).body.error, "invalid_scope");
  }
  assert.equal((await byPassword(server, client, { username })).status, 200);
});

test("a password that changes while it is checked leads to no tokens", async () => {
  const { username } = await newPerson(server);
  const client = await server.addClient(PASSWORD_APP);
  const { users } = server.server;
  const { passwordMark } = users;
  assert.ok(passwordMark);
  let asked = 0;
  Object.assign(users, { passwordMark: async () => `mark ${++asked}` });
  const { status, body } = await byPassword(server, client, { username });
  Object.assign(users, { passwordMark });
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
});

test("a password alone gets no tokens where the person has a second factor, and only the right one says so", async () => {
  const { username, sub } = await newPerson(server);
  const client = await server.addClient(PASSWORD_APP);
  assert.equal((await byPassword(server, client, { username })).status, 200);
  const wrong = async (password: string, name = username) =>
    (await byPassword(server, client, { username: name, password })).body;
  const before = await wrong("wrong password");
  const app = await addAppCodes(server, sub);
  assert.deepEqual(await wrong("wrong password"), before, "nobody else learns of the factor");
  assert.deepEqual(await wrong("wrong password", `${username}-x`), before);
  const refused = await byPassword(server, client, { username });
  assert.deepEqual([refused.status, refused.body.error], [400, "invalid_grant"]);
  assert.match(refused.body.error_description ?? "", /second factor.*code flow/);
  const { version } = await server.server.store.loadFactors(sub);
  const change = { remove_totps: [app.totp_id] };
  assert.ok(await server.server.store.changeFactors({ sub, version }, change));
  assert.equal((await byPassword(server, client, { username })).status, 200);
});

test("a password alone gets no tokens where the operator wants two factors of everybody", async () => {
  await using strict = await testServer({
    legacy_grants: true,
    sign_in: { second_factor: "required" },
  });
  const { username } = await newPerson(strict);
  const client = await strict.addClient(PASSWORD_APP);
  const { status, body } = await byPassword(strict, client, { username });
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
  assert.match(body.error_description ?? "", /second factor/);
});

test("a factor that is added while the password is checked leads to no tokens", async () => {
  const { username, sub } = await newPerson(server);
  const client = await server.addClient(PASSWORD_APP);
  const { store } = server.server;
  const { approve } = store;
  Object.assign(store, {
    async approve(...args: Parameters<typeof approve>) {
      await addAppCodes(server, sub);
      return approve(...args);
    },
  });
  const { status, body } = await byPassword(server, client, { username });
  Object.assign(store, { approve });
  assert.deepEqual([status, body.error], [400, "invalid_grant"]);
});

test("tokens of the redirect pass the gate: a grant that ended in the same moment gives none", async () => {
  const { username } = await newPerson(server);
  const client = await server.addClient(FRONT);
  const { answer } = await ask(server, client, { username, response_type: "token" });
  const grant_id = String(decodeJwt(answer.access_token ?? "").grant_id);
  const grant = await server.server.store.findGrant(grant_id);
  assert.ok(grant);
  const ctx = contextOf(server, server.now(), grant.epoch);
  const issue = () =>
    tokensInRedirect({ parts: ["token"], grant, code: null, nonce: null }, client.record, ctx);
  assert.ok((await issue()).access_token);
  await server.server.store.revokeGrant(grant_id, server.now());
  await assert.rejects(issue, { error: "invalid_grant" });
});

test("a request that began before the switch was turned off gets nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-legacy-"));
  const database = `sqlite:${join(folder, "database.sqlite")}`;
  const runtime = { secret: Buffer.alloc(32, 7).toString("base64url") };
  const before = await testServer({ database, legacy_grants: true }, runtime);
  const { username } = await newPerson(before);
  const client = await before.addClient(FRONT);
  const address = authorizationUrl(client, { response_type: "token", prompt: "consent" });
  const browser = testBrowser(before);
  const consent = await browser.signIn(await browser.get(address), username);
  await before.close();
  const later = await testServer({ database }, runtime);
  const moved = testBrowser(later);
  for (const [name, value] of browser.cookies) moved.cookies.set(name, value);
  const { status, url } = await moved.submit(consent, { decision: "allow" }, "/consent");
  assert.deepEqual([status, url.hash], [400, ""]);
  await later.close();
  rmSync(folder, { recursive: true });
});

test("the page about legacy grants: its app can be registered, and its request gets tokens", async () => {
  await using live = await webServer({ legacy_grants: true });
  const page = "docs/legacy-grants.md";
  const [app = "{}"] = blocksOf(page, "json");
  const { response_types } = await live.registerClient(JSON.parse(app));
  assert.deepEqual(response_types, JSON.parse(app).response_types);
  const client = await live.registerClient({
    grant_types: ["password", "refresh_token"],
    response_types: [],
    redirect_uris: [],
  });
  const { username } = await newPerson(live);
  const [answer = "{}"] = await pasteRequests(page, {
    ISSUER: live.issuer,
    CLIENT_ID: client.client_id,
    CLIENT_SECRET: client.client_secret ?? "",
    USERNAME: username,
    PASSWORD,
  });
  const tokens = JSON.parse(answer);
  assert.equal(tokens.scope, "openid email");
  assert.ok(tokens.access_token && tokens.refresh_token && tokens.id_token);
});
