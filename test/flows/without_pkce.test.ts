/** Clients that OpenID Connect certification runs: without PKCE and without nonce, and with the token endpoint as audience. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { exportJWK, generateKeyPair } from "jose";
import * as oidc from "openid-client";
import { walk } from "../support/flow.ts";
import { WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

const server = await webServer({ legacy_assertion_audience: true });
after(() => server.close());
await server.addUser("ada");

const registered = (metadata: object) =>
  server.registerClient({ ...WEB, ...metadata }, { require_pkce: false });

async function signIn(
  config: oidc.Configuration,
  parameters: Record<string, string> = {},
): Promise<oidc.TokenEndpointResponse> {
  const redirect_uri = WEB.redirect_uris[0] ?? "";
  const asked = { redirect_uri, scope: "openid", ...parameters };
  const { page } = await walk(server, oidc.buildAuthorizationUrl(config, asked).href, {});
  return oidc.authorizationCodeGrant(config, page.url, { idTokenExpected: true });
}

test("a confidential client with require_pkce: false signs in with neither PKCE nor nonce", async () => {
  for (const method of ["client_secret_basic", "client_secret_post"]) {
    const { client_id, client_secret } = await registered({ token_endpoint_auth_method: method });
    const auth =
      method === "client_secret_basic"
        ? oidc.ClientSecretBasic(client_secret)
        : oidc.ClientSecretPost(client_secret);
    const config = await oidc.discovery(new URL(server.issuer), client_id, {}, auth, {
      execute: [oidc.allowInsecureRequests],
    });
    assert.ok((await signIn(config)).id_token);
  }
});

test("with legacy_assertion_audience a client may name the token endpoint in its assertion", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const { client_id } = await registered({
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [await exportJWK(publicKey)] },
  });
  for (const aud of [`${server.issuer}/token`, server.issuer]) {
    const auth = oidc.PrivateKeyJwt(privateKey, {
      [oidc.modifyAssertion]: (_, payload) => {
        payload.aud = aud;
      },
    });
    const config = await oidc.discovery(new URL(server.issuer), client_id, {}, auth, {
      execute: [oidc.allowInsecureRequests],
    });
    assert.ok((await signIn(config)).access_token);
  }
});
