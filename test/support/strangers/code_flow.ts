/** openid-client: the code flow with each authentication method, response mode and algorithm. */
import assert from "node:assert/strict";
import { decodeProtectedHeader, exportJWK, generateKeyPair } from "jose";
import * as oidc from "openid-client";
import { s256, testBrowser } from "../browser.ts";
import { NATIVE, PRINTS, SERVICE, SNAPS } from "../server.ts";
import type { Place, Stories } from "./place.ts";
import {
  fetchPerson,
  goThrough,
  type RelyingParty,
  refresh,
  relyingParty,
  request,
  responseOf,
  signIn,
} from "./relying_party.ts";

const SCOPE = { scope: "openid profile photos.read" };

async function goThroughAll(app: RelyingParty): Promise<void> {
  const { config, sub, username, server } = app;
  const { tokens, claims } = await signIn(app, SCOPE);
  assert.deepEqual([claims.sub, claims.name], [sub, "Ada Lovelace"]);
  const again = await refresh(app, tokens.refresh_token);
  assert.equal(again.claims()?.name, "Ada Lovelace");
  assert.deepEqual(await fetchPerson(app, again.access_token, sub), {
    ...{ sub, name: "Ada Lovelace", preferred_username: username },
  });
  const seen = await oidc.tokenIntrospection(config, again.access_token);
  assert.equal(seen.active, true);
  assert.deepEqual(seen.aud, [SNAPS, server.issuer]);
  await oidc.tokenRevocation(config, again.access_token);
  assert.equal((await oidc.tokenIntrospection(config, again.access_token)).active, false);
  const third = await refresh(app, again.refresh_token);
  assert.equal((await oidc.tokenIntrospection(config, third.access_token)).active, true);
  await oidc.tokenRevocation(config, third.refresh_token ?? "");
  await assert.rejects(refresh(app, third.refresh_token), { error: "invalid_grant" });
}

/** A client whose key is in its registration, or at its `jwks_uri`. */
async function withKey({ server, site }: Place, at: "jwks" | "jwks_uri", aud?: string) {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: crypto.randomUUID() }] };
  const path = `/keys-${keys.keys[0]?.kid}`;
  const metadata = {
    token_endpoint_auth_method: "private_key_jwt",
    ...(at === "jwks" ? { jwks: keys } : { jwks_uri: site.publish(path, keys) }),
    ...(aud !== undefined && { legacy_assertion_audience: true }),
  };
  const modify: oidc.ModifyAssertionOptions = {
    [oidc.modifyAssertion]: (header, payload) => {
      if (at === "jwks_uri") header.kid = keys.keys[0]?.kid;
      if (aud !== undefined) payload.aud = aud;
    },
  };
  return relyingParty(server, metadata, { auth: () => oidc.PrivateKeyJwt(privateKey, modify) });
}

