/** Introspection: which caller sees what of a token (RFC 7662 §2). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { at } from "../support/browser.ts";
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
import { adaWithAnApp } from "../support/scene.ts";
import { ISSUER, NATIVE, PRINTS, SERVICE, SNAPS, type TestClient, WEB } from "../support/server.ts";

const { server, client, sub } = await adaWithAnApp();
const snaps = await server.addClient(SERVICE, { resource: SNAPS });
const prints = await server.addClient(SERVICE, { resource: PRINTS });
const SCOPE = "openid profile photos.read prints.order";

async function tokens() {
  const parameters = { scope: SCOPE, resource: [SNAPS, PRINTS] };
  const { code } = await authorize(server, client, { parameters });
  const { body } = await redeem(server, client, code, { resource: SNAPS });
  const opaque = await refresh(server, client, body.refresh_token, { resource: PRINTS });
  return { signed: body.access_token, sealed: opaque.body.access_token, ...body };
}

/** The whole answer, headers included. */
async function raw(own: TestClient, token: string) {
  const response = await server.fetch(
    new Request(at(server, "/introspect"), {
      method: "POST",
      headers: { authorization: basic(own) },
      body: new URLSearchParams({ token }),
    }),
  );
  return {
    status: response.status,
    headers: lastingHeaders(response),
    text: await response.text(),
  };
}

test("L2 the user name is shown with a refresh token only when profile was granted", async () => {
  for (const [scope, username] of [
    ["openid photos.read", undefined],
    ["openid email", undefined],
    ["openid profile", "ada"],
  ] as const) {
    const { refresh_token } = await tokensFor(server, client, { parameters: { scope } });
    const answer = await introspect(server, client, refresh_token);
    assert.equal(answer.active, true);
    assert.equal(answer.username, username, scope);
  }
});

test("the client that a token was issued to sees all of it", async () => {
  const { browser, access_token } = await tokensFor(server, client, {
    parameters: { scope: "openid photos.read" },
  });
  assert.ok(browser);
  const { jti, ...seen } = await introspect(server, client, access_token);
  assert.match(String(jti), /^[\w-]{22}$/);
  assert.deepEqual(seen, {
    active: true,
    iss: ISSUER,
    sub,
    aud: [SNAPS, ISSUER],
    exp: server.now() + 600,
    iat: server.now(),
    client_id: client.client_id,
    scope: "openid photos.read",
    auth_time: server.now(),
    acr: "urn:valetkey:single",
    token_type: "Bearer",
  });
});

test("an API sees its own audience and scopes and the person, and nothing of another API", async () => {
  const { signed, sealed } = await tokens();
  const at_snaps = await introspect(server, snaps, signed);
  assert.equal(at_snaps.active, true);
  assert.equal(at_snaps.aud, SNAPS);
  assert.equal(at_snaps.scope, "photos.read");
  assert.equal(at_snaps.sub, sub);
  assert.equal(at_snaps.client_id, client.client_id);
  assert.deepEqual(await introspect(server, prints, signed), { active: false });
  const at_prints = await introspect(server, prints, sealed);
  assert.equal(at_prints.aud, PRINTS);
  assert.equal(at_prints.scope, "prints.order");
  assert.deepEqual(await introspect(server, snaps, sealed), { active: false });
});

test("an API sees only its own part of a token that is also for userinfo", async () => {
  const { access_token } = await tokensFor(server, client, {
    parameters: { scope: "openid email photos.read notes.read" },
  });
  const seen = await introspect(server, snaps, access_token);
  assert.equal(seen.aud, SNAPS);
  assert.equal(seen.scope, "photos.read");
});

test("an API sees a client_credentials token issued for it", async () => {
  const service = await server.addClient(SERVICE);
  const grant_type = "client_credentials";
  const { body } = await post(server, "/token", { client: service, grant_type, resource: SNAPS });
  const seen = await introspect(server, snaps, body.access_token);
  assert.equal(seen.sub, service.client_id);
  assert.equal(seen.scope, "photos.read photos.write");
  assert.equal("auth_time" in seen, false);
});

