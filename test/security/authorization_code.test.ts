/** Attacks on authorization codes: replayed, redeemed by another client, expired, guessed, or leaked into a log. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { keepSigningKeys } from "../../src/keys/keyring.ts";
import { issueHandle, parseHandle } from "../../src/tokens/handle.ts";
import {
  authorizationUrl,
  s256,
  type TestBrowser,
  testBrowser,
  VERIFIER,
} from "../support/browser.ts";
import { authorize, basic, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { ISSUER, NATIVE, PRINTS, SNAPS, type TestClient, WEB } from "../support/server.ts";
import {
  assertNoSecrets,
  INVALID_CLIENT,
  INVALID_GRANT,
  INVALID_REQUEST,
  refused,
  refusedAs,
} from "./assertions.ts";
import { type WatchedServer, watchedServer } from "./watched_server.ts";

const LOOPBACK = { redirect_uri: "http://127.0.0.1:5000/callback" };
const REVOKES = { changes: ["authorization_grant"] } as const;

let server: WatchedServer;
let web: TestClient;
let evil: TestClient;
let pub: TestClient;
/** Signed in, and has agreed to `web`. */
let ada: TestBrowser;

before(async () => {
  // This file asks for more grants of one person within a second than one app may have.
  server = await watchedServer({ limits: { grants: 0 } });
  await server.addUser("ada");
  web = await server.addClient(WEB);
  evil = await server.addClient({ ...WEB, client_name: "Evil" });
  pub = await server.addClient(NATIVE);
  ({ browser: ada } = await authorize(server, web));
});
after(() => server.close());

const codeFor = async (client: TestClient, parameters: Record<string, string> = {}) =>
  (await authorize(server, client, { browser: ada, parameters })).code;

/** The grant row that a code or refresh token belongs to. */
function grantOf(handle: string): { revoked_at: number | null; generation: number } {
  const id = parseHandle(handle)?.grant_id ?? "";
  const row = server.snapshot().authorization_grant.find((text) => text.includes(`"${id}"`));
  return JSON.parse(row ?? "{}");
}

test("C1 a second redemption is refused and revokes everything issued from the first, and nothing else", async () => {
  const other = await tokensFor(server, web, { browser: ada });
  const code = await codeFor(web, { scope: "openid offline_access" });
  const { body } = await redeem(server, web, code);
  const later = await refresh(server, web, body.refresh_token);
  await refusedAs(server, () => redeem(server, web, code), INVALID_GRANT, REVOKES);
  for (const token of [body.access_token, later.body.access_token, body.refresh_token])
    assert.deepEqual(await introspect(server, web, token), { active: false });
  await refusedAs(server, () => refresh(server, web, body.refresh_token), INVALID_GRANT);
  assert.equal((await introspect(server, web, other.access_token)).active, true);
  assert.equal((await refresh(server, web, other.refresh_token)).status, 200);
  const warning = server.lines.findLast(({ level }) => level === "warn");
  assert.match(warning?.event ?? "", /code reused/);
  assert.equal(warning?.fields.client_id, web.client_id);
});

test("C1 a replay revokes the grant after the code has expired too, whatever else the request contains", async () => {
  const replays = [
    { scope: "openid" },
    { redirect_uri: WEB.redirect_uris[0] },
    { resource: ISSUER },
  ];
  for (const parameters of replays) {
    const code = await codeFor(web);
    await redeem(server, web, code);
    server.advance(300);
    await refusedAs(server, () => redeem(server, web, code, parameters), INVALID_GRANT, REVOKES);
    assert.notEqual(grantOf(code).revoked_at, null);
  }
});

