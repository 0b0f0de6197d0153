/** oauth4webapi as the client, over a real connection: an independent reading of the specifications. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { exportJWK } from "jose";
import * as oauth from "oauth4webapi";
import { readForm, s256 } from "../support/browser.ts";
import { walk } from "../support/flow.ts";
import { NATIVE, PRINTS, SERVICE, SNAPS, type TestClient, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await webServer();
after(() => server.close());
const sub = await server.addUser("ada", {
  claims: { name: "Ada Lovelace", email: "ada@example.com", email_verified: true },
});
const insecure = { [oauth.allowInsecureRequests]: true } as const;
const as = await discover("oidc");

async function discover(algorithm: "oidc" | "oauth2"): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm, ...insecure });
  return oauth.processDiscoveryResponse(issuer, response);
}

const endpoint = (url: string | undefined): URL =>
  new URL(url ?? assert.fail("not in the metadata"));

interface Stranger {
  client: oauth.Client;
  auth: oauth.ClientAuth;
  redirect_uri: string;
}

/** The way to an authorization code, as the library's documentation describes it. */
async function authorizationRequest(
  { client, redirect_uri }: Stranger,
  parameters: Record<string, string> = {},
) {
  const code_verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = endpoint(as.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri,
    scope: "openid profile email photos.read",
    code_challenge: await oauth.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
    state,
    nonce,
    ...parameters,
  }).toString();
  return { url, code_verifier, state, nonce };
}

async function codeFlow(stranger: Stranger, parameters: Record<string, string> = {}) {
  const { client, auth, redirect_uri } = stranger;
  const { url, code_verifier, state, nonce } = await authorizationRequest(stranger, parameters);
  const { page } = await walk(server, url.href, {});
  assert.equal(page.url.href.startsWith(redirect_uri), true, page.url.href);
  const validated = oauth.validateAuthResponse(as, client, page.url, state);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    auth,
    validated,
    redirect_uri,
    code_verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(claims?.sub, sub);
  const half = Buffer.from(s256(tokens.access_token), "base64url").subarray(0, 16);
  assert.equal(claims?.at_hash, half.toString("base64url"));
  return tokens;
}

async function refresh({ client, auth }: Stranger, refresh_token: string | undefined) {
  const token = refresh_token ?? assert.fail("no refresh token");
  const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, insecure);
  const tokens = await oauth.processRefreshTokenResponse(as, client, response);
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return tokens;
}

async function userinfo({ client }: Stranger, access_token: string) {
  const response = await oauth.userInfoRequest(as, client, access_token, insecure);
  return oauth.processUserInfoResponse(as, client, sub, response);
}

async function introspect({ client, auth }: Stranger, token: string) {
  const response = await oauth.introspectionRequest(as, client, auth, token, insecure);
  return oauth.processIntrospectionResponse(as, client, response);
}

async function revoke({ client, auth }: Stranger, token: string): Promise<void> {
  const response = await oauth.revocationRequest(as, client, auth, token, insecure);
  await oauth.processRevocationResponse(response);
}

const strangerOf = ({ record, client_secret }: TestClient, auth?: oauth.ClientAuth): Stranger => ({
  client: {
    client_id: record.client_id,
    token_endpoint_auth_method: record.metadata.token_endpoint_auth_method,
    id_token_signed_response_alg: record.metadata.id_token_signed_response_alg,
  },
  auth: auth ?? oauth.ClientSecretBasic(client_secret),
  redirect_uri: record.metadata.redirect_uris[0] ?? "",
});

async function withKey(alg: string): Promise<Stranger> {
  const { privateKey, publicKey } = await oauth.generateKeyPair(alg);
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: `key-${alg}`, alg }] };
  const metadata = { ...WEB, token_endpoint_auth_method: "private_key_jwt", jwks };
  const auth = oauth.PrivateKeyJwt({ key: privateKey, kid: `key-${alg}` });
  return strangerOf(await server.addClient(metadata), auth);
}

test("both metadata documents are found and equal", async () => {
  assert.deepEqual(await discover("oauth2"), as);
  assert.equal(as.authorization_response_iss_parameter_supported, true);
  assert.deepEqual(as.code_challenge_methods_supported, ["S256"]);
});

for (const alg of ["RS256", "ES256"] as const)
  test(`a client with client_secret_basic completes the code flow, its ID token signed with ${alg}`, async () => {
    const client = await server.addClient({ ...WEB, id_token_signed_response_alg: alg });
    const stranger = strangerOf(client);
    const tokens = await codeFlow(stranger);
    assert.equal(tokens.scope, "openid profile email photos.read");
    const expected = { name: "Ada Lovelace", email: "ada@example.com", email_verified: true };
    assert.deepEqual(await userinfo(stranger, tokens.access_token), {
      sub,
      ...expected,
      preferred_username: "ada",
    });
    const again = await refresh(stranger, tokens.refresh_token);
    assert.equal(
      again.refresh_token,
      tokens.refresh_token,
      "not rotated, since the client has a secret",
    );
    assert.equal((await introspect(stranger, again.access_token)).active, true);
    await revoke(stranger, again.refresh_token ?? "");
    assert.deepEqual(await introspect(stranger, again.access_token), { active: false });
  });

test("a client with client_secret_post completes the code flow and refreshes", async () => {
  const client = await server.addClient({
    ...WEB,
    token_endpoint_auth_method: "client_secret_post",
  });
  const stranger = strangerOf(client, oauth.ClientSecretPost(client.client_secret));
  const tokens = await codeFlow(stranger);
  assert.equal((await introspect(stranger, tokens.access_token)).sub, sub);
  assert.equal((await userinfo(stranger, tokens.access_token)).sub, sub);
  await refresh(stranger, tokens.refresh_token);
});

