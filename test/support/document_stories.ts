/** Stories of clients with metadata documents and with keys by address, told by libraries of others, for any setup. */
import assert from "node:assert/strict";
import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { exportJWK } from "jose";
import * as oauth from "oauth4webapi";
import * as oidc from "openid-client";
import type { Config } from "../../src/config.ts";
import { testBrowser } from "./browser.ts";
import { documentClient, REDIRECT } from "./document_client.ts";
import { authorize, refresh, tokensFor, userinfo, walk } from "./flow.ts";
import { SERVICE, SNAPS, type TestServer } from "./server.ts";
import { soon } from "./stories.ts";
import type { Stranger } from "./stranger.ts";

/** Documents may be on this computer. */
export const DOCUMENTS = {
  allow_private_fetch: true,
  resources: { [SNAPS]: { name: "Snaps", scopes: ["photos.read"], open: true } },
} satisfies Config;

type Story = (server: TestServer, site: Stranger) => Promise<void>;

const newKey = async (kid: string) => {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("ec", { namedCurve: "P-256" });
  const jwk = { ...(await exportJWK(publicKey)), kid };
  const key = await crypto.subtle.importKey(
    "jwk",
    await exportJWK(privateKey),
    { name: "ECDSA", namedCurve: "P-256" },
    false,
    ["sign"],
  );
  return { jwk, kid, key };
};
type Key = Awaited<ReturnType<typeof newKey>>;

let people = 0;
async function person(server: TestServer): Promise<string> {
  people += 1;
  const username = `person-${people}`;
  await server.addUser(username, { claims: { name: "Ada Lovelace" } });
  return username;
}

/** openid-client, as its documentation says, over `fetch` of the server. */
async function relyingParty(server: TestServer, client_id: string, key: Key | null) {
  const auth = key ? oidc.PrivateKeyJwt({ key: key.key, kid: key.kid }) : oidc.None();
  const metadata = { [oidc.clockSkew]: skewOf(server) };
  return oidc.discovery(new URL(server.issuer), client_id, metadata, auth, {
    [oidc.customFetch]: asFetch(server),
    execute: [oidc.allowInsecureRequests],
  });
}

async function signIn(server: TestServer, config: oidc.Configuration, username: string) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    ...{ redirect_uri: REDIRECT, scope: "openid photos.read offline_access", state: expectedState },
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const { page } = await walk(server, url.href, { username });
  return oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier, expectedState });
}

/** The clock of the libraries is this machine's. */
const skewOf = (server: TestServer): number => server.now() - Math.floor(Date.now() / 1000);

