import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, github } from "../../../src/sdk/client/client.ts";
import { githubServer, OCTOCAT } from "../../support/providers/github.ts";
import { CLIENT, REDIRECT_URI } from "../../support/providers/loopback.ts";
import { signIn, visit } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const client = createClient({ provider: github, ...CLIENT });
const OAUTH_APP = {
  app: "oauth",
  person: OCTOCAT,
  emails: [
    { email: "old@example.com", primary: false, verified: true },
    { email: "octocat@example.com", primary: true, verified: true },
  ],
} as const;
const settings = { ...OAUTH_APP, emails: [...OAUTH_APP.emails] };

test("an OAuth App: tokens that don't expire, scopes by comma, the address from /user/emails", async () => {
  await using server = await githubServer(settings);
  const tokens = await signIn(client);
  assert.deepEqual(tokens, {
    accessToken: "gho_0",
    tokenType: "Bearer",
    expiresAt: null,
    scope: ["read:user", "user:email"],
  });
  const { raw, ...user } = await client.user(tokens);
  assert.deepEqual(user, {
    id: "583231",
    issuer: "https://github.com/login/oauth",
    name: "The Octocat",
    username: "octocat",
    picture: "https://avatars.githubusercontent.com/u/583231?v=4",
    email: "octocat@example.com",
    emailVerified: true,
  });
  assert.ok(typeof raw === "object" && raw && "node_id" in raw);
  assert.ok(!server.asked.some((each) => each.includes("well-known")), "no metadata is needed");
});

test("an address that is not proven, and one that the app may not see", async () => {
  const emails = [{ email: "octocat@example.com", primary: true, verified: false }];
  {
    await using _ = await githubServer({ ...settings, emails });
    const user = await client.user(await signIn(client));
    assert.deepEqual([user.email, user.emailVerified], ["octocat@example.com", false]);
  }
  await using _ = await githubServer({ ...settings, emails: "hidden" });
  const user = await client.user(await signIn(client));
  assert.deepEqual([user.id, "email" in user, user.emailVerified], ["583231", false, false]);
});

test("a GitHub App: tokens of 8 hours, and refresh tokens for one use", async (t) => {
  await using _ = await githubServer({ ...settings, app: "github" });
  t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_500 });
  const first = await signIn(client);
  assert.equal(first.expiresAt, 1_800_000_000 + 28_800);
  assert.deepEqual(first.scope, []);
  const { refreshToken = "" } = first;
  const second = await client.refresh(refreshToken);
  assert.notEqual(second.refreshToken, refreshToken);
  // The error comes with status 200.
  await assert.rejects(
    client.refresh(refreshToken),
    failure("session_over", /github answered invalid_grant: bad_refresh_token/, {
      ...{ status: 200, provider: "github", hides: [refreshToken] },
    }),
  );
});

test("errors with status 200 are errors: a code for the second time, a wrong secret", async () => {
  await using _ = await githubServer(settings);
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  const callback = await visit(begun);
  await client.finish(callback, begun);
  await assert.rejects(
    client.finish(callback, begun),
    failure("login_expired", /bad_verification_code/, { status: 200, provider: "github" }),
  );
  const wrong = createClient({ ...CLIENT, provider: github, clientSecret: "wrong-secret" });
  await assert.rejects(
    signIn(wrong),
    failure("configuration", /invalid_client: incorrect_client_credentials.*clientSecret/, {
      hides: ["wrong-secret"],
    }),
  );
});

test("the person says no", async () => {
  await using _ = await githubServer({ ...settings, denies: true });
  await assert.rejects(
    signIn(client),
    failure("access_denied", /github answered access_denied: The user has denied/),
  );
});

test("`iss` in the callback is compared, and may be missing at GitHub Enterprise Server", async () => {
  await using _ = await githubServer(settings);
  const begun = await client.begin({ redirectUri: REDIRECT_URI });
  const callback = await visit(begun);
  assert.ok(callback instanceof URL);
  callback.searchParams.set("iss", "https://github.com");
  await assert.rejects(
    client.finish(callback, begun),
    failure("issuer_mismatch", /says "https:\/\/github.com".*"https:\/\/github.com\/login\/oauth"/),
  );
  callback.searchParams.delete("iss");
  assert.ok(await client.finish(callback, begun));
});

test("`offline_access` is sent: GitHub's metadata names it", async () => {
  await using _ = await githubServer(settings);
  const { url } = await client.begin({ redirectUri: REDIRECT_URI, scope: "repo offline_access" });
  assert.equal(url.searchParams.get("scope"), "repo offline_access");
});

test("a token that was revoked is refused, and GitHub has no endpoint to revoke one", async () => {
  await using _ = await githubServer(settings);
  const tokens = await signIn(client);
  await assert.rejects(
    client.user({ ...tokens, accessToken: "gho_revoked" }),
    failure("token_refused", /api.github.com\/user answered with status 401 \(Bad credentials\)/, {
      ...{ status: 401, provider: "github", hides: ["gho_revoked"] },
    }),
  );
  await assert.rejects(client.revoke("gho_0"), failure("configuration", /no revocation endpoint/));
});
