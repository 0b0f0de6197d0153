/** Two nodes race for the same row of one PostgreSQL. The tests check the rows left in the database, not only answers. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { addKey } from "../../src/keys/keyring.ts";
import { authorizationUrl, type Reachable, readForm, testBrowser } from "../support/browser.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { ISSUER, NATIVE, SERVICE, type TestClient, WEB } from "../support/server.ts";
import { soon } from "../support/stories.ts";
import { type TwoNodes, twoNodes } from "../support/two_nodes.ts";

let postgres: TestPostgres;
let pair: TwoNodes;
before(async () => {
  postgres = await startPostgres();
  pair = await twoNodes(await postgres.newDatabase());
  await pair.addUser("ada");
});
after(async () => {
  await pair.close();
  await postgres.stop();
});

const times = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)));
const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };

test("of 50 concurrent redemptions of one code at most one gets tokens, and none stay valid", async () => {
  const client = await pair.addClient(WEB);
  const { code } = await authorize(pair, client, {});
  const answers = await times(50, () => redeem(pair, client, code));
  const winners = answers.filter(({ status }) => status === 200);
  assert.ok(winners.length <= 1, `${winners.length} winners`);
  for (const { status, body } of answers)
    if (status !== 200) assert.deepEqual([status, body.error], [400, "invalid_grant"]);
  for (const { body } of winners) {
    assert.deepEqual(await introspect(pair, client, body.access_token), { active: false });
    assert.equal((await refresh(pair, client, body.refresh_token)).body.error, "invalid_grant");
  }
});

test("100 concurrent refreshes of one token give one successor, which works", async () => {
  const client = await pair.addClient(NATIVE);
  const { refresh_token } = await tokensFor(pair, client, { parameters: LOCAL });
  const answers = await times(100, () => refresh(pair, client, refresh_token));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  const successors = new Set(answers.map(({ body }) => body.refresh_token));
  assert.equal(successors.size, 1);
  assert.equal((await refresh(pair, client, [...successors][0] ?? "")).status, 200);
});

test("a refresh racing a revocation always leaves the grant revoked, in 200 rounds", async () => {
  const client = await pair.addClient(NATIVE);
  const { browser } = await tokensFor(pair, client, { parameters: LOCAL });
  const round = async () => {
    const { refresh_token } = await tokensFor(pair, client, { browser, parameters: LOCAL });
    const [one, two] = pair.nodes;
    const [refreshed, revoked] = await Promise.all([
      refresh(one, client, refresh_token),
      post(two, "/revoke", { client, token: refresh_token }),
    ]);
    assert.equal(revoked.status, 200);
    assert.ok([200, 400].includes(refreshed.status));
    for (const token of [refresh_token, refreshed.body.refresh_token ?? refresh_token])
      assert.equal((await refresh(pair, client, token)).body.error, "invalid_grant");
  };
  for (let i = 0; i < 20; i += 1) await times(10, round);
});

test("a client assertion sent to both nodes 20 times at once is accepted once", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const client = await pair.addClient({
    ...SERVICE,
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "ES256", use: "sig" }] },
  });
  const { client_id } = client;
  for (let jti = 0; jti < 10; jti += 1) {
    const claims = { iss: client_id, sub: client_id, aud: ISSUER, jti: `jti-${jti}` };
    const assertion = await new SignJWT({ ...claims, iat: pair.now(), exp: pair.now() + 60 })
      .setProtectedHeader({ alg: "ES256", kid: "one" })
      .sign(privateKey);
    const answers = await times(20, () => present(pair, client, assertion));
    assert.equal(answers.filter((status) => status === 200).length, 1);
    assert.equal(answers.filter((status) => status === 401).length, 19);
  }
});

async function present(server: Reachable, { client_id }: TestClient, client_assertion: string) {
  const { status } = await post(server, "/token", {
    grant_type: "client_credentials",
    client_id,
    client_assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  });
  return status;
}

test("one consent form sent to both nodes 10 times at once gives one code", async () => {
  const client = await pair.addClient(WEB);
  const { page, browser } = await walkToConsent(client);
  const sent = await times(10, () => browser.submit(page, { decision: "allow" }, "/consent"));
  const codes = new Set(sent.map(({ url }) => url.searchParams.get("code")));
  assert.equal(codes.size, 1, [...codes].join());
  assert.equal((await redeem(pair, client, [...codes][0] ?? "")).status, 200);
});

async function walkToConsent(client: TestClient) {
  const browser = testBrowser(pair);
  const page = await browser.signIn(await browser.get(authorizationUrl(client)), "ada");
  assert.equal(page.url.pathname, "/consent");
  return { page, browser };
}

test("password guesses at both nodes are counted together", async () => {
  const username = "grace";
  await pair.addUser(username);
  const browser = testBrowser(pair, { address: "198.51.100.200" });
  const page = await browser.get("/sign-in");
  const guesses = await times(12, () => browser.signIn(page, username, "wrong password"));
  const statuses = guesses.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 401).length, 5, statuses.join());
  assert.equal(statuses.filter((status) => status === 429).length, 7, statuses.join());
});

test("a key made by one node is published by the other within a second", async () => {
  const [one, two] = pair.nodes;
  const kids = async (node: Reachable) => {
    const response = await node.fetch(new Request(`${ISSUER}/jwks`));
    const { keys }: { keys: { kid: string }[] } = JSON.parse(await response.text());
    return keys.map(({ kid }) => kid).sort();
  };
  const before = await kids(two);
  const { store, secrets } = one.server;
  const now = pair.now();
  assert.ok(await addKey(store, secrets, { alg: "ES256", now, signs_at: now + 600 }));
  await soon(async () => {
    const after = await kids(two);
    assert.notDeepEqual(after, before);
    assert.deepEqual(after, await kids(one));
  });
});

test("people 9: one form at both nodes at once registers one app, and makes one new secret", async () => {
  const owner_sub = await pair.addUser("root", { is_admin: true });
  const browser = testBrowser(pair);
  await browser.signIn(await browser.get("/sign-in"), "root");
  const send = async (path: string, intent: string, fields: Record<string, string> = {}) => {
    const page = await browser.get(path);
    const form = readForm(page.html, { action: "/account/apps", having: { intent } });
    const body = new URLSearchParams(form.fields);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    // `pair` sends every other request to the other node.
    const answers = await times(6, () =>
      browser.request("/account/apps", { method: "POST", body: new URLSearchParams(body) }),
    );
    return answers.map(({ status }) => status).sort();
  };
  const app = { kind: "web", name: "Printly", redirect_uris: "https://printly.test/cb" };
  const made = await send("/account/apps?view=register", "register", app);
  assert.deepEqual(made, [201, 303, 303, 303, 303, 303]);
  const apps = await pair.server.store.listClients({ owner_sub, limit: 10 });
  assert.equal(apps.length, 1);
  const renewed = await send(`/account/apps?app=${apps[0]?.client_id}`, "new_secret");
  assert.deepEqual(renewed, [200, 303, 303, 303, 303, 303]);
  const [after] = await pair.server.store.listClients({ owner_sub, limit: 10 });
  assert.equal(after?.secrets.length, 2);
  assert.equal(after?.secrets[1]?.hash, apps[0]?.secrets[0]?.hash);
});
