/** openid-client: what tokens and userinfo tell about a person (OpenID Connect Core §5, §8). */
import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { SERVICE, SNAPS, WEB } from "../server.ts";
import { newPerson, type Stories } from "./place.ts";
import {
  configure,
  fetchPerson,
  type RelyingParty,
  refresh,
  relyingParty,
  signIn,
} from "./relying_party.ts";

const SINGLE = "urn:valetkey:single";
const PROFILE = {
  ...{ name: "Ada Lovelace", given_name: "Ada", family_name: "Lovelace", middle_name: "King" },
  ...{ nickname: "Countess", profile: "https://ada.test/", picture: "https://ada.test/a.png" },
  ...{ website: "https://ada.test/", gender: "female", birthdate: "1815-12-10" },
  ...{ zoneinfo: "Europe/London", locale: "en-GB", updated_at: 1_700_000_000 },
};
const EMAIL = { email: "ada@example.com", email_verified: true };
const ADDRESS = { address: { street_address: "12 St James's Square", locality: "London" } };
const PHONE = { phone_number: "+44 20 7946 0000", phone_number_verified: false };

const essential = (...values: string[]) =>
  JSON.stringify({ id_token: { acr: { essential: true, values } } });

/** The claims about the person, without those of the protocol. */
function about(claims: oidc.IDToken): object {
  const { iss, sub, aud, exp, iat, jti, auth_time, acr, amr, sid, at_hash, nonce, ...rest } =
    claims;
  return rest;
}

async function told(app: RelyingParty, access_token: string): Promise<object> {
  const { sub: _, preferred_username: __, ...rest } = await fetchPerson(app, access_token, app.sub);
  return rest;
}

const withClaims = async (
  server: Parameters<typeof newPerson>[0],
  claims: object,
): Promise<RelyingParty> => relyingParty(server, {}, { person: await newPerson(server, claims) });

export const claimStories: Stories = {
  async "every standard claim is told for its scope, at userinfo and in the ID token"({ server }) {
    const app = await withClaims(server, { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE });
    for (const [scope, expected] of [
      ["profile", PROFILE],
      ["email", EMAIL],
      ["address", ADDRESS],
      ["phone", PHONE],
      ["profile email address phone", { ...PROFILE, ...EMAIL, ...ADDRESS, ...PHONE }],
    ] as const) {
      const { tokens, claims } = await signIn(app, { scope: `openid ${scope}` });
      assert.deepEqual(await told(app, tokens.access_token), expected, scope);
      const { preferred_username, ...inside } = Object.fromEntries(Object.entries(about(claims)));
      assert.deepEqual(inside, expected, scope);
      assert.equal(preferred_username, scope.includes("profile") ? app.username : undefined);
    }
  },

  async "the claims parameter: userinfo and ID token get what was asked for there"({ server }) {
    const app = await withClaims(server, { ...PROFILE, ...EMAIL, ...PHONE });
    assert.equal(app.config.serverMetadata().claims_parameter_supported, true);
    const asked = {
      userinfo: { name: { essential: true } },
      id_token: { email: null, phone_number: { value: PHONE.phone_number } },
    };
    const parameters = { scope: "openid", claims: JSON.stringify(asked), claims_locales: "se" };
    const { tokens, claims } = await signIn(app, parameters);
    assert.equal(tokens.scope, "openid");
    const inside = { email: EMAIL.email, phone_number: PHONE.phone_number };
    assert.deepEqual(about(claims), inside);
    const { name } = PROFILE;
    assert.deepEqual(await told(app, tokens.access_token), { name });
    const again = await refresh(app, tokens.refresh_token);
    assert.deepEqual(about(again.claims() ?? assert.fail()), inside);
    assert.deepEqual(await told(app, again.access_token), { name });
    await assert.rejects(signIn(app, { claims: "{" }), { error: "invalid_request" });
  },

  async "a sub in the claims parameter is for that person, or login_required"({ server }) {
    const app = await relyingParty(server);
    const { browser } = await signIn(app);
    const ask = (value: string) =>
      signIn(
        app,
        { prompt: "none", claims: JSON.stringify({ id_token: { sub: { value } } }) },
        browser,
      );
    assert.equal((await ask(app.sub)).claims.sub, app.sub);
    await assert.rejects(ask("somebody-else"), { error: "login_required" });
  },

  async "acr_values and an essential acr: the level that was reached is told, or refused"({
    server,
  }) {
    const app = await relyingParty(server);
    const supported = app.config.serverMetadata().acr_values_supported;
    assert.deepEqual(supported, [SINGLE, "urn:valetkey:multi"], "an IP address has no passkeys");
    for (const acr_values of ["phr urn:valetkey:multi", "gold", SINGLE]) {
      const { claims } = await signIn(app, { acr_values });
      assert.deepEqual([claims.acr, claims.amr], [SINGLE, ["pwd"]]);
    }
    assert.equal((await signIn(app, { claims: essential(SINGLE) })).claims.acr, SINGLE);
    const error = "unmet_authentication_requirements";
    for (const level of ["phr", "urn:valetkey:multi"])
      await assert.rejects(signIn(app, { claims: essential(level) }), { error });
    const api = { resource: SNAPS, scope: "openid photos.read", acr_values: "phr" };
    await assert.rejects(signIn(app, api), { error });
  },

  async "pairwise subjects: the same in ID tokens, userinfo, access tokens and introspection"({
    server,
  }) {
    const pairwise = async (host: string, someone: { username: string; sub: string }) => {
      const redirect_uri = `https://${host}/callback`;
      const registered = await server.registerClient({
        ...{ ...WEB, redirect_uris: [redirect_uri], subject_type: "pairwise" },
      });
      const { client_id, client_secret = "" } = registered;
      const record = (await server.server.store.findClient(client_id)) ?? assert.fail();
      const client = { client_id, client_secret, record };
      const config = await configure(server.issuer, client);
      return { server, client, config, redirect_uri, ...someone };
    };
    const someone = await newPerson(server);
    const [one, same, other] = await Promise.all([
      pairwise("one.test", someone),
      pairwise("one.test", someone),
      pairwise("other.test", someone),
    ]);
    const types = one.config.serverMetadata().subject_types_supported;
    assert.deepEqual(types, ["public", "pairwise"]);
    const api = await relyingParty(server, SERVICE, { options: { resource: SNAPS } });
    const scope = "openid photos.read";
    const { tokens, claims, browser } = await signIn(one, { scope });
    assert.notEqual(claims.sub, someone.sub);
    assert.equal((await fetchPerson(one, tokens.access_token, claims.sub)).sub, claims.sub);
    for (const { config } of [one, api])
      assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).sub, claims.sub);
    const again = await refresh(one, tokens.refresh_token);
    assert.equal(again.claims()?.sub, claims.sub);
    const there = await signIn(same, {}, browser);
    const elsewhere = await signIn(other, {}, browser);
    assert.equal(there.claims.sub, claims.sub, "the same sector");
    assert.notEqual(elsewhere.claims.sub, claims.sub);
    assert.notEqual(elsewhere.claims.sid, claims.sid, "nor can sessions be compared");
    const hint = { scope, prompt: "none", id_token_hint: tokens.id_token ?? "" };
    assert.equal((await signIn(one, hint, browser)).claims.sub, claims.sub);
  },
};
