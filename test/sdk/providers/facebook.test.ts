import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, facebook } from "../../../src/sdk/client/client.ts";
import { facebookServer } from "../../support/providers/facebook.ts";
import { CLIENT, REDIRECT_URI } from "../../support/providers/loopback.ts";
import { signIn, visit } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const client = createClient({ provider: facebook, ...CLIENT });

test("scopes by comma, a callback with `#_=_`, and the person from /me", async () => {
  await using _ = await facebookServer({ email: "ada@example.com" });
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  assert.equal(begun.url.searchParams.get("scope"), "public_profile,email");
  const callback = await visit(begun);
  assert.ok(callback instanceof URL && callback.hash === "#_=_");
  const tokens = await client.finish(callback, begun);
  assert.deepEqual(tokens.scope, ["public_profile", "email"]);
  const { raw, ...user } = await client.user(tokens);
  assert.deepEqual(user, {
    id: "10158000000000001",
    issuer: "https://www.facebook.com",
    name: "Ada Lovelace",
    email: "ada@example.com",
    emailVerified: false,
    picture: "https://platform-lookaside.test/ada",
  });
});

test("a person without an address", async () => {
  await using _ = await facebookServer();
  assert.ok(!("email" in (await client.user(await signIn(client)))));
});

test("the access token is exchanged for one of 60 days", async (t) => {
  await using _ = await facebookServer();
  t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const { accessToken, refreshToken = "", expiresAt } = await signIn(client);
  assert.deepEqual([refreshToken, expiresAt], [accessToken, 1_800_005_183]);
  const lasting = await client.refresh(refreshToken);
  assert.equal(lasting.expiresAt, 1_800_000_000 + 60 * 86_400);
  assert.equal(lasting.refreshToken, lasting.accessToken);
  assert.ok(await client.user(lasting));
});

test("errors are objects: a used code, a wrong secret, a token that ended, a wrong redirect URI", async () => {
  await using _ = await facebookServer();
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  const callback = await visit(begun);
  await client.finish(callback, begun);
  await assert.rejects(
    client.finish(callback, begun),
    failure("login_expired", /OAuthException 100: This authorization code has been used/, {
      ...{ status: 400, provider: "facebook" },
    }),
  );
  const wrong = createClient({ ...CLIENT, provider: facebook, clientSecret: "wrong-secret" });
  await assert.rejects(
    signIn(wrong),
    failure("configuration", /invalid_client: OAuthException 1: Error validating client secret/),
  );
  await assert.rejects(
    client.refresh("EAAG-ended"),
    failure("session_over", /OAuthException 190/, { hides: ["EAAG-ended"] }),
  );
  const again = await client.begin({ redirectUri: REDIRECT_URI });
  const other = { ...again, redirectUri: "https://app.test/other" };
  await assert.rejects(
    client.finish(await visit(again), other),
    failure("configuration", /OAuthException 100: Error validating verification code/),
  );
});

test("a token that ended is refused at /me, too", async () => {
  await using _ = await facebookServer();
  const tokens = await signIn(client);
  await assert.rejects(
    client.user({ ...tokens, accessToken: "EAAG-ended" }),
    failure("token_refused", /graph.facebook.com\/me answered with status 400 \(Invalid OAuth/, {
      hides: ["EAAG-ended"],
    }),
  );
});

test("the person says no", async () => {
  await using _ = await facebookServer({ denies: true });
  await assert.rejects(
    signIn(client),
    failure("access_denied", /access_denied: Permissions error/),
  );
});
