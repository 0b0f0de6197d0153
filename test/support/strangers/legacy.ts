/** Legacy response types and the password grant (OpenID Connect Core §3.2, §3.3; RFC 6749 §4.3), with all checks of both libraries. */
import assert from "node:assert/strict";
import { createLocalJWKSet, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import { s256 } from "../browser.ts";
import { walk } from "../flow.ts";
import { keySet } from "../key_set.ts";
import { answerIn, FRONT, membersOf } from "../legacy_stories.ts";
import { PASSWORD } from "../server.ts";
import {
  type Api,
  apiClient,
  authorizationRequest,
  insecure,
  redeemed,
} from "./oauth4webapi_client.ts";
import type { Stories } from "./place.ts";
import {
  errorOf,
  fetchPerson,
  goThrough,
  type RelyingParty,
  refresh,
  relyingParty,
  request,
  responseOf,
} from "./relying_party.ts";

const leftHalf = (text: string): string =>
  Buffer.from(s256(text), "base64url").subarray(0, 16).toString("base64url");

async function answerTo(app: RelyingParty, parameters: Record<string, string> = {}) {
  const { url, checks } = await request(app, parameters);
  return { answer: responseOf(await goThrough(app, url)), checks };
}

const TYPES = ["token", "id_token token", "code token", "code id_token token"];

export const legacyStrangers: Stories = {
  async "openid-client: response_type=id_token, in the fragment and in a form"({ server }) {
    const app = await relyingParty(server, FRONT, { also: [oidc.useIdTokenResponseType] });
    for (const response_mode of ["fragment", "form_post"]) {
      const { answer, checks } = await answerTo(app, { response_mode });
      const { expectedNonce, expectedState } = checks;
      const claims = await oidc.implicitAuthentication(app.config, answer, expectedNonce, {
        expectedState,
      });
      assert.deepEqual([claims.sub, claims.name], [app.sub, "Ada Lovelace"]);
    }
  },

  async "openid-client: response_type=code id_token, with c_hash checked"({ server }) {
    const app = await relyingParty(server, FRONT, { also: [oidc.useCodeIdTokenResponseType] });
    const { answer, checks } = await answerTo(app);
    const tokens = await oidc.authorizationCodeGrant(app.config, answer, checks);
    assert.equal(tokens.claims()?.sub, app.sub);
    assert.ok((await refresh(app, tokens.refresh_token)).access_token);
  },

  async "oauth4webapi: response_type=code id_token with its detached signature checks"({ server }) {
    const api = await apiClient(server, await server.addClient(FRONT));
    const parameters = { response_type: "code id_token", scope: "openid profile" };
    const { url, state, ...checks } = await authorizationRequest(api, parameters);
    const { page } = await walk(server, url.href, { username: api.username });
    const response = [api.as, api.client, page.url, checks.nonce, state] as const;
    const validated = await oauth.validateCodeIdTokenResponse(...response, undefined, insecure);
    const tokens = await redeemed(api, validated, checks);
    assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, api.sub);
  },

  async "response types with token: their hashes bind token and code, and each token works"({
    server,
  }) {
    const api = await apiClient(server, await server.addClient(FRONT));
    const config = await relyingParty(server, FRONT);
    const keys = createLocalJWKSet(await keySet(server));
    for (const response_type of TYPES) {
      const asked = await authorizationRequest(api, { response_type, scope: "openid profile" });
      const { page } = await walk(server, asked.url.href, { username: api.username });
      const answer = answerIn(page.url);
      const expected = [...membersOf(response_type), "state", "iss"];
      assert.deepEqual(Object.keys(answer).sort(), expected.sort(), response_type);
      assert.deepEqual([answer.state, answer.iss], [asked.state, server.issuer]);
      const { access_token = "", id_token, code, state = "", iss = "" } = answer;
      assert.equal((await fetchPerson(config, access_token, api.sub)).name, "Ada Lovelace");
      if (id_token !== undefined) {
        const { issuer } = server;
        const audience = api.client.client_id;
        const { payload } = await jwtVerify(id_token, keys, { issuer, audience });
        assert.deepEqual(
          [payload.nonce, payload.at_hash, payload.c_hash],
          [asked.nonce, leftHalf(access_token), code && leftHalf(code)],
        );
      }
      if (code !== undefined) await redeemCode(api, { code, state, iss }, asked);
    }
  },

  async "a client that did not register a legacy response type gets an error; with the switch off, every client"({
    server,
    open,
  }) {
    const app = await relyingParty(server);
    const asked = { response_type: "code id_token" };
    const outcome = async (of: RelyingParty) => errorOf(of, (await request(of, asked)).url);
    assert.equal(await outcome(app), "unauthorized_client");
    await using closed = await open({});
    const there = await relyingParty(closed);
    const types = there.config.serverMetadata().response_types_supported;
    assert.deepEqual(types, ["code"]);
    assert.equal(await outcome(there), "unsupported_response_type");
  },

  async "openid-client: the password grant, as a grant of another name"({ server }) {
    const grant_types = ["authorization_code", "refresh_token", "password"];
    const app = await relyingParty(server, { grant_types });
    const { config, username, sub } = app;
    const given = { username, password: PASSWORD, scope: "openid profile" };
    const tokens = await oidc.genericGrantRequest(config, "password", given);
    assert.equal((await fetchPerson(app, tokens.access_token, sub)).name, "Ada Lovelace");
    assert.ok((await refresh(app, tokens.refresh_token)).access_token);
    const wrong = { ...given, password: "another one" };
    await assert.rejects(oidc.genericGrantRequest(config, "password", wrong), {
      error: "invalid_grant",
    });
    const strict = await relyingParty(server, { grant_types, required_acr: "multi" });
    const there = { ...given, username: strict.username };
    await assert.rejects(oidc.genericGrantRequest(strict.config, "password", there), {
      error: "invalid_grant",
    });
  },
};

async function redeemCode(
  api: Api,
  answer: Record<"code" | "state" | "iss", string>,
  asked: { code_verifier: string; nonce: string; state: string },
): Promise<void> {
  const { as, client } = api;
  const code = oauth.validateAuthResponse(as, client, new URLSearchParams(answer), asked.state);
  const tokens = await redeemed(api, code, asked);
  assert.equal(oauth.getValidatedIdTokenClaims(tokens)?.sub, api.sub);
}
