/** The password grant (RFC 6749 §4.3), for any setup with `legacy_grants`. */
import assert from "node:assert/strict";
import { decodeJwt } from "jose";
import { authorizationUrl, disconnect, testBrowser } from "./browser.ts";
import { introspect, post, refresh, type TokenAnswer, userinfo } from "./flow.ts";
import { newPerson } from "./legacy_stories.ts";
import { PASSWORD, PRINTS, SNAPS, type TestClient, type TestServer, WEB } from "./server.ts";
import { type Story, soon } from "./stories.ts";

export const PASSWORD_APP = {
  ...WEB,
  grant_types: ["authorization_code", "refresh_token", "password"],
};

export const byPassword = (
  server: TestServer,
  client: TestClient,
  parameters: Record<string, string | string[] | undefined>,
): Promise<TokenAnswer> =>
  post(server, "/token", { client, grant_type: "password", password: PASSWORD, ...parameters });

export const passwordStories: Readonly<Record<string, Story>> = {
  async "the right password gets tokens of a grant of its own, and a refresh token"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const scope = "openid email photos.read";
    const { status, headers, body } = await byPassword(server, client, { username, scope });
    assert.equal(status, 200);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(body.scope, scope);
    const { aud, iss, auth_time, acr, amr, sid } = decodeJwt(body.id_token);
    assert.deepEqual([aud, iss, auth_time], [client.client_id, server.issuer, server.now()]);
    assert.deepEqual([acr, amr, sid], ["urn:valetkey:single", ["pwd"], undefined]);
    const again = await refresh(server, client, body.refresh_token, { resource: server.issuer });
    const { body: claims } = await userinfo(server, again.body.access_token);
    assert.deepEqual([claims.sub, claims.email], [sub, `${username}@example.com`]);
    assert.equal(decodeJwt(again.body.id_token).sid, undefined);
    const other = await byPassword(server, client, { username, scope, resource: SNAPS });
    assert.notEqual(
      decodeJwt(other.body.access_token).grant_id,
      decodeJwt(body.access_token).grant_id,
    );
    const revoked = await post(server, "/revoke", { client, token: body.refresh_token });
    assert.equal(revoked.status, 200);
    assert.deepEqual(await introspect(server, client, body.access_token), { active: false });
    assert.equal((await introspect(server, client, other.body.access_token)).active, true);
  },

  async "a wrong password, an unknown name and a disabled person get the same answer"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const wrong = await byPassword(server, client, { username, password: "wrong password" });
    const unknown = await byPassword(server, client, { username: `${username}-x` });
    const { store } = server.server;
    const account = await store.findAccount(sub);
    assert.ok(account);
    const disabled = { ...account, disabled_at: server.now() };
    assert.ok(await store.updateAccount(disabled, [username], { before: account }));
    const answers = async () => [wrong, unknown, await byPassword(server, client, { username })];
    await soon(async () => {
      for (const { status, body } of await answers())
        assert.deepEqual(
          [status, body],
          [400, { error: "invalid_grant", error_description: "username or password is wrong" }],
        );
    });
  },

  async "wrong passwords count with those of the sign-in page, and make the network wait"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const address = "203.0.113.99";
    const from = {
      ...server,
      fetch: (request: Request) => server.fetch(request, { address }),
    };
    const browser = testBrowser(server, { address });
    const page = await browser.get("/sign-in");
    for (let tries = 0; tries < 3; tries += 1)
      await browser.signIn(page, username, "wrong password");
    for (let tries = 0; tries < 2; tries += 1)
      assert.equal((await byPassword(from, client, { username, password: "wrong" })).status, 400);
    const waiting = await byPassword(from, client, { username });
    assert.equal(waiting.status, 429);
    assert.ok(Number(waiting.headers.get("retry-after")) > 0);
    assert.equal((await browser.signIn(page, username)).status, 429);
    // Another network is not made to wait.
    assert.equal((await byPassword(server, client, { username })).status, 200);
    server.advance(3);
    assert.equal((await byPassword(from, client, { username })).status, 200);
  },

  async "a person sees the app in the connected apps, and removing it ends its tokens"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const scope = "openid photos.read";
    const { body } = await byPassword(server, client, { username, scope, resource: server.issuer });
    const browser = testBrowser(server);
    await browser.signIn(await browser.get("/sign-in"), username);
    assert.match((await browser.get("/account")).html, /Printly/);
    await disconnect(browser, client);
    assert.equal((await userinfo(server, body.access_token)).status, 401);
    assert.equal((await refresh(server, client, body.refresh_token)).body.error, "invalid_grant");
  },

  async "a password does not bring back a permission that the person has refused"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const browser = testBrowser(server);
    const asked = authorizationUrl(client, { scope: "openid photos.read" });
    const page = await browser.signIn(await browser.get(asked), username);
    await browser.submit(page, { decision: "allow", permission: [] }, "/consent");
    const scope = "openid photos.read";
    const { status, body } = await byPassword(server, client, { username, scope });
    assert.deepEqual([status, body.scope], [200, "openid"]);
    const only = await byPassword(server, client, { username, scope: "photos.read" });
    assert.deepEqual([only.status, only.body.error], [400, "invalid_scope"]);
  },

  async "scope and resource are limited as in other grants"(server) {
    const { username } = await newPerson(server);
    const client = await server.addClient({ ...PASSWORD_APP, scope: "openid photos.read" });
    for (const [parameters, error] of [
      [{ scope: "prints.order" }, "invalid_scope"],
      [{ scope: "no.such" }, "invalid_scope"],
      [{ scope: "photos.read", resource: "https://nowhere.test" }, "invalid_target"],
      [{ scope: "photos.read", resource: PRINTS }, "invalid_scope"],
    ] as const) {
      const { status, body } = await byPassword(server, client, { username, ...parameters });
      assert.deepEqual([status, body.error], [400, error], JSON.stringify(parameters));
    }
    const { body } = await byPassword(server, client, {
      username,
      scope: "photos.read prints.order",
    });
    assert.equal(body.scope, "photos.read");
  },

  async "the grants of one person and client are bounded, also by password"(server) {
    const { username, sub } = await newPerson(server);
    const client = await server.addClient(PASSWORD_APP);
    const { limits } = server.server.settings;
    const { grants } = limits;
    limits.grants = 2;
    const answers: string[] = [];
    for (let count = 0; count < 4; count += 1) {
      const { body } = await byPassword(server, client, { username, scope: "openid" });
      answers.push(body.access_token);
      server.advance(1);
    }
    limits.grants = grants;
    const seen = await Promise.all(answers.map((token) => userinfo(server, token)));
    assert.deepEqual(
      seen.map(({ status }) => status),
      [401, 401, 200, 200],
    );
    assert.equal(seen[3]?.body.sub, sub);
  },

  async "a client that needs more than a password gets invalid_grant, whatever the password"(
    server,
  ) {
    const { username } = await newPerson(server);
    for (const [required_acr, status] of [
      ["single", 200],
      ["multi", 400],
      ["phishing_resistant", 400],
    ] as const) {
      const client = await server.addClient({ ...PASSWORD_APP, required_acr });
      const right = await byPassword(server, client, { username });
      assert.equal(right.status, status, required_acr);
      if (status === 200) continue;
      assert.equal(right.body.error, "invalid_grant");
      const wrong = await byPassword(server, client, { username, password: "wrong password" });
      assert.deepEqual(wrong.body, right.body);
    }
  },
};
