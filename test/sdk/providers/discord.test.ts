import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsOf, createClient, discord } from "../../../src/sdk/client/client.ts";
import { type DiscordSettings, discordServer } from "../../support/providers/discord.ts";
import { CLIENT } from "../../support/providers/loopback.ts";
import { signIn } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const newClient = () => createClient({ provider: discord, ...CLIENT });
const ADA: DiscordSettings = { avatar: "8342729096ea3675442027381ff50dfe", verified: true };
const CDN = "https://cdn.discordapp.com/avatars/80351110224678912";

test("the person from /users/@me, whose avatar is a hash", async () => {
  await using _ = await discordServer(ADA);
  const client = newClient();
  const tokens = await signIn(client);
  assert.equal(tokens.idToken, undefined);
  const { raw, ...user } = await client.user(tokens);
  assert.deepEqual(user, {
    id: "80351110224678912",
    issuer: "https://discord.com",
    name: "Ada",
    username: "ada",
    email: "ada@example.com",
    emailVerified: true,
    picture: `${CDN}/8342729096ea3675442027381ff50dfe.png`,
  });
});

test("a moving avatar, none at all, and an address that is not proven", async () => {
  for (const [avatar, picture] of [
    ["a_1269e74af4df7417b13759eae50c83dc", `${CDN}/a_1269e74af4df7417b13759eae50c83dc.gif`],
    [null, undefined],
  ] as const) {
    await using _ = await discordServer({ avatar, verified: false });
    const client = newClient();
    const user = await client.user(await signIn(client));
    assert.deepEqual([user.picture, user.emailVerified], [picture, false]);
  }
});

test("`openid` gives an ID token, which is checked", async () => {
  await using _ = await discordServer(ADA);
  const client = newClient();
  const { idToken = "" } = await signIn(client, { scope: "openid identify" });
  assert.equal(claimsOf(idToken).sub, "80351110224678912");
});

test("`iss` is announced: a callback without it is refused", async () => {
  await using _ = await discordServer({ ...ADA, forgets_iss: true });
  await assert.rejects(
    signIn(newClient()),
    failure("issuer_mismatch", /the callback names no issuer, .*"https:\/\/discord.com"/),
  );
});

test("too many requests: later it may work", async () => {
  const settings = { ...ADA };
  await using _ = await discordServer(settings);
  const client = newClient();
  const { refreshToken = "" } = await signIn(client);
  settings.is_limited = true;
  await assert.rejects(
    client.refresh(refreshToken),
    failure("issuer_unreachable", /rate limited/, {
      ...{ retryable: true, status: 429, provider: "discord" },
    }),
  );
  settings.is_limited = false;
  assert.ok(await client.refresh(refreshToken));
});

test("errors of their API: a wrong secret", async () => {
  await using _ = await discordServer(ADA);
  const client = createClient({ ...CLIENT, provider: discord, clientSecret: "wrong-secret" });
  await assert.rejects(
    signIn(client),
    failure("configuration", /discord answered invalid_client: 0: 401: Unauthorized/),
  );
});

test("a refresh token is for one use; revoking one token ends all of the person", async () => {
  await using _ = await discordServer(ADA);
  const client = newClient();
  const [laptop, phone] = [await signIn(client), await signIn(client)];
  const renewed = await client.refresh(laptop.refreshToken ?? "");
  await assert.rejects(client.refresh(laptop.refreshToken ?? ""), failure("session_over", /grant/));
  await client.revoke(renewed.refreshToken ?? "");
  await assert.rejects(client.refresh(phone.refreshToken ?? ""), failure("session_over", /grant/));
  await assert.rejects(
    client.user(phone),
    failure("token_refused", /status 401 \(.*401: Unauthorized\)/, { status: 401 }),
  );
});

test("tokens for the app itself", async () => {
  await using _ = await discordServer(ADA);
  const tokens = await newClient().clientCredentials({ scope: "identify connections" });
  assert.deepEqual([tokens.accessToken, tokens.scope], ["own", ["identify", "connections"]]);
});
