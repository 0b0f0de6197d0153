/**
 * Requests of real clients, as operators of such servers have reported them: each of these has broken a sign-in
 * somewhere.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from "jose";
import { FEATURES } from "../../src/features.ts";
import { routesOf } from "../../src/offer.ts";
import { authorizationUrl, testBrowser } from "../support/browser.ts";
import { authorize, basic, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { adaWithAnApp } from "../support/scene.ts";
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

const { server, client: web } = await adaWithAnApp();

test("real-world 6: one scope too many does not end the sign-in, and repeating it does not end the refresh", async () => {
  const redirect_uri = "http://localhost:3118/callback";
  const redirect_uris = ["http://localhost/callback"];
  const narrow = await server.addClient({
    ...NATIVE,
    redirect_uris,
    scope: "openid profile photos.read",
  });
  for (const [client, asked, granted] of [
    [narrow, "openid profile offline_access", "openid profile"],
    [narrow, "openid profile photos.read photos.write", "openid profile photos.read"],
    [web, "openid profile roles", "openid profile"],
  ] as const) {
    const where = client === narrow ? { redirect_uri } : {};
    const from = server.lines.length;
    const { code } = await authorize(server, client, { parameters: { scope: asked, ...where } });
    const { body } = await redeem(server, client, code, where);
    assert.equal(body.scope, granted, asked);
    const told = server.lines.slice(from).find(({ event }) => event === "scopes left out");
    assert.ok(told, "the log says what was left out");
    const again = await refresh(server, client, body.refresh_token, { scope: asked });
    assert.equal(again.body.scope, granted);
  }
  const { url } = await authorize(server, web, { parameters: { scope: "roles no.such" } });
  assert.equal(url.searchParams.get("error"), "invalid_scope", "nothing is left");
  const service = await server.addClient({ ...SERVICE, scope: "photos.read" });
  const strict = { client: service, grant_type: "client_credentials", scope: "photos.read roles" };
  assert.equal((await post(server, "/token", strict)).body.error, "invalid_scope");
});

test("real-world 7: scopes of two APIs without a resource give a token for the first, that says what it holds", async () => {
  const parameters = { scope: "openid prints.order photos.read" };
  const { code } = await authorize(server, web, { parameters });
  const { body } = await redeem(server, web, code);
  assert.equal(body.scope, "openid prints.order");
  const other = await refresh(server, web, body.refresh_token, { resource: SNAPS });
  assert.deepEqual(
    [other.body.scope, decodeJwt(other.body.access_token).aud],
    ["photos.read", SNAPS],
  );

  const service = await server.addClient({ ...SERVICE, scope: "photos.read prints.order" });
  const own = await post(server, "/token", { client: service, grant_type: "client_credentials" });
  assert.equal(own.body.scope, "photos.read");

  await using strict = await testServer({ require_resource: true });
  const asking = await strict.addClient(WEB);
  const { url } = await authorize(strict, asking, { parameters, browser: testBrowser(strict) });
  assert.equal(url.searchParams.get("error"), "invalid_target", "before anybody signs in");
  const named = { ...parameters, resource: PRINTS };
  await strict.addUser("ada");
  assert.ok((await authorize(strict, asking, { parameters: named })).code);
});

test("real-world 9: aud of a client assertion may be a list of the issuer alone", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwks = { keys: [await exportJWK(publicKey)] };
  const signer = await server.addClient({
    ...SERVICE,
    token_endpoint_auth_method: "private_key_jwt",
    jwks,
    scope: "photos.read",
  });
  const ask = async (aud: string | string[]) => {
    const claims = { jti: crypto.randomUUID(), iss: signer.client_id, sub: signer.client_id, aud };
    const client_assertion = await new SignJWT({ ...claims, exp: server.now() + 60 })
      .setProtectedHeader({ alg: "ES256" })
      .sign(privateKey);
    const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    const given = { client_assertion, client_assertion_type: type };
    return (await post(server, "/token", { grant_type: "client_credentials", ...given })).status;
  };
  assert.equal(await ask(ISSUER), 200);
  assert.equal(await ask([ISSUER]), 200);
  for (const aud of [[ISSUER, `${ISSUER}/token`], [ISSUER, ISSUER], [], `${ISSUER}/token`, [SNAPS]])
    assert.equal(await ask(aud), 401, JSON.stringify(aud));
});

test("real-world 11: the answer goes to the redirect URI as the client writes it, and to no other spelling", async () => {
  for (const [uri, others, more] of [
    ["https://App.Example:443?x=1", ["https://app.example/?x=1", "https://App.Example?x=1"], {}],
    ["HTTPS://app.example/%c3%bc", ["https://app.example/%c3%bc"], {}],
    ["msauth.com.Example.App://auth", ["msauth.com.example.app://auth"], NATIVE],
  ] as const) {
    const client = await server.addClient({ ...WEB, ...more, redirect_uris: [uri] });
    const browser = testBrowser(server);
    const parameters = { redirect_uri: uri };
    const first = await authorize(server, client, { browser, parameters });
    const redeemed = await redeem(server, client, first.code, parameters);
    assert.equal(redeemed.status, 200, uri);
    const denied = await browser.request(
      authorizationUrl(client, { ...parameters, prompt: "none", max_age: "0" }),
    );
    const location = denied.headers.get("location") ?? "";
    assert.ok(location.startsWith(`${uri}${uri.includes("?") ? "&" : "?"}error=`), location);
    for (const redirect_uri of others) {
      const page = await browser.get(authorizationUrl(client, { redirect_uri }));
      assert.equal(page.status, 400, redirect_uri);
      assert.equal(page.url.pathname, "/authorize");
    }
  }
});

test("real-world 13: whatever header a script sends, a preflight allows it, at every endpoint with CORS", async () => {
  const headers = [
    "mcp-protocol-version,mcp-method,mcp-name",
    "x-requested-with",
    "authorization,traceparent,baggage,sentry-trace",
    "user-agent",
    "cache-control",
    "authorization,content-type,dpop",
  ];
  await using all = await testServer({ registration: { mode: "open" } });
  const routes = routesOf(FEATURES, ISSUER).filter(({ cors }) => cors);
  assert.ok(routes.length > 4);
  for (const { path, methods } of routes)
    for (const asked of headers) {
      const request = new Request(ISSUER + path.replace(/\{\w+\}/, "some"), {
        method: "OPTIONS",
        headers: {
          origin: "https://spa.example",
          "access-control-request-method": Object.keys(methods)[0] ?? "GET",
          "access-control-request-headers": asked,
        },
      });
      const answer = await all.fetch(request);
      assert.equal(answer.status, 204, path);
      assert.equal(answer.headers.get("access-control-allow-origin"), "*");
      assert.equal(answer.headers.get("access-control-allow-credentials"), null);
      const allowed = answer.headers.get("access-control-allow-headers")?.split(/, ?/) ?? [];
      for (const name of asked.split(",")) assert.ok(allowed.includes(name), `${path} ${name}`);
    }
});

test("people 16: a secret may come in the header or in the form, whichever is registered", async () => {
  for (const token_endpoint_auth_method of ["client_secret_basic", "client_secret_post"]) {
    const client = await server.addClient({ ...WEB, token_endpoint_auth_method });
    const { refresh_token } = await tokensFor(server, client);
    assert.equal((await use(client, refresh_token, { header: true, form: false })).status, 200);
    assert.equal((await use(client, refresh_token, { header: false, form: true })).status, 200);
    const both = await use(client, refresh_token, { header: true, form: true });
    assert.equal(both.status, 400);
    assert.match(await both.text(), /"error":"invalid_request"/);
    assert.equal((await use(client, refresh_token, { header: false, form: false })).status, 401);
  }
});

function use(
  client: TestClient,
  refresh_token: string,
  { header, form }: { header: boolean; form: boolean },
): Promise<Response> {
  const { client_id, client_secret } = client;
  const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token, client_id });
  if (form) body.set("client_secret", client_secret);
  const headers = header ? { authorization: basic(client) } : {};
  return server.fetch(new Request(`${ISSUER}/token`, { method: "POST", headers, body }));
}
