/** openid-client and oauth4webapi as relying parties of the implicit and the hybrid flow, with all their checks. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import { readForm } from "../support/browser.ts";
import { walk } from "../support/flow.ts";
import { FRONT } from "../support/legacy_stories.ts";
import { PASSWORD, type TestClient } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await webServer({ legacy_grants: true });
after(() => server.close());
const sub = await server.addUser("ada", { claims: { name: "Ada Lovelace" } });
const redirect_uri = FRONT.redirect_uris[0] ?? "";

const configure = (
  { client_id, client_secret }: TestClient,
  ...also: ((config: oidc.Configuration) => void)[]
): Promise<oidc.Configuration> =>
  oidc.discovery(new URL(server.issuer), client_id, {}, oidc.ClientSecretBasic(client_secret), {
    execute: [oidc.allowInsecureRequests, ...also],
  });

/** The response of an authorization request, as the client gets it: an address, or a posted form. */
async function answerTo(
  config: oidc.Configuration,
  parameters: Record<string, string>,
): Promise<URL | Request> {
  const asked = { redirect_uri, scope: "openid profile", ...parameters };
  const { page } = await walk(server, oidc.buildAuthorizationUrl(config, asked).href, {});
  if (parameters.response_mode !== "form_post") return page.url;
  const body = new URLSearchParams(readForm(page.html, "/callback").fields);
  return new Request(redirect_uri, { method: "POST", body });
}

test("openid-client: response_type=id_token, in the fragment and in a form", async () => {
  const config = await configure(await server.addClient(FRONT), oidc.useIdTokenResponseType);
  for (const response_mode of ["fragment", "form_post"]) {
    const [nonce, state] = [oidc.randomNonce(), oidc.randomState()];
    const answer = await answerTo(config, { nonce, state, response_mode });
    const claims = await oidc.implicitAuthentication(config, answer, nonce, {
      expectedState: state,
    });
    assert.deepEqual([claims.sub, claims.name], [sub, "Ada Lovelace"]);
  }
});

test("openid-client: response_type=code id_token, with c_hash checked", async () => {
  const config = await configure(await server.addClient(FRONT), oidc.useCodeIdTokenResponseType);
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [nonce, state] = [oidc.randomNonce(), oidc.randomState()];
  const answer = await answerTo(config, {
    nonce,
    state,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const checks = { pkceCodeVerifier, expectedNonce: nonce, expectedState: state };
  const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
  assert.equal(tokens.claims()?.sub, sub);
});

test("oauth4webapi: response_type=code id_token with its detached signature checks", async () => {
  const insecure = { [oauth.allowInsecureRequests]: true } as const;
  const { client_id, client_secret } = await server.addClient(FRONT);
  const issuer = new URL(server.issuer);
  const found = await oauth.discoveryRequest(issuer, insecure);
  const as = await oauth.processDiscoveryResponse(issuer, found);
  const client: oauth.Client = { client_id };
  const config = await configure({ client_id, client_secret } as TestClient);
  const code_verifier = oauth.generateRandomCodeVerifier();
  const [nonce, state] = [oauth.generateRandomNonce(), oauth.generateRandomState()];
  const answer = await answerTo(config, {
    response_type: "code id_token",
    nonce,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: "S256",
  });
  assert.ok(answer instanceof URL);
  const checked = await oauth.validateCodeIdTokenResponse(
    as,
    client,
    answer,
    nonce,
    state,
    undefined,
    insecure,
  );
  const auth = oauth.ClientSecretBasic(client_secret);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    auth,
    checked,
    redirect_uri,
    code_verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, sub);
});

test("openid-client: the password grant, as a grant of another name", async () => {
  const grant_types = ["authorization_code", "refresh_token", "password"];
  const client = await server.addClient({ ...FRONT, grant_types, response_types: ["code"] });
  const config = await configure(client);
  const given = { username: "ada", password: PASSWORD, scope: "openid profile" };
  const tokens = await oidc.genericGrantRequest(config, "password", given);
  const person = await oidc.fetchUserInfo(config, tokens.access_token, sub);
  assert.equal(person.name, "Ada Lovelace");
  assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "")).access_token);
});
