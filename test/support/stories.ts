/**
 * The main stories of a server, for any setup: another database, two nodes, a proxy.
 * Each story adds its own people and clients, so that they can run on one server in any order.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { authorizationUrl, disconnect, testBrowser } from "./browser.ts";
import { authorize, introspect, post, redeem, refresh, tokensFor, userinfo } from "./flow.ts";
import { NATIVE, PASSWORD, type TestServer, WEB } from "./server.ts";

export type Story = (server: TestServer) => Promise<void>;

const LASTING = { scope: "openid offline_access photos.read" };
const LOCAL = { redirect_uri: "http://127.0.0.1:3456/callback", scope: "openid offline_access" };

let people = 0;
async function newPerson(server: TestServer): Promise<{ username: string; sub: string }> {
  people += 1;
  const username = `person-${people}`;
  return { username, sub: await server.addUser(username) };
}

/**
 * Waits until another node's change takes effect. Caches are checked every half second; the limit is for a machine that
 * is busy with other tests.
 */
export async function soon(check: () => Promise<void>): Promise<void> {
  const end = performance.now() + 10_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(50);
    }
  }
}

export const stories: Readonly<Record<string, Story>> = {
  async "from nothing to tokens, which userinfo and introspection accept"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(WEB);
    const { access_token, id_token } = await tokensFor(server, client, { username });
    assert.ok(id_token);
    const { status, body } = await userinfo(server, access_token);
    assert.equal(status, 200);
    assert.equal(body.sub, sub);
    const seen = await introspect(server, client, access_token);
    assert.equal(seen.active, true);
    assert.equal(seen.sub, sub);
  },

  async "a pairwise client sees one subject everywhere, which is nobody else's and no other client's"(
    server,
  ) {
    const [one, two] = [await newPerson(server), await newPerson(server)];
    const pairwise = { ...WEB, subject_type: "pairwise" };
    const here = await server.addClient(pairwise, { sector: "app.test" });
    const there = await server.addClient(pairwise, { sector: "other.test" });
    const seen = new Map<string, { sub: string; sid: unknown }>();
    for (const client of [here, there])
      for (const { username, sub } of [one, two]) {
        const { access_token, id_token, refresh_token } = await tokensFor(server, client, {
          username,
        });
        const claims = decodeJwt(id_token);
        const shown = String(claims.sub);
        assert.notEqual(shown, sub);
        assert.equal(decodeJwt(access_token).sub, shown);
        assert.equal((await userinfo(server, access_token)).body.sub, shown);
        for (const token of [access_token, refresh_token])
          assert.equal((await introspect(server, client, token)).sub, shown);
        const { body } = await refresh(server, client, refresh_token);
        const again = decodeJwt(body.id_token);
        assert.deepEqual([again.sub, again.sid], [shown, claims.sid]);
        seen.set(`${client.client_id} ${username}`, { sub: shown, sid: claims.sid });
      }
    const all = [...seen.values()];
    assert.equal(new Set(all.map(({ sub }) => sub)).size, 4);
    assert.equal(new Set(all.map(({ sid }) => sid)).size, 4);
    const { id_token } = await tokensFor(server, here, { username: one.username });
    assert.equal(decodeJwt(id_token).sub, seen.get(`${here.client_id} ${one.username}`)?.sub);
  },

  async "a claim that was asked for by name is at userinfo until its consent is removed"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(WEB);
    const claims = JSON.stringify({ userinfo: { preferred_username: null } });
    const asked = { parameters: { scope: "openid", claims } };
    const { access_token, id_token, browser } = await tokensFor(server, client, {
      username,
      ...asked,
    });
    assert.equal(decodeJwt(id_token).preferred_username, undefined);
    const { body } = await userinfo(server, access_token);
    assert.deepEqual(body, { sub, preferred_username: username });
    const silently = authorizationUrl(client, { ...asked.parameters, prompt: "none" });
    assert.ok((await browser.get(silently)).url.searchParams.has("code"));
    await disconnect(browser, client);
    const { url } = await browser.get(silently);
    assert.equal(url.searchParams.get("error"), "consent_required");
  },

  async "a code is redeemed once; the second redemption revokes the tokens of the first"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const { code, access_token, refresh_token } = await tokensFor(server, client, { username });
    assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
    assert.deepEqual(await introspect(server, client, access_token), { active: false });
    assert.equal((await refresh(server, client, refresh_token)).status, 400);
  },

  async "a repeated refresh gets the same successor; after the replay window it revokes the grant"(
    server,
  ) {
    const { username } = await newPerson(server);
    const client = await server.addClient(NATIVE);
    const { refresh_token: first } = await tokensFor(server, client, {
      username,
      parameters: LOCAL,
    });
    const next = async (token: string) => (await refresh(server, client, token)).body.refresh_token;
    const second = await next(first);
    assert.notEqual(second, first);
    assert.equal(await next(first), second);
    server.advance(61);
    assert.equal((await refresh(server, client, first)).body.error, "invalid_grant");
    assert.equal((await refresh(server, client, second)).body.error, "invalid_grant");
  },

  async "using a refresh token whose successor was used revokes the grant at once"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(NATIVE);
    const tokens = await tokensFor(server, client, { username, parameters: LOCAL });
    const second = (await refresh(server, client, tokens.refresh_token)).body.refresh_token;
    const third = (await refresh(server, client, second)).body.refresh_token;
    assert.equal((await refresh(server, client, tokens.refresh_token)).status, 400);
    assert.equal((await refresh(server, client, third)).body.error, "invalid_grant");
    assert.equal((await userinfo(server, tokens.access_token)).status, 401);
  },

  async "revoking a refresh token ends its grant"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const tokens = await tokensFor(server, client, { username, parameters: LASTING });
    const { status } = await post(server, "/revoke", { client, token: tokens.refresh_token });
    assert.equal(status, 200);
    assert.deepEqual(await introspect(server, client, tokens.access_token), { active: false });
    assert.equal((await refresh(server, client, tokens.refresh_token)).status, 400);
  },

  async "removing a consent ends its tokens, and the next request asks again"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const { browser, ...tokens } = await tokensFor(server, client, {
      username,
      parameters: LASTING,
    });
    await disconnect(browser, client);
    assert.deepEqual(await introspect(server, client, tokens.access_token), { active: false });
    assert.equal((await refresh(server, client, tokens.refresh_token)).status, 400);
    assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/consent");
  },

  async "disabling a client takes effect within a second, and enabling reverses it"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const other = await server.addClient(WEB);
    const tokens = await tokensFor(server, client, { username, parameters: LASTING });
    const { store } = server.server;
    const disabled = { ...client.record, disabled_at: server.now() };
    assert.ok(await store.updateClient(disabled, { before: client.record }));
    const refreshed = async () => (await refresh(server, client, tokens.refresh_token)).status;
    // Sent twice, so that each of two nodes answers.
    const statuses = async () => [await refreshed(), await refreshed()];
    await soon(async () => assert.deepEqual(await statuses(), [401, 401]));
    assert.equal((await userinfo(server, tokens.access_token)).status, 401);
    assert.equal((await introspect(server, other, tokens.access_token)).active, false);
    assert.ok(await store.updateClient(client.record, { before: disabled }));
    await soon(async () => assert.deepEqual(await statuses(), [200, 200]));
  },

  async "disabling a person takes effect within a second, and enabling reverses it"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(WEB);
    const tokens = await tokensFor(server, client, { username, parameters: LASTING });
    const { store } = server.server;
    const account = await store.findAccount(sub);
    assert.ok(account);
    const disabled = { ...account, disabled_at: server.now() };
    assert.ok(await store.updateAccount(disabled, [username], { before: account }));
    const refreshed = async () => (await refresh(server, client, tokens.refresh_token)).status;
    const statuses = async () => [await refreshed(), await refreshed()];
    await soon(async () => assert.deepEqual(await statuses(), [400, 400]));
    assert.deepEqual(await introspect(server, client, tokens.access_token), { active: false });
    assert.ok(await store.updateAccount(account, [username], { before: disabled }));
    await soon(async () => assert.deepEqual(await statuses(), [200, 200]));
  },

  async "signing out ends the session and the grants bound to it"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const tied = await tokensFor(server, client, { username });
    const { browser } = tied;
    await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
    assert.equal((await refresh(server, client, tied.refresh_token)).body.error, "invalid_grant");
    assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/sign-in");
  },

  async "after five wrong passwords a network must wait; the right password works after that"(
    server,
  ) {
    const { username } = await newPerson(server);
    const browser = testBrowser(server, { address: `198.51.100.${people}` });
    const attempt = async (password: string) =>
      browser.signIn(await browser.get("/sign-in"), username, password);
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await attempt("wrong password")).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
    assert.equal((await attempt(PASSWORD)).status, 429);
    server.advance(3);
    assert.equal((await attempt(PASSWORD)).url.pathname, "/account");
  },

  async "two codes of one person at once are two grants, and each is used once"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(WEB);
    const { browser } = await tokensFor(server, client, { username });
    const walks = [1, 2].map(() => authorize(server, client, { browser }));
    const codes = (await Promise.all(walks)).map(({ code }) => code);
    assert.equal(new Set(codes).size, 2);
    for (const code of codes) assert.equal((await redeem(server, client, code)).status, 200);
  },
};
