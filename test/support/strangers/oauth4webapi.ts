/** oauth4webapi: the code flow, access tokens and errors. */
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import { readForm } from "../browser.ts";
import { walk } from "../flow.ts";
import { NATIVE, PRINTS, SERVICE, SNAPS, WEB } from "../server.ts";
import {
  type Api,
  apiClient,
  authorizationRequest,
  clientWithKey,
  codeFlow,
  discover,
  insecure,
  introspect,
  refresh,
  revoke,
  userinfo,
} from "./oauth4webapi_client.ts";
import type { Stories } from "./place.ts";

async function serviceToken(api: Api, resource: string): Promise<string> {
  const { as, client, auth } = api;
  const parameters = { resource };
  const request = [as, client, auth, parameters, insecure] as const;
  const response = await oauth.clientCredentialsGrantRequest(...request);
  const tokens = await oauth.processClientCredentialsResponse(as, client, response);
  return tokens.access_token;
}

const presented = (access_token: string) =>
  new Request(`${SNAPS}/photos`, { headers: { authorization: `Bearer ${access_token}` } });

export const oauth4webapiStories: Stories = {
  async "oauth4webapi finds both metadata documents, which differ in the list of ended tokens only"({
    server,
  }) {
    const as = await discover(server, "oidc");
    const { valetkey_ended_endpoint, ...same } = await discover(server, "oauth2");
    assert.equal(valetkey_ended_endpoint, `${as.issuer}/ended`);
    assert.deepEqual(same, as);
    assert.equal(as.authorization_response_iss_parameter_supported, true);
    assert.deepEqual(as.code_challenge_methods_supported, ["S256"]);
  },

  async "oauth4webapi with client_secret_basic completes the code flow, by RS256 and ES256"({
    server,
  }) {
    const claims = { name: "Ada Lovelace", email: "ada@example.com", email_verified: true };
    for (const id_token_signed_response_alg of ["RS256", "ES256"]) {
      const client = await server.addClient({ ...WEB, id_token_signed_response_alg });
      const api = await apiClient(server, client, { claims });
      const { sub, username } = api;
      const tokens = await codeFlow(api);
      assert.equal(tokens.scope, "openid profile email photos.read");
      const expected = { sub, ...claims, preferred_username: username };
      assert.deepEqual(await userinfo(api, tokens.access_token), expected);
      const again = await refresh(api, tokens.refresh_token);
      const same = "not rotated, since the client has a secret";
      assert.equal(again.refresh_token, tokens.refresh_token, same);
      assert.equal((await introspect(api, again.access_token)).active, true);
      await revoke(api, again.refresh_token ?? "");
      assert.deepEqual(await introspect(api, again.access_token), { active: false });
    }
  },

  async "oauth4webapi with client_secret_post completes the code flow and refreshes"({ server }) {
    const metadata = { ...WEB, token_endpoint_auth_method: "client_secret_post" };
    const client = await server.addClient(metadata);
    const auth = oauth.ClientSecretPost(client.client_secret);
    const api = await apiClient(server, client, { auth });
    const tokens = await codeFlow(api);
    assert.equal((await introspect(api, tokens.access_token)).sub, api.sub);
    assert.equal((await userinfo(api, tokens.access_token)).sub, api.sub);
    await refresh(api, tokens.refresh_token);
  },

  async "oauth4webapi with private_key_jwt by ES256, PS256, RS256 and Ed25519 completes the code flow"({
    server,
  }) {
    for (const alg of ["ES256", "PS256", "RS256", "Ed25519"]) {
      const api = await clientWithKey(server, alg);
      const again = await refresh(api, (await codeFlow(api)).refresh_token);
      assert.equal((await introspect(api, again.access_token)).active, true, alg);
      await revoke(api, again.access_token);
      assert.equal((await introspect(api, again.access_token)).active, false);
    }
  },

  async "a public client on loopback uses its own port, and its refresh token rotates"({ server }) {
    const client = await server.addClient(NATIVE);
    const api = {
      ...(await apiClient(server, client, { auth: oauth.None() })),
      redirect_uri: "http://127.0.0.1:53712/callback",
    };
    const tokens = await codeFlow(api);
    const second = await refresh(api, tokens.refresh_token);
    assert.notEqual(second.refresh_token, tokens.refresh_token);
    const third = await refresh(api, second.refresh_token);
    assert.equal((await userinfo(api, third.access_token)).sub, api.sub);
    await assert.rejects(refresh(api, tokens.refresh_token), { error: "invalid_grant" });
    await assert.rejects(refresh(api, third.refresh_token), { error: "invalid_grant" });
  },

  async "an API validates a JWT access token by RFC 9068"({ server }) {
    const api = await apiClient(server, await server.addClient(WEB));
    const { access_token } = await codeFlow(api);
    const validate = (audience: string) =>
      oauth.validateJwtAccessToken(api.as, presented(access_token), audience, insecure);
    const claims = await validate(SNAPS);
    assert.deepEqual([claims.sub, claims.client_id], [api.sub, api.client.client_id]);
    assert.match(claims.scope ?? "", /photos\.read/);
    await assert.rejects(validate(PRINTS));
  },

  async "a service gets a signed token for one API and an opaque one for the other"({ server }) {
    const metadata = { ...SERVICE, scope: "photos.read prints.order" };
    const service = await apiClient(server, await server.addClient(metadata));
    const signed = await serviceToken(service, SNAPS);
    const request = presented(signed);
    const claims = await oauth.validateJwtAccessToken(service.as, request, SNAPS, insecure);
    assert.deepEqual([claims.sub, claims.scope], [service.client.client_id, "photos.read"]);
    const opaque = await serviceToken(service, PRINTS);
    assert.match(opaque, /^vka_/);
    const prints = await apiClient(server, await server.addClient(SERVICE, { resource: PRINTS }));
    const { active, scope } = await introspect(prints, opaque);
    assert.deepEqual([active, scope], [true, "prints.order"]);
    const other = await introspect(prints, signed);
    assert.equal(other.active, false, "the API is not its audience");
    await revoke(service, opaque);
    assert.equal((await introspect(prints, opaque)).active, false);
  },

  async "oauth4webapi reads the response in the fragment and in a form"({ server }) {
    const api = await apiClient(server, await server.addClient(WEB));
    for (const response_mode of ["fragment", "form_post"]) {
      const { url, state } = await authorizationRequest(api, { response_mode });
      const { page } = await walk(server, url.href, { username: api.username });
      const form = response_mode === "form_post" ? readForm(page.html, "/callback") : null;
      assert.equal(form?.action ?? api.redirect_uri, api.redirect_uri);
      const answer = new URLSearchParams(form?.fields ?? page.url.hash.slice(1));
      const validated = oauth.validateAuthResponse(api.as, api.client, answer, state);
      assert.match(validated.get("code") ?? "", /^vkc_/);
    }
  },

  async "oauth4webapi recognizes our errors: at the client, the token endpoint and userinfo"({
    server,
  }) {
    const api = await apiClient(server, await server.addClient(WEB));
    const { url, state } = await authorizationRequest(api, { prompt: "none" });
    const { page } = await walk(server, url.href, {});
    assert.throws(() => oauth.validateAuthResponse(api.as, api.client, page.url, state), {
      name: "AuthorizationResponseError",
      error: "login_required",
    });
    await assert.rejects(refresh(api, "vkr_nothing"), {
      name: "ResponseBodyError",
      error: "invalid_grant",
      status: 400,
    });
    const challenge = { name: "WWWAuthenticateChallengeError", status: 401 };
    await assert.rejects(userinfo(api, "nothing"), challenge);
    const wrong = { ...api, auth: oauth.ClientSecretBasic("vks_wrong") };
    // The library reports the challenge first: RFC 6749 §5.2 requires it.
    await assert.rejects(refresh(wrong, "vkr_nothing"), challenge);
  },
};
