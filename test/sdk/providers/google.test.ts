import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, google } from "../../../src/sdk/client/client.ts";
import { googleServer } from "../../support/providers/google.ts";
import { CLIENT, REDIRECT_URI } from "../../support/providers/loopback.ts";
import { signIn } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const newClient = () => createClient({ provider: google, ...CLIENT });

test("the person is in the ID token, and scopes that come back as URLs have their names", async () => {
  await using server = await googleServer();
  const client = newClient();
  const tokens = await signIn(client);
  assert.deepEqual(tokens.scope, ["openid", "email", "profile"]);
  assert.equal(tokens.refreshToken, undefined);
  const { raw, ...user } = await client.user(tokens);
  assert.deepEqual(user, {
    id: "110169484474386276334",
    issuer: "https://accounts.google.com",
    email: "ada@example.com",
    emailVerified: true,
    name: "Ada Lovelace",
    picture: "https://lh3.test/ada",
  });
  assert.ok(!server.asked.some((each) => each.includes("userinfo")));
});

test("the person may grant less than was asked for", async () => {
  await using _ = await googleServer({ unticked: ["email"] });
  const client = newClient();
  const tokens = await signIn(client);
  assert.deepEqual(tokens.scope, ["openid", "profile"]);
  const user = await client.user(tokens);
  assert.deepEqual(["email" in user, user.emailVerified], [false, false]);
});

test("`offline_access` asks in Google's way, and gives a refresh token each time", async () => {
  await using _ = await googleServer();
  const client = newClient();
  const scope = "openid email offline_access";
  const { url } = await client.begin({ redirectUri: REDIRECT_URI, scope });
  const { scope: asked, access_type, prompt } = Object.fromEntries(url.searchParams);
  assert.deepEqual([asked, access_type, prompt], ["openid email", "offline", "consent"]);
  for (const _time of [1, 2]) assert.ok((await signIn(client, { scope })).refreshToken);
  // Without a question, only the first sign-in would have.
  const params = { access_type: "offline" };
  assert.equal((await signIn(client, { params })).refreshToken, undefined);
});

test("a refresh brings an ID token without a nonce, and no new refresh token", async () => {
  await using _ = await googleServer();
  const client = newClient();
  const { refreshToken = "" } = await signIn(client, { scope: "openid email offline_access" });
  const renewed = await client.refresh(refreshToken);
  assert.equal(renewed.refreshToken, refreshToken);
  assert.equal((await client.user(renewed)).email, "ada@example.com");
});

test("revoking ends the session, and revoking again is no error", async () => {
  await using _ = await googleServer();
  const client = newClient();
  const { refreshToken = "" } = await signIn(client, { scope: "openid email offline_access" });
  await client.revoke(refreshToken);
  await client.revoke(refreshToken);
  await assert.rejects(
    client.refresh(refreshToken),
    failure("session_over", /google answered invalid_grant: Token has been expired or revoked/, {
      ...{ status: 400, provider: "google" },
    }),
  );
});

test("`iss` is in the callbacks of some people, and is compared when it is there", async () => {
  {
    await using _ = await googleServer({ sends_iss: "https://accounts.google.com" });
    assert.ok(await signIn(newClient()));
  }
  await using _ = await googleServer({ sends_iss: "accounts.google.com" });
  await assert.rejects(
    signIn(newClient()),
    failure("issuer_mismatch", /the callback says "accounts.google.com"/, { provider: "google" }),
  );
});

test("a provider that is down ends nothing", async () => {
  await using server = await googleServer();
  const client = newClient();
  const { refreshToken = "" } = await signIn(client, { scope: "openid email offline_access" });
  server.stop();
  await assert.rejects(
    client.refresh(refreshToken),
    failure("issuer_unreachable", /no connection to https:\/\/oauth2.googleapis.com/, {
      ...{ retryable: true, provider: "google", hides: [refreshToken] },
    }),
  );
});