export const documentStories: Readonly<Record<string, Story>> = {
  async "openid-client signs a person in with the URL of its document as its id"(server, site) {
    const client = documentClient(site);
    const config = await relyingParty(server, client.client_id, null);
    assert.equal(config.serverMetadata().client_id_metadata_document_supported, true);
    const tokens = await signIn(server, config, await person(server));
    assert.ok(tokens.claims()?.sub);
    // Afterwards nobody needs the document.
    site.answer(new URL(client.client_id).pathname, (_, response) => {
      response.writeHead(500).end();
    });
    const first = tokens.refresh_token ?? assert.fail("no refresh token");
    const next = await oidc.refreshTokenGrant(config, first);
    assert.notEqual(next.refresh_token, first);
    await oidc.tokenRevocation(config, next.refresh_token ?? "");
    await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token ?? ""), {
      error: "invalid_grant",
    });
  },

  async "openid-client authenticates with keys at its jwks_uri, and with new ones"(server, site) {
    const [one, two] = [await newKey("1"), await newKey("2")];
    const path = `/keys-${crypto.randomUUID()}`;
    const jwks_uri = site.publish(path, { keys: [one.jwk] });
    const metadata = { token_endpoint_auth_method: "private_key_jwt", jwks_uri };
    const { client_id } = await server.addClient({ ...SERVICE, ...metadata, scope: "photos.read" });
    const ask = async (key: Key) => {
      const config = await relyingParty(server, client_id, key);
      return oidc.clientCredentialsGrant(config, { scope: "photos.read" });
    };
    // More than one, so that every node has the keys.
    for (let n = 0; n < 4; n += 1) assert.ok((await ask(one)).access_token);
    site.publish(path, { keys: [two.jwk] });
    server.advance(5);
    for (let n = 0; n < 4; n += 1) assert.ok((await ask(two)).access_token);
    await assert.rejects(ask(one), { error: "invalid_client" });
    // While the address is down, the last keys hold.
    site.answer(path, (_, response) => void response.writeHead(503).end());
    server.advance(3700);
    assert.ok((await ask(two)).access_token);
  },

  async "oauth4webapi authenticates with the keys in its document"(server, site) {
    const key = await newKey("1");
    const members = { token_endpoint_auth_method: "private_key_jwt", jwks: { keys: [key.jwk] } };
    const { client_id } = documentClient(site, members);
    const options = { [oauth.customFetch]: asFetch(server), [oauth.allowInsecureRequests]: true };
    const issuer = new URL(server.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    const client = { client_id, [oauth.clockSkew]: skewOf(server) };
    const { url, code } = await authorize(
      server,
      { client_id },
      {
        username: await person(server),
        parameters: {
          scope: "photos.read",
          code_challenge: await oauth.calculatePKCECodeChallenge(VERIFIER),
        },
      },
    );
    assert.ok(code);
    const parameters = oauth.validateAuthResponse(as, client, url, "xyz");
    const auth = oauth.PrivateKeyJwt({ key: key.key, kid: key.kid });
    const grant = [as, client, auth, parameters, REDIRECT, VERIFIER, options] as const;
    const answered = await oauth.authorizationCodeGrantRequest(...grant);
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answered);
    assert.equal(tokens.token_type, "bearer");
    // The library's own proof is required from then on.
    const body = {
      grant_type: "refresh_token",
      refresh_token: tokens.refresh_token ?? "",
      client_id,
    };
    const stolen = await server.fetch(
      new Request(`${server.issuer}/token`, { method: "POST", body: new URLSearchParams(body) }),
    );
    assert.equal(stolen.status, 401);
  },

  async "two people agree to a new client at once, and each sees later what changed"(server, site) {
    const client = documentClient(site, {}, { "cache-control": "no-store" });
    const [ada, bob] = [await person(server), await person(server)];
    const both = await Promise.all(
      [ada, bob].map((username) => authorize(server, client, { username })),
    );
    assert.deepEqual(
      both.map(({ code }) => code !== ""),
      [true, true],
    );
    client.change({ client_name: "Bank" });
    server.advance(2);
    for (const { browser } of both) {
      const address = `/authorize?${new URLSearchParams({
        ...{ response_type: "code", client_id: client.client_id, redirect_uri: REDIRECT },
        ...{ scope: "openid", code_challenge: "x".repeat(43), code_challenge_method: "S256" },
      })}`;
      const page = await browser.get(address);
      assert.match(page.html, /Its name was[\s\S]*Printly/);
      await browser.submit(page, { decision: "allow" }, "/consent");
      assert.equal((await browser.get(address)).url.origin, new URL(REDIRECT).origin);
    }
  },

  async "a client that an operator disables has nothing within a second"(server, site) {
    const client = documentClient(site);
    const { access_token, refresh_token } = await tokensFor(server, client, {
      username: await person(server),
    });
    const { store } = server.server;
    const before = (await store.findClient(client.client_id)) ?? assert.fail("it is not stored");
    await store.updateClient({ ...before, disabled_at: server.now() }, { before });
    // Twice, so that each of two nodes answers.
    const status = async () => (await userinfo(server, access_token)).status;
    await soon(async () => assert.deepEqual([await status(), await status()], [401, 401]));
    for (let n = 0; n < 2; n += 1) {
      assert.equal((await userinfo(server, access_token)).status, 401);
      assert.equal((await refresh(server, client, refresh_token)).body.error, "invalid_client");
      const page = await testBrowser(server).get(
        `/authorize?response_type=code&client_id=${encodeURIComponent(client.client_id)}`,
      );
      assert.equal(page.status, 403);
    }
  },
};

const VERIFIER = "test-verifier-0123456789-0123456789-0123456789";

const asFetch =
  (server: TestServer) =>
  (url: string, { body, ...init }: { method: string; headers: object; body?: unknown }) => {
    const sent = typeof body === "string" || body instanceof URLSearchParams ? { body } : {};
    return server.fetch(new Request(url, { ...init, ...sent } as RequestInit));
  };
