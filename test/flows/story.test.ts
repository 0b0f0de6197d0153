/** The first story of the project: a person signs in and agrees, and an app gets tokens. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { introspect, post, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { ISSUER, NATIVE, SERVICE, SNAPS, testServer, WEB } from "../support/server.ts";

test("a person signs in and agrees; the app gets a code, tokens and the person's claims", async () => {
  const server = await testServer();
  const client = await server.addClient(WEB);
  const sub = await server.addUser("ada", { claims: { name: "Ada Lovelace" } });
  const browser = testBrowser(server);

  const url = authorizationUrl(client, { scope: "openid profile photos.read", nonce: "n-1" });
  const sign_in = await browser.get(url);
  assert.equal(sign_in.url.pathname, "/sign-in");
  assert.match(sign_in.html, /Printly/);
  const consent = await browser.signIn(sign_in, "ada");
  assert.equal(consent.url.pathname, "/consent");
  assert.match(consent.html, /See your photos/);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(`${back.url.origin}${back.url.pathname}`, "https://printly.test/callback");
  assert.equal(back.url.searchParams.get("state"), "xyz");
  assert.equal(back.url.searchParams.get("iss"), ISSUER);
  const code = back.url.searchParams.get("code") ?? "";
  assert.match(code, /^vkc_/);

  const { status, body, headers } = await redeem(server, client, code);
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(decodeProtectedHeader(body.access_token).typ, "at+jwt");
  const claims = decodeJwt(body.access_token);
  assert.deepEqual(claims.aud, [SNAPS, ISSUER]);
  assert.equal(claims.sub, sub);
  assert.equal(claims.scope, "openid profile photos.read");
  const id_token = decodeJwt(body.id_token);
  assert.equal(id_token.nonce, "n-1");
  assert.equal(id_token.aud, client.client_id);
  assert.match(body.refresh_token, /^vkr_/);

  const person = (await userinfo(server, body.access_token)).body;
  assert.deepEqual(person, { sub, name: "Ada Lovelace", preferred_username: "ada" });

  const again = await refresh(server, client, body.refresh_token);
  assert.equal(again.status, 200);
  assert.equal(
    again.body.refresh_token,
    body.refresh_token,
    "not rotated, since the client has a secret",
  );
  assert.equal((await introspect(server, client, again.body.access_token)).active, true);
  await post(server, "/revoke", { client, token: body.refresh_token });
  assert.deepEqual(await introspect(server, client, again.body.access_token), { active: false });
  await server.close();
});

test("a public client's refresh token rotates, and a repeated one gets the same successor", async () => {
  const server = await testServer();
  const client = await server.addClient(NATIVE);
  await server.addUser("ada");
  const redirect_uri = "http://127.0.0.1:53712/callback";
  const first = await tokensFor(server, client, { parameters: { redirect_uri } });
  const second = await refresh(server, client, first.refresh_token);
  assert.notEqual(second.body.refresh_token, first.refresh_token);
  server.advance(60);
  const repeated = await refresh(server, client, first.refresh_token);
  assert.equal(repeated.body.refresh_token, second.body.refresh_token);
  server.advance(1);
  assert.equal((await refresh(server, client, first.refresh_token)).body.error, "invalid_grant");
  assert.equal((await refresh(server, client, second.body.refresh_token)).status, 400, "revoked");
  await server.close();
});

test("a service gets a token for itself", async () => {
  const server = await testServer();
  const client = await server.addClient({ ...SERVICE, scope: "photos.read" });
  const { body } = await post(server, "/token", { client, grant_type: "client_credentials" });
  const claims = decodeJwt(body.access_token);
  assert.equal(claims.sub, client.client_id);
  assert.equal(claims.aud, SNAPS);
  assert.equal((await introspect(server, client, body.access_token)).active, true);
  await server.close();
});

test("an allowed request is not asked again, and prompt=none needs no page", async () => {
  const server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const { browser } = await tokensFor(server, client);
  const silent = await browser.get(authorizationUrl(client, { prompt: "none" }));
  assert.match(silent.url.searchParams.get("code") ?? "", /^vkc_/);
  const more = await browser.get(authorizationUrl(client, { scope: "openid notes.read" }));
  assert.equal(more.url.pathname, "/consent");
  await server.close();
});