test("C1 of fifty concurrent redemptions one succeeds, and the grant is revoked", async () => {
  for (const client of [web, pub]) {
    const code = await codeFor(client, client === pub ? LOOPBACK : {});
    const before = server.count("authorization_grant");
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => redeem(server, client, code)),
    );
    const good = answers.filter(({ status }) => status === 200);
    assert.equal(good.length, 1);
    for (const { status, body } of answers)
      if (status !== 200) assert.equal(body.error, "invalid_grant");
    assert.equal(server.count("authorization_grant"), before);
    assert.notEqual(grantOf(code).revoked_at, null, "the other redemptions count as a replay");
    const [winner] = good;
    assert.equal((await refresh(server, client, winner?.body.refresh_token ?? "")).status, 400);
    if (client === web)
      assert.deepEqual(await introspect(server, web, winner?.body.access_token ?? ""), {
        active: false,
      });
  }
});

test("C3 a code issued to one client is refused for another, even with that client's valid credentials", async () => {
  const code = await codeFor(web);
  for (const thief of [evil, pub])
    await refusedAs(server, () => redeem(server, thief, code), INVALID_GRANT);
  const url = { redirect_uri: WEB.redirect_uris[0] };
  await refusedAs(server, () => redeem(server, evil, code, url), INVALID_GRANT);
  assert.equal((await redeem(server, web, code)).status, 200, "the code is still unused");
  await refusedAs(server, () => redeem(server, evil, code), INVALID_GRANT);
  assert.equal(grantOf(code).revoked_at, null, "a replay by another client revokes nothing");
  const native = await codeFor(pub, LOOPBACK);
  await refusedAs(server, () => redeem(server, web, native), INVALID_GRANT);
  assert.equal((await redeem(server, pub, native)).status, 200);
});

test("C3 a confidential client's code is refused without client authentication, and stays unused", async () => {
  const code = await codeFor(web);
  const asPublic = { client_id: web.client_id, grant_type: "authorization_code", code };
  await refusedAs(
    server,
    () => post(server, "/token", { ...asPublic, code_verifier: VERIFIER }),
    INVALID_CLIENT,
  );
  assert.equal((await redeem(server, web, code)).status, 200);
});

test("C4 a guessed code revokes nothing, even when all but one character is right", async () => {
  const code = await codeFor(web);
  const { body } = await redeem(server, web, code);
  const { store, secrets } = server.server;
  const grant = await store.findGrant(parseHandle(code)?.grant_id ?? "");
  assert.ok(grant);
  const flip = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
  const guesses = [
    flip(code, code.length - 1),
    flip(code, 50),
    flip(code, 5),
    flip(code, 10),
    flip(code, 40),
    code.slice(0, -1),
    `${code}A`,
    `${code}=`,
    ` ${code}`,
    code.replace("vkc_", "vkr_"),
    code.replace("vkc_", "VKC_"),
    code.replace("vkc_", ""),
    body.refresh_token,
    body.refresh_token.replace("vkr_", "vkc_"),
    body.access_token,
    issueHandle("vkc", { ...grant, salt: "other" }, 0, secrets) ?? "",
    issueHandle("vkc", { ...grant, epoch: 0 }, 0, secrets) ?? "",
    issueHandle("vkc", { ...grant, client_id: "x", salt: "" }, 0, secrets) ?? "",
    "vkc_",
    `vkc_${"A".repeat(80)}`,
    `vkc_${"A".repeat(5000)}`,
    "0",
    "null",
    "' OR 1=1 --",
    "\u0000",
  ];
  for (const guess of guesses)
    for (const client of [web, evil])
      await refusedAs(server, () => redeem(server, client, guess), INVALID_GRANT);
  assert.equal(grantOf(code).revoked_at, null);
  assert.equal((await introspect(server, web, body.access_token)).active, true);
});

test("C4 a replay with a wrong code_verifier or redirect_uri does not revoke the tokens", async () => {
  const code = await codeFor(web);
  const { body } = await redeem(server, web, code);
  for (const wrong of [
    { code_verifier: "x".repeat(43) },
    { code_verifier: undefined },
    { redirect_uri: "https://evil.test/cb" },
  ])
    await refusedAs(server, () => redeem(server, web, code, wrong), INVALID_GRANT);
  assert.equal((await introspect(server, web, body.access_token)).active, true);
});

