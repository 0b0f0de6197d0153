/** `valetkey/client` with npm `oidc-provider`: the client works with any provider. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { RequestContext } from "oidc-provider";
import { type BeginOptions, type Begun, createClient } from "../../src/sdk/client/client.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import { oidcProvider } from "../support/oidc_provider.ts";
import { failure } from "./failure.ts";

const CLIENT_SECRET = "a-secret-of-at-least-32-characters";
const REDIRECT_URI = "https://app.test/callback";
const API = "https://api.test";
const SCOPE = "openid profile email offline_access";

const app = {
  client_secret: CLIENT_SECRET,
  redirect_uris: [REDIRECT_URI],
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  response_types: ["code"],
};
const { client_secret: _, ...open } = app;
const provider = await oidcProvider({
  clients: [
    { client_id: "basic", ...app, token_endpoint_auth_method: "client_secret_basic" },
    { client_id: "rotating", ...app },
    {
      ...{ client_id: "public", ...open, token_endpoint_auth_method: "none" },
      grant_types: ["authorization_code", "refresh_token"],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: "photos.read",
        audience: API,
        accessTokenFormat: "jwt",
      }),
      useGrantedResource: () => true,
    },
  },
  more: {
    issueRefreshToken: () => true,
    rotateRefreshToken: ({ oidc }: RequestContext) => oidc.client.clientId !== "basic",
  },
});
const { issuer } = provider;
const agree = (client_id: string): Promise<void> =>
  provider.agrees(client_id, SCOPE, { [API]: "photos.read" });

const clientOf = (clientId: string, clientSecret: string | undefined = CLIENT_SECRET) =>
  createClient({ issuer, clientId, ...(clientId !== "public" && { clientSecret }) });

async function visit({ url }: Begun): Promise<URL> {
  const visited = await demoBrowser({ stop_at: REDIRECT_URI }).get(url.href);
  assert.ok(visited.url.href.startsWith(REDIRECT_URI), visited.text);
  return visited.url;
}

async function signIn(client: ReturnType<typeof clientOf>, options: Partial<BeginOptions> = {}) {
  const begun = await client.begin({
    ...{ redirectUri: REDIRECT_URI, scope: SCOPE, prompt: "consent" },
    ...options,
  });
  return client.finish(await visit(begun), begun);
}

test("a person signs in, is known, stays signed in and signs out", async () => {
  for (const clientId of ["basic", "public"]) {
    await agree(clientId);
    const client = clientOf(clientId);
    const tokens = await signIn(client);
    assert.deepEqual(tokens.scope.toSorted(), SCOPE.split(" ").toSorted());
    const { raw: _raw, ...user } = await client.user(tokens);
    assert.deepEqual(user, {
      ...{ id: "ada", issuer, name: "Ada Lovelace", username: "ada" },
      ...{ email: "ada@example.com", emailVerified: true },
    });
    const renewed = await client.refresh(tokens.refreshToken ?? "");
    assert.equal((await client.user(renewed)).id, "ada");
    await client.revoke(renewed.refreshToken ?? "");
    await assert.rejects(
      client.refresh(renewed.refreshToken ?? ""),
      failure("session_over", /answered invalid_grant/, { hides: [renewed.refreshToken ?? "x"] }),
    );
  }
});

test("without rotation, the refresh token stays; with it, a used one ends the session", async () => {
  await agree("basic");
  await agree("rotating");
  const first = await signIn(clientOf("basic"));
  assert.equal(
    (await clientOf("basic").refresh(first.refreshToken ?? "")).refreshToken,
    first.refreshToken,
  );
  const client = clientOf("rotating");
  const { refreshToken = "" } = await signIn(client);
  const renewed = await client.refresh(refreshToken);
  assert.notEqual(renewed.refreshToken, refreshToken);
  await assert.rejects(client.refresh(refreshToken), failure("session_over", /invalid_grant/));
  await assert.rejects(
    client.refresh(renewed.refreshToken ?? ""),
    failure("session_over", /invalid_grant/),
    "oidc-provider ends the whole grant",
  );
});

test("a code is used once, in its own callback, from its own issuer", async () => {
  await agree("basic");
  const client = clientOf("basic");
  const begin = () =>
    client.begin({ redirectUri: REDIRECT_URI, scope: "openid", prompt: "consent" });
  const [mine, foreign] = [await begin(), await begin()];
  const callback = await visit(foreign);
  await assert.rejects(client.finish(callback, mine), failure("login_elsewhere", /another/));
  const other = new URL(callback);
  other.searchParams.set("iss", "https://evil.test");
  await assert.rejects(client.finish(other, foreign), failure("issuer_mismatch", /evil.test/));
  await client.finish(callback, foreign);
  await assert.rejects(
    client.finish(callback, foreign),
    failure("login_expired", /invalid_grant/, { hides: [foreign.codeVerifier] }),
  );
});

test("the person says no", async () => {
  await agree("basic");
  await provider.whileDenying(() =>
    assert.rejects(
      signIn(clientOf("basic")),
      failure("access_denied", /answered access_denied: she said no/),
    ),
  );
});

test("a wrong secret, a wrong issuer, and somebody who is not signed in", async () => {
  await agree("basic");
  const wrong = clientOf("basic", "another-secret-of-32-characters-x");
  await assert.rejects(signIn(wrong), failure("configuration", /invalid_client/));
  await assert.rejects(
    createClient({ issuer: `${issuer}/`, clientId: "basic" }).begin({ redirectUri: REDIRECT_URI }),
    failure("issuer_mismatch", new RegExp(`says "${issuer}", the configuration "${issuer}/"`)),
  );
  await assert.rejects(
    signIn(clientOf("basic"), { prompt: "none", scope: "openid" }),
    failure("sign_in_needed", /answered login_required/),
  );
});

test("tokens for an API, for a person and for the client itself", async () => {
  await agree("basic");
  const client = clientOf("basic");
  const tokens = await signIn(client, { scope: `${SCOPE} photos.read`, resource: API });
  assert.ok(tokens.scope.includes("photos.read"));
  // The token is for the API alone: the ID token says who it is.
  assert.equal((await client.user(tokens)).id, "ada");
  const own = await client.clientCredentials({ scope: "photos.read", resource: API });
  assert.deepEqual([own.scope, own.tokenType], [["photos.read"], "Bearer"]);
});
