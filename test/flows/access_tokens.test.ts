/** Access tokens: content, lifetime and revocation (RFC 9068 §2, RFC 7009, RFC 6749 §5.1). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { at } from "../support/browser.ts";
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
import {
  ISSUER,
  PRINTS,
  SERVICE,
  SNAPS,
  type TestClient,
  testServer,
  WEB,
} from "../support/server.ts";

const { server, client, sub } = await adaWithAnApp();

const tokens = (scope: string) => tokensFor(server, client, { parameters: { scope } });
const isActive = async (token: string, own = client): Promise<boolean> =>
  (await introspect(server, own, token)).active === true;
const revoke = (token: string, own: TestClient = client, more: Record<string, string> = {}) =>
  post(server, "/revoke", { client: own, token, ...more });

/** One signed and one sealed format: the same rules hold for both. */
const FORMATS = [
  { format: "signed", scope: "openid offline_access photos.read", resource: SNAPS },
  { format: "sealed", scope: "openid offline_access prints.order", resource: PRINTS },
];

test("a signed access token has the claims of RFC 9068 and verifies with the published keys", async () => {
  const { access_token } = await tokens("openid photos.read");
  const jwks = JSON.parse(await (await server.fetch(new Request(at(server, "/jwks")))).text());
  const { payload, protectedHeader } = await jwtVerify(access_token, createLocalJWKSet(jwks), {
    issuer: ISSUER,
    audience: SNAPS,
    typ: "at+jwt",
    currentDate: new Date(server.now() * 1000),
  });
  assert.equal(protectedHeader.alg, "ES256");
  assert.equal(payload.sub, sub);
  assert.equal(payload.client_id, client.client_id);
  assert.equal(payload.scope, "openid photos.read");
  assert.equal(payload.iat, server.now());
  assert.equal(payload.exp, server.now() + 600);
  assert.equal(payload.auth_time, server.now());
  assert.match(payload.jti ?? "", /^[\w-]{22}$/);
  for (const name of ["name", "email", "nonce", "username"]) assert.equal(name in payload, false);
});

test("a sealed access token reveals nothing, and each one is unique", async () => {
  const first = await tokens("openid prints.order");
  assert.match(first.access_token, /^vka_[\w-]+$/);
  const second = await refresh(server, client, first.refresh_token);
  assert.notEqual(second.body.access_token, first.access_token);
  const bytes = Buffer.from(first.access_token.slice(4), "base64url").toString("latin1");
  for (const secret of [sub, client.client_id, "prints.order"])
    assert.equal(bytes.includes(secret), false);
});

for (const { format, scope, resource } of FORMATS) {
  test(`a ${format} token expires after 600 seconds`, async () => {
    const { access_token, expires_in } = await tokens(scope);
    assert.equal(expires_in, 600);
    server.advance(599);
    assert.equal(await isActive(access_token), true);
    assert.equal((await userinfo(server, access_token)).status, 200);
    server.advance(1);
    assert.equal(await isActive(access_token), false);
    assert.equal((await userinfo(server, access_token)).status, 401);
  });

  test(`revoking one ${format} token ends all of its grant issued so far; later ones are valid`, async () => {
    const first = await tokens(scope);
    const second = await refresh(server, client, first.refresh_token);
    const other = await tokens(scope);
    const answer = await revoke(second.body.access_token);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, {});
    assert.equal(await isActive(first.access_token), false);
    assert.equal(await isActive(second.body.access_token), false);
    assert.equal((await userinfo(server, first.access_token)).status, 401);
    assert.equal(
      await isActive(other.access_token),
      true,
      "another grant of the same person stays active",
    );

    const third = await refresh(server, client, first.refresh_token);
    assert.equal(await isActive(third.body.access_token), true);
    await revoke(second.body.access_token);
    assert.equal(
      await isActive(third.body.access_token),
      true,
      "revoking a dead token does nothing",
    );
  });

  test(`a ${format} token of client_credentials is revoked individually`, async () => {
    const service = await server.addClient(SERVICE);
    const ask = async () =>
      (
        await post(server, "/token", {
          client: service,
          grant_type: "client_credentials",
          resource,
        })
      ).body.access_token;
    const [first, second] = [await ask(), await ask()];
    await revoke(first, service);
    assert.equal(await isActive(first, service), false);
    assert.equal(await isActive(second, service), true);
    server.advance(600);
    assert.equal(await isActive(second, service), false);
  });

  test(`an altered ${format} token is inactive`, async () => {
    const { access_token } = await tokens(scope);
    for (const at of [6, Math.floor(access_token.length / 2), access_token.length - 10]) {
      const letter = access_token[at] === "A" ? "B" : "A";
      const altered = access_token.slice(0, at) + letter + access_token.slice(at + 1);
      assert.equal(await isActive(altered), false, `${at}`);
      assert.equal((await userinfo(server, altered)).status, 401);
      assert.equal((await revoke(altered)).status, 200);
    }
    assert.equal(await isActive(access_token), true);
  });
}

test("revocation of another client's token answers like any other and changes nothing", async () => {
  const other = await server.addClient(WEB);
  const { access_token, refresh_token } = await tokens("openid photos.read");
  for (const token of [access_token, refresh_token, "nonsense", "vkr_x", "a.b.c"]) {
    const answer = await revoke(token, other);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, {});
  }
  assert.equal(await isActive(access_token), true);
  assert.equal(await isActive(refresh_token), true);
});

test("revocation ignores token_type_hint, right or wrong", async () => {
  for (const token_type_hint of ["access_token", "refresh_token", "something"]) {
    const first = await tokens("openid photos.read");
    await revoke(first.access_token, client, { token_type_hint });
    assert.equal(await isActive(first.access_token), false, token_type_hint);
    assert.equal(await isActive(first.refresh_token), true);
    await revoke(first.refresh_token, client, { token_type_hint });
    assert.equal(await isActive(first.refresh_token), false, token_type_hint);
  }
});

test("revocation without a token or client authentication is an error", async () => {
  const missing = await post(server, "/revoke", { client });
  assert.equal(missing.status, 400);
  assert.equal(missing.body.error, "invalid_request");
  const nobody = await post(server, "/revoke", { token: "x" });
  assert.equal(nobody.status, 401);
  assert.equal(nobody.body.error, "invalid_client");
  assert.equal(nobody.headers.get("www-authenticate"), null);
});

test("an ID token is refused as an access token", async () => {
  const { id_token, access_token } = await tokens("openid photos.read");
  assert.equal(await isActive(id_token), false);
  assert.equal((await userinfo(server, id_token)).status, 401);
  assert.equal(decodeProtectedHeader(id_token).typ, "JWT");
  assert.equal(decodeProtectedHeader(access_token).typ, "at+jwt");
});

test("token lifetimes follow the configuration", async () => {
  await using own = await testServer({
    lifetimes: { access_token: 30, authorization_code: 5, id_token: 90 },
  });
  await own.addUser("ada");
  const web = await own.addClient(WEB);
  const { code } = await authorize(own, web);
  own.advance(5);
  assert.equal((await redeem(own, web, code)).body.error, "invalid_grant");
  const fresh = await tokensFor(own, web);
  assert.equal(fresh.expires_in, 30);
  assert.equal(decodeJwt(fresh.id_token).exp, own.now() + 90);
  own.advance(30);
  assert.equal((await introspect(own, web, fresh.access_token)).active, false);
});