test("C6 a code expires after 60 seconds", async () => {
  for (const [seconds, status] of [
    [59, 200],
    [60, 400],
    [61, 400],
    [3600, 400],
  ] as const) {
    const code = await codeFor(web);
    server.advance(seconds);
    if (status === 200) assert.equal((await redeem(server, web, code)).status, 200);
    else await refusedAs(server, () => redeem(server, web, code), INVALID_GRANT);
  }
});

test("C7 a token request refused for another reason does not use up the code", async () => {
  const code = await codeFor(web, { scope: "openid photos.read" });
  const targets = [PRINTS, "https://nowhere.test", "nonsense", `${SNAPS}#x`, `${SNAPS}/`];
  for (const resource of targets)
    await refusedAs(server, () => redeem(server, web, code, { resource }), [400, "invalid_target"]);
  const both = { resource: [SNAPS, ISSUER] };
  await refusedAs(server, () => redeem(server, web, code, both), [400, "invalid_target"]);
  const more = { scope: "openid photos.read photos.write" };
  await refusedAs(server, () => redeem(server, web, code, more), [400, "invalid_scope"]);
  await refusedAs(server, () => redeem(server, web, code, { scope: '"' }), [400, "invalid_scope"]);
  await refusedAs(
    server,
    () => redeem(server, web, code, { code_verifier: "short" }),
    INVALID_GRANT,
  );
  await refusedAs(server, () => redeem(server, web, code, { code: [code, code] }), INVALID_REQUEST);
  const bare = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  await refusedAs(server, () => post(server, "/token", bare), INVALID_CLIENT);
  const wrong = { ...web, client_secret: "wrong" };
  await refusedAs(server, () => redeem(server, wrong, code), INVALID_CLIENT);
  assert.equal((await redeem(server, web, code, { resource: SNAPS })).status, 200);
});

test("C7 a code is not used up when signing fails", async () => {
  const code = await codeFor(web);
  const { store, secrets } = server.server;
  for (const { kid } of await store.listSigningKeys())
    await store.retireSigningKey(kid, server.now());
  // A missing key is made by the first signature, unless that fails.
  const { addFirstKeys } = server.server;
  const fails = async () => Promise.reject(new Error("no key can be made"));
  Object.assign(server.server, { addFirstKeys: fails });
  const answer = await redeem(server, web, code);
  Object.assign(server.server, { addFirstKeys });
  await keepSigningKeys(store, secrets, server.now());
  assert.notEqual(answer.status, 200);
  assert.equal(grantOf(code).generation, 0);
  assert.equal((await redeem(server, web, code)).status, 200);
});

test("C9 codes are unique and unpredictable, and the database holds neither them nor their hashes", async () => {
  const seen = new Set<string>();
  const proofs = new Set<string>();
  for (let i = 0; i < 100; i += 1) {
    const code = await codeFor(web);
    seen.add(code);
    proofs.add(parseHandle(code)?.proof.toString("hex") ?? "");
  }
  assert.equal(seen.size, 100);
  assert.equal(proofs.size, 100);
  const { store, secrets } = server.server;
  const [code = ""] = seen;
  const grant = await store.findGrant(parseHandle(code)?.grant_id ?? "");
  assert.ok(grant);
  assert.ok(Buffer.from(grant.salt, "base64url").length >= 16);
  for (let i = 0; i < 10_000; i += 1) {
    const grant_id = i.toString(16).padStart(36, "0");
    proofs.add(issueHandle("vkc", { ...grant, grant_id }, 0, secrets)?.slice(-42) ?? "");
  }
  assert.equal(proofs.size, 10_100);
  const bits = Buffer.from([...proofs].slice(100).join(""), "base64url");
  const ones = bits.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  assert.ok(Math.abs(ones / (bits.length * 8) - 0.5) < 0.01, "about as many ones as zeros");
  for (const each of seen) {
    assert.ok(!server.isOnDisk(each));
    assert.ok(!server.isOnDisk(each.slice(-42)), "its proof is not on disk");
  }
  assert.ok(server.isOnDisk(grant.salt), "the search really reads the database");
});