export const codeFlowStories: Stories = {
  async "a relying party with client_secret_basic completes every step"({ server }) {
    await goThroughAll(await relyingParty(server));
  },

  async "a relying party with client_secret_post completes every step"({ server }) {
    const metadata = { token_endpoint_auth_method: "client_secret_post" };
    const app = await relyingParty(server, metadata, {
      auth: ({ client_secret }) => oidc.ClientSecretPost(client_secret),
      algorithm: "oauth2",
    });
    await goThroughAll(app);
  },

  async "a relying party with private_key_jwt completes every step, its keys in jwks or at jwks_uri"(
    place,
  ) {
    for (const at of ["jwks", "jwks_uri"] as const) await goThroughAll(await withKey(place, at));
    assert.ok(place.site.asked.some((path) => path.startsWith("/keys-")));
  },

  async "with legacy_assertion_audience a client may name the token endpoint in its assertion"(
    place,
  ) {
    const { issuer } = place.server;
    for (const aud of [`${issuer}/token`, issuer])
      assert.ok((await signIn(await withKey(place, "jwks", aud))).tokens.access_token);
    const wrong = await withKey(place, "jwks", "https://other.test");
    await assert.rejects(signIn(wrong), { error: "invalid_client" });
  },

  async "a native app signs in and refreshes, with a new refresh token each time"({ server }) {
    const app = await relyingParty(server, NATIVE, {
      auth: oidc.None,
      redirect_uri: "http://127.0.0.1:61234/callback",
    });
    const { tokens } = await signIn(app);
    const second = await refresh(app, tokens.refresh_token);
    const third = await refresh(app, second.refresh_token);
    const all = [tokens, second, third].map(({ refresh_token }) => refresh_token);
    assert.equal(new Set(all).size, 3);
    assert.equal((await fetchPerson(app, third.access_token, app.sub)).sub, app.sub);
    await oidc.tokenRevocation(app.config, third.refresh_token ?? "");
    await assert.rejects(fetchPerson(app, third.access_token, app.sub));
  },

  async "a client with require_pkce: false signs in with neither PKCE nor nonce, others do not"({
    server,
  }) {
    for (const method of ["client_secret_basic", "client_secret_post"] as const) {
      const app = await relyingParty(
        server,
        { token_endpoint_auth_method: method },
        {
          options: { require_pkce: false },
          auth: ({ client_secret }) =>
            method === "client_secret_basic"
              ? oidc.ClientSecretBasic(client_secret)
              : oidc.ClientSecretPost(client_secret),
        },
      );
      const { config, redirect_uri } = app;
      const url = oidc.buildAuthorizationUrl(config, { redirect_uri, scope: "openid" });
      const { page } = await goThrough(app, url);
      const tokens = await oidc.authorizationCodeGrant(config, page.url, { idTokenExpected: true });
      assert.equal(tokens.claims()?.nonce, undefined);
    }
    const app = await relyingParty(server);
    const { redirect_uri } = app;
    const url = oidc.buildAuthorizationUrl(app.config, { redirect_uri, scope: "openid" });
    const { page } = await goThrough(app, url);
    await assert.rejects(oidc.authorizationCodeGrant(app.config, page.url), {
      error: "invalid_request",
    });
  },

  async "response_mode query, fragment and form_post, also for errors"({ server }) {
    const app = await relyingParty(server);
    const browser = testBrowser(server);
    for (const [response_mode, place] of [
      ["query", "search"],
      ["fragment", "hash"],
      ["form_post", null],
    ] as const) {
      for (const more of [{ prompt: "none", max_age: "0" }, {}]) {
        const { url, checks } = await request(app, { ...SCOPE, response_mode, ...more });
        const walked = await goThrough(app, url, browser);
        const response = responseOf(walked);
        if (place === null) assert.ok(response instanceof Request);
        else if (response instanceof URL) {
          assert.ok(response[place]);
          assert.equal(response[place === "hash" ? "search" : "hash"], "");
        }
        // The library reads codes in the query or in a form.
        const read = response instanceof URL ? new URL(response.href.replace("#", "?")) : response;
        const tokens = oidc.authorizationCodeGrant(app.config, read, checks);
        if ("prompt" in more) await assert.rejects(tokens, { error: "login_required" });
        else assert.ok((await tokens).access_token);
      }
    }
  },

  async "an authorization request by POST is answered like one by GET"({ server }) {
    const app = await relyingParty(server);
    const { url, checks } = await request(app);
    const [endpoint = "", body = ""] = url.href.split("?");
    const browser = testBrowser(server);
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const posted = await browser.request(endpoint, { method: "POST", headers, body });
    assert.equal(posted.status, 303);
    const sealed = new URL(posted.headers.get("location") ?? "", endpoint);
    const { page } = await goThrough(app, sealed, browser);
    assert.ok((await oidc.authorizationCodeGrant(app.config, page.url, checks)).claims());
  },

  async "a code cannot be used for another request: state, code_verifier and nonce are checked"({
    server,
  }) {
    const app = await relyingParty(server);
    const browser = testBrowser(server);
    const attempt = async (changed: oidc.AuthorizationCodeGrantChecks) => {
      const { url, checks } = await request(app);
      const { page } = await goThrough(app, url, browser);
      return oidc.authorizationCodeGrant(app.config, page.url, { ...checks, ...changed });
    };
    await assert.rejects(attempt({ expectedState: "two" }), { code: "OAUTH_INVALID_RESPONSE" });
    await assert.rejects(attempt({ pkceCodeVerifier: oidc.randomPKCECodeVerifier() }), {
      error: "invalid_grant",
    });
    await assert.rejects(attempt({ expectedNonce: "another" }), {
      code: "OAUTH_JWT_CLAIM_COMPARISON_FAILED",
    });
    assert.ok((await attempt({})).access_token);
  },

  async "a refused consent gives the relying party access_denied"({ server }) {
    const app = await relyingParty(server);
    const { browser } = await signIn(app);
    const { url, checks } = await request(app, { prompt: "consent" });
    const consent = await browser.get(url.href);
    const refused = await browser.submit(consent, { decision: "deny" }, "/consent");
    const grant = oidc.authorizationCodeGrant(app.config, refused.url, checks);
    await assert.rejects(grant, { error: "access_denied" });
  },

  async "a service gets a signed or opaque token, as the API is configured"({ server }) {
    const { config, client } = await relyingParty(server, {
      ...SERVICE,
      scope: "photos.read prints.order",
    });
    const signed = await oidc.clientCredentialsGrant(config, { resource: SNAPS });
    assert.equal(signed.access_token.split(".").length, 3);
    assert.equal(signed.scope, "photos.read");
    const opaque = await oidc.clientCredentialsGrant(config, { resource: PRINTS });
    const seen = await oidc.tokenIntrospection(config, opaque.access_token);
    assert.deepEqual([seen.aud, seen.sub], [PRINTS, client.client_id]);
    await oidc.tokenRevocation(config, signed.access_token);
    assert.equal((await oidc.tokenIntrospection(config, signed.access_token)).active, false);
    assert.equal((await oidc.tokenIntrospection(config, opaque.access_token)).active, true);
  },

  async "ID tokens by RS256, ES256, PS256 and EdDSA are verified, with their at_hash, also at refresh"({
    server,
  }) {
    for (const alg of ["RS256", "ES256", "PS256", "EdDSA"]) {
      const app = await relyingParty(server, { id_token_signed_response_alg: alg });
      const { tokens } = await signIn(app);
      for (const each of [tokens, await refresh(app, tokens.refresh_token)]) {
        const { id_token = "", access_token } = each;
        assert.equal(decodeProtectedHeader(id_token).alg, alg);
        if (alg === "EdDSA") continue; // Its hash is SHA-512.
        const half = Buffer.from(s256(access_token), "base64url").subarray(0, 16);
        assert.equal(each.claims()?.at_hash, half.toString("base64url"));
      }
    }
  },

  async "userinfo signed by each algorithm is verified"({ server }) {
    for (const alg of ["RS256", "ES256", "PS256", "EdDSA"]) {
      const app = await relyingParty(server, { userinfo_signed_response_alg: alg });
      const { tokens } = await signIn(app);
      const { name } = await fetchPerson(app, tokens.access_token, app.sub);
      assert.equal(name, "Ada Lovelace");
    }
  },
};