for (const alg of ["ES256", "PS256", "RS256", "Ed25519"])
  test(`a client with private_key_jwt by ${alg} completes the code flow and refreshes`, async () => {
    const stranger = await withKey(alg);
    const tokens = await codeFlow(stranger);
    const again = await refresh(stranger, tokens.refresh_token);
    assert.equal((await introspect(stranger, again.access_token)).active, true);
    await revoke(stranger, again.access_token);
    assert.equal((await introspect(stranger, again.access_token)).active, false);
  });

test("a public client on loopback uses its own port, and its refresh token rotates", async () => {
  const client = await server.addClient(NATIVE);
  const redirect_uri = "http://127.0.0.1:53712/callback";
  const stranger = { ...strangerOf(client, oauth.None()), redirect_uri };
  const tokens = await codeFlow(stranger);
  const second = await refresh(stranger, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  const third = await refresh(stranger, second.refresh_token);
  assert.equal((await userinfo(stranger, third.access_token)).sub, sub);
  await assert.rejects(refresh(stranger, tokens.refresh_token), { error: "invalid_grant" });
  await assert.rejects(refresh(stranger, third.refresh_token), { error: "invalid_grant" });
});

test("an API validates a JWT access token by RFC 9068", async () => {
  const stranger = strangerOf(await server.addClient(WEB));
  const { access_token } = await codeFlow(stranger);
  const request = new Request(`${SNAPS}/photos`, {
    headers: { authorization: `Bearer ${access_token}` },
  });
  const claims = await oauth.validateJwtAccessToken(as, request, SNAPS, insecure);
  assert.equal(claims.sub, sub);
  assert.equal(claims.client_id, stranger.client.client_id);
  assert.match(claims.scope ?? "", /photos\.read/);
  await assert.rejects(oauth.validateJwtAccessToken(as, request, PRINTS, insecure));
});

test("a service gets a signed token for one API and an opaque one for the other", async () => {
  const client = await server.addClient({ ...SERVICE, scope: "photos.read prints.order" });
  const service = strangerOf(client);
  const tokenFor = async (resource: string) => {
    const parameters = { resource };
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      service.client,
      service.auth,
      parameters,
      insecure,
    );
    return oauth.processClientCredentialsResponse(as, service.client, response);
  };
  const signed = await tokenFor(SNAPS);
  const request = new Request(SNAPS, {
    headers: { authorization: `Bearer ${signed.access_token}` },
  });
  const claims = await oauth.validateJwtAccessToken(as, request, SNAPS, insecure);
  assert.equal(claims.sub, client.client_id);
  assert.equal(claims.scope, "photos.read");

  const opaque = await tokenFor(PRINTS);
  assert.match(opaque.access_token, /^vka_/);
  const api = strangerOf(await server.addClient(SERVICE, { resource: PRINTS }));
  const seen = await introspect(api, opaque.access_token);
  assert.equal(seen.active, true);
  assert.equal(seen.scope, "prints.order");
  assert.equal(
    (await introspect(api, signed.access_token)).active,
    false,
    "the API is not its audience",
  );
  await revoke(service, opaque.access_token);
  assert.equal((await introspect(api, opaque.access_token)).active, false);
});

test("response_mode form_post sends the same response in a form", async () => {
  const stranger = strangerOf(await server.addClient(WEB));
  const request = await authorizationRequest(stranger, { response_mode: "form_post" });
  const { page } = await walk(server, request.url.href, {});
  assert.equal(page.status, 200);
  const form = readForm(page.html, "/callback");
  assert.equal(form.action, stranger.redirect_uri);
  const answer = new URLSearchParams(form.fields);
  const validated = oauth.validateAuthResponse(as, stranger.client, answer, request.state);
  assert.match(validated.get("code") ?? "", /^vkc_/);
});

test("response_mode fragment sends the same response in the fragment", async () => {
  const stranger = strangerOf(await server.addClient(WEB));
  const request = await authorizationRequest(stranger, { response_mode: "fragment" });
  const { page } = await walk(server, request.url.href, {});
  assert.equal(page.url.search, "");
  const answer = new URLSearchParams(page.url.hash.slice(1));
  const validated = oauth.validateAuthResponse(as, stranger.client, answer, request.state);
  assert.match(validated.get("code") ?? "", /^vkc_/);
});

test("the library recognizes our errors: at the client, the token endpoint and userinfo", async () => {
  const stranger = strangerOf(await server.addClient(WEB));
  const { url, state } = await authorizationRequest(stranger, { prompt: "none" });
  const { page } = await walk(server, url.href, {});
  assert.throws(() => oauth.validateAuthResponse(as, stranger.client, page.url, state), {
    name: "AuthorizationResponseError",
    error: "login_required",
  });
  await assert.rejects(refresh(stranger, "vkr_nothing"), {
    name: "ResponseBodyError",
    error: "invalid_grant",
    status: 400,
  });
  await assert.rejects(userinfo(stranger, "nothing"), {
    name: "WWWAuthenticateChallengeError",
    status: 401,
  });
  const wrong = { ...stranger, auth: oauth.ClientSecretBasic("vks_wrong") };
  // The library reports the challenge first: RFC 6749 §5.2 requires it.
  await assert.rejects(refresh(wrong, "vkr_nothing"), {
    name: "WWWAuthenticateChallengeError",
    status: 401,
  });
});
