import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsOf, createClient, gitlab } from "../../../src/sdk/client/client.ts";
import { gitlabServer } from "../../support/providers/gitlab.ts";
import { CLIENT } from "../../support/providers/loopback.ts";
import { signIn } from "../../support/providers/sign_in.ts";
import { failure } from "../failure.ts";

const ADA = {
  id: "42",
  email: "ada@example.com",
  emailVerified: true,
  name: "Ada Lovelace",
  username: "ada",
  picture: "https://gitlab.test/a",
};

test("GitLab.com, and an instance whose issuer has a path", async () => {
  for (const issuer of ["https://gitlab.com", "https://code.test/gitlab"]) {
    await using server = await gitlabServer(issuer);
    const client = createClient({ issuer, provider: gitlab, ...CLIENT });
    const { raw, ...user } = await client.user(await signIn(client));
    assert.deepEqual(user, { ...ADA, issuer });
    assert.ok(server.asked.every((each) => each.includes(`${issuer}/`)));
  }
});

test("the ID token lives for 120 seconds, the access token for two hours", async (t) => {
  await using _ = await gitlabServer();
  t.mock.timers.enable({ apis: ["Date"], now: 1_800_000_000_000 });
  const client = createClient({ provider: gitlab, ...CLIENT });
  const tokens = await signIn(client);
  assert.equal(claimsOf(tokens.idToken ?? "").exp, 1_800_000_120);
  assert.equal(tokens.expiresAt, 1_800_007_200);
  t.mock.timers.setTime(1_800_000_500_000);
  assert.equal((await client.user(tokens)).name, "Ada Lovelace", "the person is still known");
});

test("a refresh token is for one use", async () => {
  await using _ = await gitlabServer();
  const client = createClient({ provider: gitlab, ...CLIENT });
  const { refreshToken = "" } = await signIn(client, { scope: "openid offline_access" });
  const second = await client.refresh(refreshToken);
  assert.notEqual(second.refreshToken, refreshToken);
  await assert.rejects(client.refresh(refreshToken), failure("session_over", /invalid_grant/));
  await client.revoke(second.refreshToken ?? "");
  await assert.rejects(
    client.refresh(second.refreshToken ?? ""),
    failure("session_over", /gitlab answered invalid_grant: The provided authorization grant/),
  );
});

test("userinfo about somebody else is refused", async () => {
  await using _ = await gitlabServer();
  const client = createClient({ provider: gitlab, ...CLIENT });
  const tokens = await signIn(client);
  const other = Buffer.from('{"iss":"https://gitlab.com","sub":"43"}').toString("base64url");
  await assert.rejects(
    client.user({ ...tokens, idToken: `e30.${other}.x` }),
    failure("invalid_response", /about two people/, { provider: "gitlab" }),
  );
});
