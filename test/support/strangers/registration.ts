/** Both libraries register themselves (RFC 7591, RFC 7592), or publish a document about themselves, and sign people in. */
import assert from "node:assert/strict";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import { addInitialAccessToken } from "../../../src/clients/initial_access_token.ts";
import { documentClient, REDIRECT } from "../document_client.ts";
import { OPERATOR } from "../operation.ts";
import type { WebServer } from "../web.ts";
import { discover, insecure } from "./oauth4webapi_client.ts";
import { newPerson, type Stories } from "./place.ts";
import { fetchPerson, goThrough, type RelyingParty, refresh, signIn } from "./relying_party.ts";

const LOOPBACK = "http://127.0.0.1:9999/callback";
const execute = [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks];

const METHODS: Readonly<Record<string, (secret: string) => oidc.ClientAuth>> = {
  client_secret_basic: oidc.ClientSecretBasic,
  client_secret_post: oidc.ClientSecretPost,
  none: () => oidc.None(),
};

interface Registered extends Pick<RelyingParty, "server" | "config" | "username" | "sub"> {
  redirect_uri: string;
}

/** What a relying party needs of an app that no operator has added. */
const asParty = (registered: Registered): RelyingParty => {
  const { client_id } = registered.config.clientMetadata();
  return { ...registered, client: { client_id } as RelyingParty["client"] };
};

async function registered(
  server: WebServer,
  metadata: Partial<oidc.ClientMetadata>,
  initialAccessToken?: string,
): Promise<RelyingParty> {
  const url = new URL(server.issuer);
  const given = {
    redirect_uris: [LOOPBACK],
    client_name: "Stranger",
    grant_types: ["authorization_code", "refresh_token"],
    ...metadata,
  };
  const options = { execute, ...(initialAccessToken !== undefined && { initialAccessToken }) };
  const made = await oidc.dynamicClientRegistration(url, given, undefined, options);
  const known = made.clientMetadata();
  const { token_endpoint_auth_method, client_id, client_secret } = known;
  const auth = METHODS[String(token_endpoint_auth_method)]?.(String(client_secret));
  const config = await oidc.discovery(url, client_id, known, auth, { execute });
  const claims = { name: "Ada Lovelace", email: "ada@a.test" };
  const redirect_uri = given.redirect_uris[0] ?? LOOPBACK;
  return asParty({ server, config, redirect_uri, ...(await newPerson(server, claims)) });
}

