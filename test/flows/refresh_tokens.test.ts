/** Refresh tokens: rotation, replay window, reuse and expiry (OAuth 2.1 §4.3). */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { introspect, post, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { NATIVE, type TestClient, type TestServer, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
await server.addUser("ada");
const DAY = 86_400;
const redirect_uri = "http://127.0.0.1:3456/callback";

/** Tokens that outlive the session, of a public and of a confidential client. */
async function publicTokens(own: TestServer = server) {
  const client = await own.addClient(NATIVE);
  const parameters = { redirect_uri, scope: "openid offline_access" };
  return { client, ...(await tokensFor(own, client, { parameters })) };
}
async function confidentialTokens() {
  const client = await server.addClient(WEB);
  const parameters = { scope: "openid offline_access" };
  return { client, ...(await tokensFor(server, client, { parameters })) };
}

const rotate = async (client: TestClient, token: string, own: TestServer = server) => {
  const { status, body } = await refresh(own, client, token);
  assert.equal(status, 200, JSON.stringify(body));
  return body.refresh_token;
};

async function assertRevoked(client: TestClient, ...tokens: string[]): Promise<void> {
  for (const token of tokens) {
    const { status, body } = await refresh(server, client, token);
    assert.equal(status, 400);
    assert.equal(body.error, "invalid_grant");
  }
}

test("a refresh token used again within the replay window gets the same successor", async () => {
  const { client, refresh_token: first } = await publicTokens();
  const second = await rotate(client, first);
  assert.notEqual(second, first);
  for (const seconds of [0, 30, 30]) {
    server.advance(seconds);
    assert.equal(await rotate(client, first), second);
  }
  assert.notEqual(await rotate(client, second), second, "the successor works");
});

test("one second after the replay window, using the token again revokes the grant", async () => {
  const { client, refresh_token: first } = await publicTokens();
  const second = await rotate(client, first);
  server.advance(61);
  await assertRevoked(client, first, second);
});

test("using a token whose successor was used revokes the grant at once", async () => {
  const { client, access_token, refresh_token: first } = await publicTokens();
  const second = await rotate(client, first);
  const third = await rotate(client, second);
  assert.equal((await userinfo(server, access_token)).status, 200);
  await assertRevoked(client, first, second, third);
  assert.equal((await userinfo(server, access_token)).status, 401);
});

test("concurrent refreshes give one successor and revoke nothing", async () => {
  const { client, refresh_token } = await publicTokens();
  const successors = await Promise.all([...Array(8)].map(() => rotate(client, refresh_token)));
  assert.equal(new Set(successors).size, 1);
  assert.ok(await rotate(client, successors[0] ?? ""));
});

test("a guessed or altered token revokes nothing", async () => {
  const { client, refresh_token: first } = await publicTokens();
  const second = await rotate(client, first);
  const third = await rotate(client, second);
  const at = 40; // inside the proof
  for (const token of [first, second, third]) {
    const altered = token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
    assert.equal((await refresh(server, client, altered)).body.error, "invalid_grant");
  }
  assert.ok(await rotate(client, third));
});

test("a refresh token is refused for another client and revokes nothing", async () => {
  const { client, refresh_token } = await publicTokens();
  const second = await rotate(client, refresh_token);
  const other = await server.addClient(NATIVE);
  const confidential = await server.addClient(WEB);
  server.advance(100);
  for (const thief of [other, confidential]) {
    const { status, body } = await refresh(server, thief, refresh_token);
    assert.equal(status, 400);
    assert.equal(body.error, "invalid_grant");
  }
  assert.ok(await rotate(client, second));
});

test("a confidential client keeps its refresh token, however often and late it is used", async () => {
  const { client, refresh_token } = await confidentialTokens();
  for (const seconds of [0, 30, 600, DAY]) {
    server.advance(seconds);
    assert.equal(await rotate(client, refresh_token), refresh_token);
  }
});

test("an unused refresh token expires after its idle lifetime; each use restarts it", async () => {
  const tokens = [await publicTokens(), await confidentialTokens()];
  const used = await Promise.all(
    tokens.map(async ({ client, refresh_token }) => ({
      client,
      refresh_token: await rotate(client, refresh_token),
    })),
  );
  server.advance(30 * DAY - 1);
  for (const each of used) each.refresh_token = await rotate(each.client, each.refresh_token);
  server.advance(30 * DAY);
  for (const { client, refresh_token } of used) await assertRevoked(client, refresh_token);
});

test("a grant ends at its absolute lifetime, and no access token outlives it", async () => {
  await using own = await testServer({
    lifetimes: { refresh_token: 1000, refresh_token_idle: 900 },
  });
  await own.addUser("ada");
  const { client, refresh_token } = await publicTokens(own);
  own.advance(500);
  const second = await rotate(client, refresh_token, own);
  own.advance(400);
  const last = await refresh(own, client, second);
  assert.equal(last.body.expires_in, 100);
  own.advance(99);
  assert.equal((await refresh(own, client, last.body.refresh_token)).status, 200);
  own.advance(1);
  const over = await refresh(own, client, last.body.refresh_token);
  assert.equal(over.body.error, "invalid_grant");
});

test("a grant without openid outlives the session; one with openid does not", async () => {
  const client = await server.addClient(WEB);
  const plain = await tokensFor(server, client, { parameters: { scope: "photos.read" } });
  const tied = await tokensFor(server, client, { parameters: { scope: "openid" } });
  server.advance(29 * DAY);
  assert.equal((await refresh(server, client, tied.refresh_token)).status, 400);
  assert.equal((await refresh(server, client, plain.refresh_token)).status, 200);
});

test("revoking any refresh token of a grant, even a rotated one, ends the whole grant", async () => {
  const { client, access_token, refresh_token: first } = await publicTokens();
  const second = await rotate(client, first);
  const third = await rotate(client, second);
  const answer = await post(server, "/revoke", { client, token: first });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, {});
  await assertRevoked(client, third);
  assert.equal((await userinfo(server, access_token)).status, 401);
  assert.equal((await post(server, "/revoke", { client, token: first })).status, 200, "again");
});

test("introspection shows a refresh token to the confidential client that it was issued to", async () => {
  const { client, refresh_token } = await confidentialTokens();
  const seen = await introspect(server, client, refresh_token);
  assert.equal(seen.active, true);
  assert.equal(seen.client_id, client.client_id);
  assert.equal(seen.scope, "openid offline_access");
  assert.equal(seen.exp, server.now() + 30 * DAY);
  const other = await server.addClient(WEB);
  assert.deepEqual(await introspect(server, other, refresh_token), { active: false });

  const rotating = await publicTokens();
  const refused = await post(server, "/introspect", {
    client: rotating.client,
    token: rotating.refresh_token,
  });
  assert.equal(refused.status, 401, "a public client is refused at introspection");
  assert.equal(refused.body.error, "invalid_client");
});
