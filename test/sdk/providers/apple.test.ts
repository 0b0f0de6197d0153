import assert from "node:assert/strict";
import { test } from "node:test";
import { importPKCS8 } from "jose";
import { apple, createClient } from "../../../src/sdk/client/client.ts";
import { appleServer, KEY_ID, P8, TEAM_ID } from "../../support/providers/apple.ts";
import { CLIENT, REDIRECT_URI } from "../../support/providers/loopback.ts";
import { signIn, visit } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const { clientId } = CLIENT;
const privateKey = await importPKCS8(P8, "ES256");
const provider = { ...apple, teamId: TEAM_ID, keyId: KEY_ID };
const newClient = () => createClient({ provider, clientId, privateKey });

test("the callback is a form, whose first one names the person", async () => {
  await using _ = await appleServer({ email_verified: "true" });
  const client = newClient();
  const first = await signIn(client);
  assert.deepEqual(first.scope, ["openid", "name", "email"]);
  const { raw, ...user } = await client.user(first);
  assert.deepEqual(user, {
    id: "001999.f00d.1517",
    issuer: "https://appleid.apple.com",
    email: "ada@privaterelay.appleid.com",
    emailVerified: true,
    name: "Ada Lovelace",
  });
  const second = await signIn(client);
  assert.ok(!("person" in second) && !("name" in (await client.user(second))));
});

test("`email_verified` is a text or a boolean", async () => {
  for (const email_verified of [true, "true", false, "false"] as const) {
    await using _ = await appleServer({ email_verified });
    const client = newClient();
    const { emailVerified } = await client.user(await signIn(client));
    assert.equal(emailVerified, String(email_verified) === "true");
  }
});

test("the browser can change the name that it brings, and nothing else", async () => {
  await using _ = await appleServer({ email_verified: true });
  const client = newClient();
  for (const [brought, name] of [
    ['{"name":{"firstName":"Eve"},"email":"eve@example.com","sub":"1"}', "Eve"],
    ['{"name":"text"}', undefined],
    ["no JSON", undefined],
  ] as const) {
    const begun = await client.begin({ redirectUri: REDIRECT_URI });
    const form = await visit(begun);
    assert.ok(form instanceof URLSearchParams);
    form.set("user", brought);
    const user = await client.user(await client.finish(form, begun));
    assert.deepEqual(
      [user.name, user.email, user.id],
      [name, "ada@privaterelay.appleid.com", "001999.f00d.1517"],
    );
  }
});

test("a refresh gives no new refresh token; revoking ends the session", async () => {
  await using _ = await appleServer({ email_verified: true });
  const client = newClient();
  const { refreshToken = "" } = await signIn(client);
  const renewed = await client.refresh(refreshToken);
  assert.deepEqual([renewed.refreshToken, typeof renewed.idToken], [refreshToken, "string"]);
  await client.revoke(refreshToken);
  // The error is bare.
  await assert.rejects(
    client.refresh(refreshToken),
    failure("session_over", /apple answered invalid_grant\. hint/, { hides: [refreshToken] }),
  );
});

test("the secret is signed with the developer's key", async () => {
  await using _ = await appleServer({ email_verified: true });
  for (const wrong of [{ teamId: "OTHER12345" }, { keyId: "OTHER12345" }]) {
    const client = createClient({ provider: { ...provider, ...wrong }, clientId, privateKey });
    await assert.rejects(
      signIn(client),
      failure("configuration", /apple answered invalid_client/, { provider: "apple" }),
    );
  }
  for (const missing of [{ provider: apple }, { provider: { ...provider, keyId: "" } }])
    assert.throws(
      () => createClient({ clientId, privateKey, ...missing }),
      failure("configuration", /teamId, keyId or privateKey is missing/, { provider: "apple" }),
    );
  assert.throws(
    () => createClient({ clientId, provider }),
    failure("configuration", /teamId, keyId or privateKey is missing.*\.p8/),
  );
});

test("the person cancels", async () => {
  await using _ = await appleServer({ email_verified: true, denies: true });
  await assert.rejects(
    signIn(newClient()),
    failure("access_denied", /apple answered user_cancelled_authorize/),
  );
});
