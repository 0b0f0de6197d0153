/** Authorization codes at the token endpoint (OAuth 2.1 §4.1.3, §7.5; OpenID Connect Core §3.1.3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { VERIFIER } from "../support/browser.ts";
import {
  authorize,
  introspect,
  post,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from "../support/flow.ts";
import { adaWithAnApp } from "../support/scene.ts";
import { NATIVE, WEB } from "../support/server.ts";

const { server, client } = await adaWithAnApp();
const { browser } = await tokensFor(server, client);

const newCode = async () => (await authorize(server, client, { browser })).code;

test("a code expires after 60 seconds", async () => {
  const [in_time, late] = [await newCode(), await newCode()];
  server.advance(59);
  assert.equal((await redeem(server, client, in_time)).status, 200);
  server.advance(1);
  const refused = await redeem(server, client, late);
  assert.equal(refused.status, 400);
  assert.equal(refused.body.error, "invalid_grant");
});

test("the token response is uncacheable JSON with lifetime and scope", async () => {
  const { headers, body } = await redeem(server, client, await newCode());
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("pragma"), "no-cache");
  assert.deepEqual(Object.keys(body).sort(), [
    "access_token",
    "expires_in",
    "id_token",
    "refresh_token",
    "scope",
    "token_type",
  ]);
  assert.equal(body.token_type, "Bearer");
  assert.equal(body.expires_in, 600);
  assert.equal(body.scope, "openid");
});

test("a code is redeemed once; the second redemption revokes the tokens of the first", async () => {
  const code = await newCode();
  const { body } = await redeem(server, client, code);
  server.advance(30);
  const again = await redeem(server, client, code);
  assert.equal(again.status, 400);
  assert.equal(again.body.error, "invalid_grant");
  assert.match(again.headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(
    (await userinfo(server, body.access_token)).status,
    401,
    "refused although its signature is valid",
  );
  assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
  assert.equal((await refresh(server, client, body.refresh_token)).body.error, "invalid_grant");
});

test("concurrent redemptions of one code leave no active token", async () => {
  const code = await newCode();
  const answers = await Promise.all([0, 1, 2].map(() => redeem(server, client, code)));
  const got = answers.filter(({ status }) => status === 200);
  assert.ok(got.length <= 1, "at most one succeeds");
  for (const { body } of got)
    assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
});

test("a code needs its client and code_verifier; a failed attempt does not use it up", async () => {
  const other = await server.addClient(WEB);
  const code = await newCode();
  assert.equal((await redeem(server, other, code)).body.error, "invalid_grant");
  for (const code_verifier of [undefined, "short", `${VERIFIER}x`, "x".repeat(129)]) {
    const { body } = await redeem(server, client, code, { code_verifier });
    assert.equal(body.error, "invalid_grant", String(code_verifier));
  }
  const elsewhere = { redirect_uri: "https://printly.test/other" };
  assert.equal((await redeem(server, client, code, elsewhere)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, code)).status, 200);
});

test("redirect_uri is optional with PKCE; if sent, it must equal the one of the request", async () => {
  const redirect_uri = "https://printly.test/callback";
  assert.equal((await redeem(server, client, await newCode(), { redirect_uri })).status, 200);
  assert.equal((await redeem(server, client, await newCode())).status, 200);
});

test("a public client redeems with its code_verifier alone", async () => {
  const native = await server.addClient(NATIVE);
  const redirect_uri = "http://127.0.0.1:2000/callback";
  const { code } = await authorize(server, native, { browser, parameters: { redirect_uri } });
  const nobody = await post(server, "/token", {
    grant_type: "authorization_code",
    code,
    code_verifier: VERIFIER,
  });
  assert.equal(nobody.body.error, "invalid_client");
  assert.equal((await redeem(server, native, code)).status, 200);
});

test("a client without the refresh_token grant gets no refresh token", async () => {
  const { grant_types: _, ...metadata } = WEB;
  const plain = await server.addClient({ ...metadata, grant_types: ["authorization_code"] });
  const { code } = await authorize(server, plain, { browser });
  const { body } = await redeem(server, plain, code);
  assert.equal("refresh_token" in body, false);
  const asked = { client: plain, grant_type: "refresh_token", refresh_token: "vkr_x" };
  assert.equal((await post(server, "/token", asked)).body.error, "unauthorized_client");
});

test("without openid there is no ID token", async () => {
  const parameters = { scope: "photos.read" };
  const { code } = await authorize(server, client, { browser, parameters });
  const { body } = await redeem(server, client, code);
  assert.equal("id_token" in body, false);
});

test("an unknown code is invalid_grant; missing parameters are invalid_request", async () => {
  const code = await newCode();
  const { body } = await redeem(server, client, await newCode());
  const wrong = [
    "x",
    `${code}A`,
    code.slice(0, -1),
    `${code.slice(0, -1)}${code.endsWith("A") ? "B" : "A"}`,
    code.replace("vkc_", "vkr_"),
    body.refresh_token,
    body.refresh_token.replace("vkr_", "vkc_"),
  ];
  for (const each of wrong)
    assert.equal((await redeem(server, client, each)).body.error, "invalid_grant", each);
  const ask = (more: Record<string, string>) => post(server, "/token", { client, ...more });
  assert.equal((await ask({})).body.error, "invalid_request");
  assert.equal((await ask({ grant_type: "authorization_code" })).body.error, "invalid_request");
  assert.equal((await ask({ grant_type: "password" })).body.error, "unsupported_grant_type");
  assert.equal((await redeem(server, client, code)).status, 200, "the real code still works");
});
