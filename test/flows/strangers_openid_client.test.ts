/** openid-client as the relying party, over a real connection, with all its checks. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { exportJWK } from "jose";
import * as oidc from "openid-client";
import { readForm, testBrowser } from "../support/browser.ts";
import { walk } from "../support/flow.ts";
import { NATIVE, PRINTS, SERVICE, SNAPS, type TestClient, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await webServer();
after(() => server.close());
const sub = await server.addUser("ada", { claims: { name: "Ada Lovelace" } });

async function configure(
  client: TestClient,
  auth: oidc.ClientAuth,
  algorithm: "oidc" | "oauth2" = "oidc",
): Promise<oidc.Configuration> {
  const { id_token_signed_response_alg } = client.record.metadata;
  return oidc.discovery(
    new URL(server.issuer),
    client.client_id,
    { id_token_signed_response_alg },
    auth,
    // The library also verifies the signature of an ID token from the token endpoint.
    { algorithm, execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks] },
  );
}

interface Relying {
  config: oidc.Configuration;
  redirect_uri: string;
}

async function signIn(
  { config, redirect_uri }: Relying,
  parameters: Record<string, string> = {},
  browser = testBrowser(server),
) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier,
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    idTokenExpected: true,
    ...(parameters.max_age !== undefined && { maxAge: Number(parameters.max_age) }),
  };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid profile photos.read",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  });
  const { page } = await walk(server, url.href, { browser });
  const answer =
    parameters.response_mode === "form_post"
      ? new Request(redirect_uri, {
          method: "POST",
          body: new URLSearchParams(readForm(page.html, "/callback").fields),
        })
      : page.url;
  const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
  const claims = tokens.claims() ?? assert.fail("no ID token");
  assert.equal(claims.sub, sub);
  return { tokens, claims };
}

const refresh = (config: oidc.Configuration, token: string | undefined) =>
  oidc.refreshTokenGrant(config, token ?? assert.fail("no refresh token"));

async function goThroughAll(relying: Relying): Promise<void> {
  const { config } = relying;
  const { tokens, claims } = await signIn(relying);
  assert.equal(claims.name, "Ada Lovelace");
  const again = await refresh(config, tokens.refresh_token);
  assert.equal(again.claims()?.name, "Ada Lovelace");
  const person = await oidc.fetchUserInfo(config, again.access_token, sub);
  assert.deepEqual(person, { sub, name: "Ada Lovelace", preferred_username: "ada" });
  const seen = await oidc.tokenIntrospection(config, again.access_token);
  assert.equal(seen.active, true);
  assert.deepEqual(seen.aud, [SNAPS, server.issuer]);
  await oidc.tokenRevocation(config, again.access_token);
  assert.equal((await oidc.tokenIntrospection(config, again.access_token)).active, false);
  const third = await refresh(config, again.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, third.access_token)).active, true);
  await oidc.tokenRevocation(config, third.refresh_token ?? "");
  await assert.rejects(refresh(config, third.refresh_token), { error: "invalid_grant" });
}

const redirect_uri = WEB.redirect_uris[0] ?? "";

for (const alg of ["RS256", "ES256"] as const)
  test(`a relying party with client_secret_basic completes every step, with ${alg}`, async () => {
    const client = await server.addClient({ ...WEB, id_token_signed_response_alg: alg });
    const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
    await goThroughAll({ config, redirect_uri });
  });

test("a relying party with client_secret_post completes every step", async () => {
  const metadata = { ...WEB, token_endpoint_auth_method: "client_secret_post" };
  const client = await server.addClient(metadata);
  const config = await configure(client, oidc.ClientSecretPost(client.client_secret), "oauth2");
  await goThroughAll({ config, redirect_uri });
});

test("a relying party with private_key_jwt completes every step", async () => {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { name: "ECDSA", namedCurve: "P-256" },
    true,
    ["sign", "verify"],
  );
  const jwks = { keys: [await exportJWK(publicKey)] };
  const metadata = { ...WEB, token_endpoint_auth_method: "private_key_jwt", jwks };
  const config = await configure(await server.addClient(metadata), oidc.PrivateKeyJwt(privateKey));
  await goThroughAll({ config, redirect_uri });
});

test("a native app signs in and refreshes, with a new refresh token each time", async () => {
  const config = await configure(await server.addClient(NATIVE), oidc.None());
  const relying = { config, redirect_uri: "http://127.0.0.1:61234/callback" };
  const { tokens } = await signIn(relying);
  const second = await refresh(config, tokens.refresh_token);
  const third = await refresh(config, second.refresh_token);
  const all = [tokens, second, third].map(({ refresh_token }) => refresh_token);
  assert.equal(new Set(all).size, 3);
  assert.equal((await oidc.fetchUserInfo(config, third.access_token, sub)).sub, sub);
  await oidc.tokenRevocation(config, third.refresh_token ?? "");
  await assert.rejects(oidc.fetchUserInfo(config, third.access_token, sub));
});

test("a form_post response is read from the posted form", async () => {
  const client = await server.addClient(WEB);
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const { tokens } = await signIn({ config, redirect_uri }, { response_mode: "form_post" });
  assert.equal(tokens.token_type, "bearer");
});

test("max_age is answered with auth_time", async () => {
  const client = await server.addClient(WEB);
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const { claims } = await signIn({ config, redirect_uri }, { max_age: "300" });
  assert.ok(Math.abs(Number(claims.auth_time) - Date.now() / 1000) < 60);
});

test("a code cannot be used for another request: state, code_verifier and nonce are checked", async () => {
  const client = await server.addClient(WEB);
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid",
    code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
    state: "one",
  });
  const { page } = await walk(server, url.href, {});
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const grant = (expectedState: string) =>
    oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier, expectedState });
  await assert.rejects(grant("two"), { code: "OAUTH_INVALID_RESPONSE" });
  await assert.rejects(grant("one"), { error: "invalid_grant" });
});

test("a refused consent gives the relying party access_denied", async () => {
  const client = await server.addClient(WEB);
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const code_challenge = await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier());
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid",
    code_challenge,
    code_challenge_method: "S256",
  });
  const { browser } = await walk(server, url.href, {});
  const consent = await browser.get(`${url.href}&prompt=consent`);
  const refused = await browser.submit(consent, { decision: "deny" }, "/consent");
  await assert.rejects(oidc.authorizationCodeGrant(config, refused.url), {
    error: "access_denied",
  });
});

test("a service gets a signed or opaque token, as the API is configured", async () => {
  const client = await server.addClient({ ...SERVICE, scope: "photos.read prints.order" });
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const signed = await oidc.clientCredentialsGrant(config, { resource: SNAPS });
  assert.equal(signed.access_token.split(".").length, 3);
  assert.equal(signed.scope, "photos.read");
  const opaque = await oidc.clientCredentialsGrant(config, { resource: PRINTS });
  const seen = await oidc.tokenIntrospection(config, opaque.access_token);
  assert.equal(seen.aud, PRINTS);
  assert.equal(seen.sub, client.client_id);
  await oidc.tokenRevocation(config, signed.access_token);
  assert.equal((await oidc.tokenIntrospection(config, signed.access_token)).active, false);
  assert.equal((await oidc.tokenIntrospection(config, opaque.access_token)).active, true);
});

test("a relying party signs the person out by end_session_endpoint", async () => {
  const bye = "https://printly.test/bye";
  const client = await server.addClient({ ...WEB, post_logout_redirect_uris: [bye] });
  const config = await configure(client, oidc.ClientSecretBasic(client.client_secret));
  const browser = testBrowser(server);
  const { tokens } = await signIn({ config, redirect_uri }, {}, browser);
  const state = oidc.randomState();
  const url = oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token ?? assert.fail("no ID token"),
    post_logout_redirect_uri: bye,
    state,
  });
  assert.equal((await browser.get(url.href)).url.href, `${bye}?state=${state}`);
  await assert.rejects(signIn({ config, redirect_uri }, { prompt: "none" }, browser), {
    error: "login_required",
  });
});