test("C9 neither codes nor tokens nor secrets are on disk, in clear or hashed", async () => {
  const code = await codeFor(pub, { ...LOOPBACK, scope: "openid prints.order" });
  const { body } = await redeem(server, pub, code);
  const { client_secret } = web;
  for (const secret of [code, body.access_token, body.refresh_token, client_secret]) {
    assert.ok(!server.isOnDisk(secret));
    if (secret !== client_secret) assert.ok(!server.isOnDisk(s256(secret)));
  }
  for (const value of ada.cookies.values())
    for (const part of value.split("."))
      if (part.length > 30)
        assert.ok(!server.isOnDisk(part), "the secret of a cookie is not on disk");
});

test("C10 body parameters in the query string are refused, and their values are not logged", async () => {
  const code = await codeFor(web);
  const all = { grant_type: "authorization_code", code, code_verifier: VERIFIER };
  const marker = "marker-secret-in-the-address";
  const queries = [
    `code=${code}`,
    `client_secret=${marker}`,
    `client_id=${web.client_id}&client_secret=${marker}`,
    `code_verifier=${VERIFIER}`,
    `grant_type=authorization_code`,
    "x",
  ];
  for (const query of queries)
    for (const path of ["/token", "/revoke", "/introspect"]) {
      const token = path === "/token" ? all : { token: code };
      const options = { markers: [marker] };
      const act = () => post(server, `${path}?${query}`, { client: web, ...token });
      await refusedAs(server, act, INVALID_REQUEST, options);
    }
  const headers = { authorization: basic(web) };
  const url = `${ISSUER}/token?${new URLSearchParams(all)}`;
  const from = server.lines.length;
  const get = await server.fetch(new Request(url, { headers }));
  assert.equal(get.status, 405);
  assert.equal(get.headers.get("allow"), "POST");
  const empty = await server.fetch(new Request(url, { method: "POST", headers }));
  assert.equal(empty.status, 400);
  assertNoSecrets(server.lines.slice(from), [marker, code]);
  assert.equal((await redeem(server, web, code)).status, 200);
});

test("a code is refused once its consent, session or client is gone", async () => {
  const grace = await server.addUser("grace");
  const { store } = server.server;
  const revocations: [string, (browser: TestBrowser, client: TestClient) => Promise<unknown>][] = [
    [
      "consent",
      (_, client) => store.removeConsent({ sub: grace, client_id: client.client_id }, server.now()),
    ],
    ["session", async (browser) => browser.submit(await browser.get("/sign-out"), {}, "/sign-out")],
    ["client", (_, { record }) => store.updateClient({ ...record, disabled_at: server.now() })],
  ];
  for (const [what, revoke] of revocations) {
    const client = await server.addClient(WEB);
    const browser = testBrowser(server);
    const { code } = await authorize(server, client, { username: "grace", browser });
    assert.match(code, /^vkc_/, what);
    await revoke(browser, client);
    const expected = what === "client" ? INVALID_CLIENT : INVALID_GRANT;
    await refusedAs(server, () => redeem(server, client, code), expected);
  }
});

test("a client without the code or refresh_token grant type gets no code or no refresh token", async () => {
  const plain = await server.addClient({ ...WEB, grant_types: ["authorization_code"] });
  const { body } = await redeem(
    server,
    plain,
    await codeFor(plain, { scope: "openid offline_access" }),
  );
  assert.equal(body.refresh_token, undefined);
  const no_code = { grant_types: ["client_credentials"], response_types: [] };
  const changed = { ...web.record.metadata, ...no_code };
  const code = await codeFor(web);
  await server.server.store.updateClient({ ...web.record, metadata: changed });
  await refusedAs(server, () => redeem(server, web, code), [400, "unauthorized_client"]);
  await refused(server, () => ada.request(authorizationUrl(web)));
  await server.server.store.updateClient(web.record);
  assert.equal((await redeem(server, web, code)).status, 200);
});
