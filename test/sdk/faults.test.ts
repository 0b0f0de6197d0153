/** `valetkey/client` when the issuer is slow, broken, away or changed: each ends in the right error, and no session is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient, type Tokens } from "../../src/sdk/client/client.ts";
import { type IssuerOptions, startIssuer } from "../../src/testing/testing.ts";
import { failure } from "./failure.ts";

const redirectUri = "http://localhost:3000/callback";
const APP = {
  client_id: "app",
  client_secret: "a secret of this test",
  redirect_uris: [redirectUri],
};

async function scene(options: IssuerOptions = {}) {
  const issuer = await startIssuer({ clients: [APP], ...options });
  const { client_id: clientId, client_secret: clientSecret } = APP;
  const client = createClient({ issuer: issuer.issuer, clientId, clientSecret });
  return {
    issuer,
    client,
    async signIn() {
      const begun = await client.begin({ redirectUri, scope: "openid email offline_access" });
      const answer = await fetch(begun.url, { redirect: "manual" });
      return client.finish(new URL(answer.headers.get("location") ?? ""), begun);
    },
    /** The status with which the issuer answers this access token. */
    async userinfo({ accessToken }: Tokens) {
      const headers = { authorization: `Bearer ${accessToken}` };
      return (await fetch(`${issuer.issuer}/userinfo`, { headers })).status;
    },
    [Symbol.asyncDispose]: issuer.close,
  };
}

test("an outage and a lost answer end no session", async () => {
  await using app = await scene();
  const { refreshToken = "" } = await app.signIn();
  const away = failure("issuer_unreachable", /./, { retryable: true, hides: [refreshToken] });
  for (const status of [500, 503]) {
    app.issuer.fault.fail("/token", status);
    await assert.rejects(app.client.refresh(refreshToken), away);
  }
  app.issuer.fault.loseAnswer("/token");
  await assert.rejects(app.client.refresh(refreshToken), away);
  assert.ok((await app.client.refresh(refreshToken)).accessToken);
});

test("metadata that can't be read is asked for again", async () => {
  await using app = await scene();
  app.issuer.fault.fail("/.well-known/openid-configuration", 502);
  await assert.rejects(app.signIn(), failure("issuer_unreachable", /502/, { retryable: true }));
  assert.ok((await app.signIn()).idToken);
});

test("a slow issuer is waited for", async () => {
  await using app = await scene();
  app.issuer.fault.slow(100);
  assert.ok((await app.signIn()).idToken);
});

test("a session that was revoked or has expired is over, and a new sign-in works", async () => {
  await using app = await scene();
  const { fault, clock } = app.issuer;
  const ends = [
    () => fault.revoke("ada"),
    () => fault.expireAll(),
    () => clock.advance(31 * 86_400),
  ];
  for (const end of ends) {
    const tokens = await app.signIn();
    end();
    const { refreshToken = "" } = tokens;
    await assert.rejects(
      app.client.refresh(refreshToken),
      failure("session_over", /invalid_grant/),
    );
    assert.equal(await app.userinfo(tokens), 401);
  }
  assert.equal((await app.client.user(await app.signIn())).email, "ada@example.com");
});

test("an hour later the refresh token still gives a new access token", async () => {
  await using app = await scene();
  const tokens = await app.signIn();
  app.issuer.clock.advance(3600);
  assert.equal(await app.userinfo(tokens), 401);
  const renewed = await app.client.refresh(tokens.refreshToken ?? "");
  assert.equal(await app.userinfo(renewed), 200);
});

test("new signing keys change nothing for people", async () => {
  await using app = await scene();
  const tokens = await app.signIn();
  app.issuer.fault.rotateKeys();
  assert.equal((await app.client.user(tokens)).email, "ada@example.com");
  assert.ok((await app.signIn()).idToken);
});

test("a person who says no", async () => {
  await using app = await scene({ people: "deny" });
  await assert.rejects(app.signIn(), failure("access_denied", /access_denied/));
});