test("every invalid or foreign token gets the same bytes", async () => {
  const { signed, sealed, refresh_token } = await tokens();
  const other = await server.addClient(WEB);
  const revoked = await tokens();
  await post(server, "/revoke", { client, token: revoked.refresh_token });
  const expired = await tokens();
  server.advance(600);
  const live = await tokens();
  const answers = [
    ...(await Promise.all(
      [
        "nonsense",
        "vka_",
        "vkr_x",
        "a.b.c",
        `${live.signed}x`,
        `${live.sealed}x`,
        `${live.refresh_token}x`,
        revoked.signed,
        revoked.sealed,
        revoked.refresh_token,
        expired.signed,
        expired.sealed,
        signed,
        live.id_token,
        "x".repeat(10_000),
      ].map((token) => raw(client, token)),
    )),
    ...(await Promise.all(
      [live.signed, live.sealed, refresh_token, sealed].map((token) => raw(other, token)),
    )),
    await raw(snaps, live.sealed),
    await raw(snaps, live.refresh_token),
    await raw(prints, live.signed),
  ];
  for (const each of answers) assert.deepEqual(each, answers[0]);
  assert.equal(answers[0]?.text, '{"active":false}');
  assert.equal((await introspect(server, client, live.signed)).active, true);
});

test("an API's credentials do not show a token for userinfo", async () => {
  const { access_token } = await tokensFor(server, client, { parameters: { scope: "openid" } });
  assert.deepEqual(await introspect(server, snaps, access_token), { active: false });
});

test("people 15: credentials of the issuer see what belongs to no API, and nothing of an API", async () => {
  const issuer = await server.addClient(SERVICE, { resource: ISSUER });
  const seenWith = async (scope: string, resource: string[] = []) => {
    const { access_token } = await tokensFor(server, client, { parameters: { scope, resource } });
    return introspect(server, issuer, access_token);
  };
  const own = await seenWith("notes.read");
  assert.deepEqual([own.active, own.aud, own.scope, own.sub], [true, ISSUER, "notes.read", sub]);
  const both = await seenWith("openid notes.read photos.read");
  assert.deepEqual([both.aud, both.scope], [ISSUER, "openid notes.read"]);
  assert.deepEqual(await seenWith("photos.read", [SNAPS]), { active: false });
});

test("token_type_hint changes nothing", async () => {
  const { signed, refresh_token } = await tokens();
  for (const token_type_hint of ["access_token", "refresh_token", "x"])
    for (const token of [signed, refresh_token]) {
      const { body } = await post(server, "/introspect", { client, token, token_type_hint });
      assert.equal(Object.entries(body)[0]?.join(), "active,true", token_type_hint);
    }
});

test("introspection refuses unauthenticated, public and disabled clients and wrong secrets", async () => {
  const { signed } = await tokens();
  const native = await server.addClient(NATIVE);
  const disabled = await server.addClient(WEB, { disabled_at: server.now() });
  const refused = [
    await post(server, "/introspect", { token: signed }),
    await post(server, "/introspect", { client: native, token: signed }),
    await post(server, "/introspect", {
      client: { ...client, client_secret: "vks_wrong" },
      token: signed,
    }),
    await post(server, "/introspect", { client: disabled, token: signed }),
  ];
  for (const { status, body } of refused) {
    assert.equal(status, 401);
    assert.equal(body.error, "invalid_client");
  }
  const missing = await post(server, "/introspect", { client });
  assert.equal(missing.status, 400);
  assert.equal(missing.body.error, "invalid_request");
});

test("the answer is uncacheable JSON, unreadable for other origins", async () => {
  const { headers } = await post(server, "/introspect", { client, token: "x" });
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("access-control-allow-origin"), null);
});
