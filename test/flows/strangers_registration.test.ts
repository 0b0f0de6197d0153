/** openid-client and oauth4webapi register themselves, over a real connection, and sign people in. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import { walk } from "../support/flow.ts";
import { OPEN } from "../support/registration.ts";
import { webServer } from "../support/web.ts";

const server = await webServer(OPEN);
after(() => server.close());
const sub = await server.addUser("ada", { claims: { name: "Ada Lovelace", email: "ada@a.test" } });
const issuer = new URL(server.issuer);
const insecure = { [oauth.allowInsecureRequests]: true } as const;
const redirect_uri = "http://127.0.0.1:9999/callback";

async function signIn(config: oidc.Configuration, parameters: Record<string, string> = {}) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), idTokenExpected: true };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "openid profile email offline_access",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    ...parameters,
  });
  const { page } = await walk(server, url.href, {});
  return oidc.authorizationCodeGrant(config, page.url, checks);
}

test("openid-client: dynamicClientRegistration, with each authentication method", async () => {
  for (const [token_endpoint_auth_method, authenticate] of [
    ["client_secret_basic", oidc.ClientSecretBasic],
    ["client_secret_post", oidc.ClientSecretPost],
    ["none", () => oidc.None()],
  ] as const) {
    const metadata = {
      redirect_uris: [redirect_uri],
      client_name: "Stranger",
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method,
    };
    const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks];
    const registered = await oidc.dynamicClientRegistration(issuer, metadata, undefined, {
      execute,
    });
    const { client_id, client_secret } = registered.clientMetadata();
    const auth = authenticate(String(client_secret));
    const config = await oidc.discovery(issuer, client_id, registered.clientMetadata(), auth, {
      execute,
    });
    const tokens = await signIn(config);
    assert.equal(tokens.claims()?.sub, sub);
    assert.equal(tokens.scope, "openid profile email offline_access");
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "");
    const person = await oidc.fetchUserInfo(config, refreshed.access_token, sub);
    assert.equal(person.email, "ada@a.test");
  }
});

test("openid-client: a refusal is the error of RFC 7591", async () => {
  const metadata = { redirect_uris: ["https://other.test/callback"] };
  const execute = [oidc.allowInsecureRequests];
  await assert.rejects(
    oidc.dynamicClientRegistration(issuer, metadata, undefined, { execute }),
    (error: unknown) =>
      error instanceof oidc.ResponseBodyError && error.error === "invalid_redirect_uri",
  );
});

test("oauth4webapi: it registers, reads, changes and removes its registration", async () => {
  const discovered = await oauth.discoveryRequest(issuer, insecure);
  const as = await oauth.processDiscoveryResponse(issuer, discovered);
  const answer = await oauth.dynamicClientRegistrationRequest(
    as,
    { redirect_uris: [redirect_uri], client_name: "Stranger" },
    insecure,
  );
  const client = await oauth.processDynamicClientRegistrationResponse(answer);
  assert.equal(client.client_secret_expires_at, 0);
  const uri = String(client.registration_client_uri);
  const headers = { authorization: `Bearer ${client.registration_access_token}` };
  const read = await fetch(uri, { headers });
  assert.equal(read.status, 200);
  const { client_name }: { client_name?: string } = JSON.parse(await read.text());
  assert.equal(client_name, "Stranger");
  const changed = await fetch(uri, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({
      client_id: client.client_id,
      client_secret: client.client_secret,
      redirect_uris: [redirect_uri],
      client_name: "Renamed",
    }),
  });
  assert.equal(changed.status, 200, await changed.clone().text());
  assert.equal((await fetch(uri, { method: "DELETE", headers })).status, 204);
  assert.equal((await fetch(uri, { headers })).status, 401);
});