export const registrationStrangers: Stories = {
  async "openid-client: dynamicClientRegistration, with each authentication method"({ server }) {
    for (const token_endpoint_auth_method of Object.keys(METHODS)) {
      const app = await registered(server, { token_endpoint_auth_method });
      const { tokens } = await signIn(app, { scope: "openid profile email offline_access" });
      assert.equal(tokens.scope, "openid profile email offline_access");
      const { access_token } = await refresh(app, tokens.refresh_token);
      assert.equal((await fetchPerson(app, access_token, app.sub)).email, "ada@a.test");
    }
  },

  async "openid-client: a refusal is the error of RFC 7591"({ server }) {
    const elsewhere = { redirect_uris: ["https://other.test/callback"] };
    await assert.rejects(
      registered(server, elsewhere),
      (error: unknown) =>
        error instanceof oidc.ResponseBodyError && error.error === "invalid_redirect_uri",
    );
  },

  async "openid-client: with an initial access token, where registration is for its holders"({
    open,
  }) {
    await using server = await open({ registration: { mode: "token" } });
    await assert.rejects(registered(server, {}), { code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE" });
    const input = { note: null, uses: 1, expires_in: 60 };
    const { token } = await addInitialAccessToken(input, OPERATOR, server.server);
    const app = await registered(server, { token_endpoint_auth_method: "none" }, token);
    assert.equal((await signIn(app)).claims.sub, app.sub);
    await assert.rejects(registered(server, {}, token), {
      code: "OAUTH_WWW_AUTHENTICATE_CHALLENGE",
    });
  },

  async "openid-client: a registered web app may omit PKCE and nonce, where the operator says so"({
    open,
  }) {
    await using server = await open({ registration: { mode: "open", require_pkce: false } });
    const app = await registered(server, {});
    const { config, redirect_uri } = app;
    const url = oidc.buildAuthorizationUrl(config, { redirect_uri, scope: "openid" });
    const { page } = await goThrough(app, url);
    const tokens = await oidc.authorizationCodeGrant(config, page.url, { idTokenExpected: true });
    assert.equal(tokens.claims()?.sub, app.sub);
  },

  async "openid-client: a pairwise app on several hosts needs a sector_identifier_uri"({
    server,
    site,
  }) {
    const redirect_uris = [LOOPBACK, "https://app.test/callback"];
    const pairwise = { subject_type: "pairwise", redirect_uris };
    await assert.rejects(registered(server, pairwise), { error: "invalid_client_metadata" });
    const sector_identifier_uri = site.publish("/sector.json", redirect_uris);
    const app = await registered(server, { ...pairwise, sector_identifier_uri });
    const { claims, tokens } = await signIn(app);
    assert.notEqual(claims.sub, app.sub);
    assert.equal((await fetchPerson(app, tokens.access_token, claims.sub)).sub, claims.sub);
    site.publish("/other.json", [LOOPBACK]);
    const other = { ...pairwise, sector_identifier_uri: `${site.origin}/other.json` };
    await assert.rejects(registered(server, other), { error: "invalid_client_metadata" });
  },

  async "oauth4webapi: it registers, reads, changes and removes its registration"({ server }) {
    const as = await discover(server);
    const asked = { redirect_uris: [LOOPBACK], client_name: "Stranger", unknown_member: 1 };
    const answer = await oauth.dynamicClientRegistrationRequest(as, asked, insecure);
    const client = await oauth.processDynamicClientRegistrationResponse(answer);
    assert.deepEqual([client.client_secret_expires_at, client.unknown_member], [0, undefined]);
    const uri = String(client.registration_client_uri);
    const headers = { authorization: `Bearer ${client.registration_access_token}` };
    const read = await fetch(uri, { headers });
    const { client_secret, ...others } = client;
    assert.equal(read.status, 200);
    assert.deepEqual(JSON.parse(await read.text()), others, "the token is told, not the secret");
    const document = {
      ...{ client_id: client.client_id, client_secret },
      ...{ redirect_uris: [LOOPBACK], client_name: "Renamed" },
    };
    const changed = await fetch(uri, {
      method: "PUT",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(document),
    });
    const body = await changed.text();
    assert.equal(changed.status, 200, body);
    assert.match(body, /"client_name":\s*"Renamed"/);
    assert.equal((await fetch(uri, { method: "DELETE", headers })).status, 204);
    assert.equal((await fetch(uri, { headers })).status, 401);
  },

  async "openid-client: the URL of a metadata document is the client_id"({ server, site }) {
    const { client_id, asked } = documentClient(site);
    const auth = oidc.None();
    const config = await oidc.discovery(new URL(server.issuer), client_id, {}, auth, { execute });
    const metadata = config.serverMetadata();
    assert.equal(metadata.client_id_metadata_document_supported, true);
    const person = await newPerson(server);
    const app = asParty({ server, config, redirect_uri: REDIRECT, ...person });
    const { tokens, browser, seen } = await signIn(app, { scope: "openid offline_access" });
    assert.deepEqual(seen, ["/sign-in", "/consent"]);
    const next = await refresh(app, tokens.refresh_token);
    assert.notEqual(next.refresh_token, tokens.refresh_token);
    assert.equal((await fetchPerson(app, next.access_token, app.sub)).sub, app.sub);
    const again = await signIn(app, {}, browser);
    assert.ok(!again.seen.includes("/sign-in"));
    assert.equal(asked(), 1, "it is cached");
  },
};
