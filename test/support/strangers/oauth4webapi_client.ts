/** A client made with oauth4webapi, an independent reading of the specifications, with all its checks. */
import assert from "node:assert/strict";
import { exportJWK } from "jose";
import * as oauth from "oauth4webapi";
import { s256 } from "../browser.ts";
import { walk } from "../flow.ts";
import { type TestClient, WEB } from "../server.ts";
import type { WebServer } from "../web.ts";
import { newPerson } from "./place.ts";

export const insecure = { [oauth.allowInsecureRequests]: true } as const;

export async function discover(
  { issuer }: Pick<WebServer, "issuer">,
  algorithm: "oidc" | "oauth2" = "oidc",
): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  const response = await oauth.discoveryRequest(url, { algorithm, ...insecure });
  return oauth.processDiscoveryResponse(url, response);
}

export interface Api {
  server: WebServer;
  as: oauth.AuthorizationServer;
  client: oauth.Client;
  auth: oauth.ClientAuth;
  redirect_uri: string;
  username: string;
  sub: string;
}

export async function apiClient(
  server: WebServer,
  { record, client_secret }: TestClient,
  {
    auth = oauth.ClientSecretBasic(client_secret),
    claims,
  }: { auth?: oauth.ClientAuth; claims?: object } = {},
): Promise<Api> {
  const { client_id, metadata } = record;
  const { token_endpoint_auth_method, id_token_signed_response_alg } = metadata;
  return {
    server,
    as: await discover(server),
    client: { client_id, token_endpoint_auth_method, id_token_signed_response_alg },
    auth,
    redirect_uri: metadata.redirect_uris[0] ?? "",
    ...(await newPerson(server, claims)),
  };
}

/** A client with `private_key_jwt`. */
export async function clientWithKey(server: WebServer, alg: string): Promise<Api> {
  const { privateKey, publicKey } = await oauth.generateKeyPair(alg);
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: `key-${alg}`, alg }] };
  const metadata = { ...WEB, token_endpoint_auth_method: "private_key_jwt", jwks };
  const auth = oauth.PrivateKeyJwt({ key: privateKey, kid: `key-${alg}` });
  return apiClient(server, await server.addClient(metadata), { auth });
}

/** An authorization request with PKCE, state and nonce. */
export async function authorizationRequest(
  { as, client, redirect_uri }: Api,
  parameters: Record<string, string> = {},
): Promise<{ url: URL; code_verifier: string; state: string; nonce: string }> {
  const code_verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const nonce = oauth.generateRandomNonce();
  const url = new URL(as.authorization_endpoint ?? assert.fail("no authorization endpoint"));
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

/** The tokens for a code, whose response the library has validated. */
export async function redeemed(
  { as, client, auth, redirect_uri }: Api,
  validated: URLSearchParams,
  { code_verifier, nonce }: { code_verifier: string; nonce: string },
): Promise<oauth.TokenEndpointResponse> {
  const grant = [as, client, auth, validated, redirect_uri, code_verifier, insecure] as const;
  const response = await oauth.authorizationCodeGrantRequest(...grant);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return tokens;
}

export async function codeFlow(
  api: Api,
  parameters: Record<string, string> = {},
): Promise<oauth.TokenEndpointResponse> {
  const { server, username, sub, as, client, redirect_uri } = api;
  const { url, state, ...checks } = await authorizationRequest(api, parameters);
  const { page } = await walk(server, url.href, { username });
  assert.equal(page.url.href.startsWith(redirect_uri), true, page.url.href);
  const tokens = await redeemed(
    api,
    oauth.validateAuthResponse(as, client, page.url, state),
    checks,
  );
  const claims = oauth.getValidatedIdTokenClaims(tokens);
  assert.equal(claims?.sub, sub);
  const half = Buffer.from(s256(tokens.access_token), "base64url").subarray(0, 16);
  assert.equal(claims?.at_hash, half.toString("base64url"));
  return tokens;
}

export async function refresh(
  { as, client, auth }: Api,
  refresh_token: string | undefined,
): Promise<oauth.TokenEndpointResponse> {
  const token = refresh_token ?? assert.fail("no refresh token");
  const response = await oauth.refreshTokenGrantRequest(as, client, auth, token, insecure);
  const tokens = await oauth.processRefreshTokenResponse(as, client, response);
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return tokens;
}

export async function userinfo(
  { as, client, sub }: Api,
  access_token: string,
): Promise<oauth.UserInfoResponse> {
  const response = await oauth.userInfoRequest(as, client, access_token, insecure);
  return oauth.processUserInfoResponse(as, client, sub, response);
}

export async function introspect(
  { as, client, auth }: Api,
  token: string,
): Promise<oauth.IntrospectionResponse> {
  const response = await oauth.introspectionRequest(as, client, auth, token, insecure);
  return oauth.processIntrospectionResponse(as, client, response);
}

export async function revoke({ as, client, auth }: Api, token: string): Promise<void> {
  const response = await oauth.revocationRequest(as, client, auth, token, insecure);
  await oauth.processRevocationResponse(response);
}
