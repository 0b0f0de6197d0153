/** Legacy response types and grants, for any setup with `legacy_grants`. Each story has people and clients of its own. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { decodeJwt } from "jose";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "../../src/oauth/response_type.ts";
import {
  authorizationUrl,
  disconnect,
  readForm,
  type TestBrowser,
  testBrowser,
} from "./browser.ts";
import { introspect, redeem, refresh, userinfo, walk } from "./flow.ts";
import { type TestClient, type TestServer, WEB } from "./server.ts";
import type { Story } from "./stories.ts";

/** A client that is registered for everything that `legacy_grants` offers in a redirect. */
export const FRONT = {
  ...WEB,
  grant_types: ["authorization_code", "refresh_token", "implicit"],
  response_types: ["code", ...FRONT_CHANNEL_RESPONSE_TYPES],
};

export type Answer = Readonly<Record<string, string>>;

/** The members of a response in the query or the fragment. */
export const answerIn = ({ search, hash }: URL): Answer =>
  Object.fromEntries(new URLSearchParams((hash || search).slice(1)));

let people = 0;
export async function newPerson(server: TestServer): Promise<{ username: string; sub: string }> {
  people += 1;
  const username = `legacy-${people}`;
  const claims = { name: "Ada Lovelace", email: `${username}@example.com`, email_verified: true };
  return { username, sub: await server.addUser(username, { claims }) };
}

export async function ask(
  server: TestServer,
  client: { client_id: string },
  {
    username,
    browser,
    ...parameters
  }: Record<string, string | undefined> & { username?: string; browser?: never },
): Promise<{ answer: Answer; url: URL; browser: TestBrowser; html: string }> {
  const sent = { nonce: "n-1", ...parameters };
  const walked = await walk(server, authorizationUrl(client, sent), {
    ...(username !== undefined && { username }),
    ...(browser !== undefined && { browser }),
  });
  const { page } = walked;
  return { answer: answerIn(page.url), url: page.url, browser: walked.browser, html: page.html };
}

const leftHalf = (text: string | undefined): string =>
  createHash("sha256").update(String(text)).digest().subarray(0, 16).toString("base64url");

/** The names of the members that a response of this type has, beside `state` and `iss`. */
export const membersOf = (response_type: string): string[] => {
  const parts = response_type.split(" ");
  return [
    ...(parts.includes("code") ? ["code"] : []),
    ...(parts.includes("id_token") ? ["id_token"] : []),
    ...(parts.includes("token") ? ["access_token", "token_type", "expires_in", "scope"] : []),
  ];
};

async function clientOf(server: TestServer): Promise<TestClient> {
  return server.addClient(FRONT);
}

export const legacyStories: Readonly<Record<string, Story>> = {
  async "each response type answers in the fragment with its own members, and hashes that bind them"(
    server,
  ) {
    const { username, sub } = await newPerson(server);
    const client = await clientOf(server);
    for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES) {
      const { answer, url } = await ask(server, client, { username, response_type });
      assert.equal(url.search, "", "nothing is in the query");
      const wanted = [...membersOf(response_type), "state", "iss"];
      assert.deepEqual(Object.keys(answer).sort(), wanted.sort(), response_type);
      assert.deepEqual([answer.state, answer.iss], ["xyz", server.issuer]);
      const { access_token, id_token, code } = answer;
      if (access_token !== undefined) {
        assert.deepEqual([answer.token_type, answer.expires_in], ["Bearer", "600"]);
        const { status, body } = await userinfo(server, access_token);
        assert.deepEqual([status, body.sub], [200, sub]);
      }
      if (id_token !== undefined) {
        const claims = decodeJwt(id_token);
        assert.deepEqual(
          [claims.iss, claims.aud, claims.nonce, claims.sub],
          [server.issuer, client.client_id, "n-1", sub],
        );
        assert.equal(claims.at_hash, access_token && leftHalf(access_token), response_type);
        assert.equal(claims.c_hash, code && leftHalf(code), response_type);
        assert.ok(typeof claims.sid === "string" && typeof claims.auth_time === "number");
      }
      if (code !== undefined) {
        const { status, body } = await redeem(server, client, code);
        assert.equal(status, 200);
        assert.ok(body.refresh_token);
        const later = decodeJwt(body.id_token);
        assert.deepEqual([later.sub, later.nonce, later.c_hash], [sub, "n-1", undefined]);
      }
    }
  },

  async "form_post carries tokens in the body of a form"(server) {
    const { username } = await newPerson(server);
    const client = await clientOf(server);
    const asked = { username, response_type: "id_token token", response_mode: "form_post" };
    const { html } = await ask(server, client, asked);
    const { action, fields } = readForm(html, "/callback");
    assert.equal(action, "https://printly.test/callback");
    const names = fields.map(([name]) => name).sort();
    assert.deepEqual(names, [...membersOf("id_token token"), "iss", "state"].sort());
  },

  async "claims of scopes are in an ID token of the redirect for response_type=id_token only"(
    server,
  ) {
    const { username } = await newPerson(server);
    for (const id_token_claims of ["scope", "none"]) {
      const client = await server.addClient({ ...FRONT, id_token_claims });
      for (const response_type of FRONT_CHANNEL_RESPONSE_TYPES) {
        const scope = "openid email";
        const { answer } = await ask(server, client, { username, response_type, scope });
        const claims = answer.id_token === undefined ? {} : decodeJwt(answer.id_token);
        const expected = response_type === "id_token" ? `${username}@example.com` : undefined;
        assert.equal(claims.email, expected, `${response_type} ${id_token_claims}`);
      }
    }
  },

  async "the second use of a hybrid code ends the token that came with it"(server) {
    const { username } = await newPerson(server);
    const client = await clientOf(server);
    const { answer } = await ask(server, client, { username, response_type: "code token" });
    const { code = "", access_token = "" } = answer;
    const { body } = await redeem(server, client, code);
    assert.equal((await introspect(server, client, access_token)).active, true);
    assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
    for (const token of [access_token, body.access_token])
      assert.deepEqual(await introspect(server, client, token), { active: false });
    assert.equal((await userinfo(server, access_token)).status, 401);
  },

  async "tokens of the redirect end with the session, even with offline_access"(server) {
    const { username } = await newPerson(server);
    const client = await clientOf(server);
    for (const response_type of ["token", "id_token token", "code token"]) {
      const scope = "openid offline_access";
      const { answer, browser } = await ask(server, client, { username, response_type, scope });
      const { access_token = "", code } = answer;
      const later = code === undefined ? null : (await redeem(server, client, code)).body;
      assert.equal((await userinfo(server, access_token)).status, 200);
      const page = await browser.get("/sign-out");
      await browser.submit(page, {}, "/sign-out");
      assert.equal((await userinfo(server, access_token)).status, 401, response_type);
      if (later) assert.equal((await refresh(server, client, later.refresh_token)).status, 400);
    }
    // Without a token in the redirect, lasting access is what the person agreed to.
    const scope = "openid offline_access";
    const asked = { username, response_type: "code id_token", scope };
    const { answer, browser } = await ask(server, client, asked);
    const { body } = await redeem(server, client, answer.code ?? "");
    await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
    assert.equal((await refresh(server, client, body.refresh_token)).status, 200);
  },

  async "removing an app from the connected apps ends the tokens of the redirect"(server) {
    const { username } = await newPerson(server);
    const client = await clientOf(server);
    const { answer, browser } = await ask(server, client, { username, response_type: "token" });
    const { access_token = "" } = answer;
    assert.equal((await userinfo(server, access_token)).status, 200);
    await disconnect(browser, client);
    assert.equal((await userinfo(server, access_token)).status, 401);
    assert.deepEqual(await introspect(server, client, access_token), { active: false });
  },

  async "the same answer sent twice leads to one grant, and later to none"(server) {
    const { username } = await newPerson(server);
    const client = await clientOf(server);
    const browser = testBrowser(server);
    const asked = { response_type: "token", nonce: "n", prompt: "consent" };
    const page = await browser.get(authorizationUrl(client, asked));
    const consent = await browser.signIn(page, username);
    const allow = () => browser.submit(consent, { decision: "allow" }, "/consent");
    const [first, second] = [answerIn((await allow()).url), answerIn((await allow()).url)];
    const grants = [first, second].map(({ access_token = "" }) => decodeJwt(access_token).grant_id);
    assert.ok(typeof grants[0] === "string" && grants[0] === grants[1]);
    server.advance(61);
    assert.equal((await allow()).status, 409);
  },

  async "a request in progress gets nothing when its response type is no longer registered, or its person is disabled"(
    server,
  ) {
    const { username, sub } = await newPerson(server);
    const client = await clientOf(server);
    const begin = async () => {
      const browser = testBrowser(server);
      const asked = { response_type: "token", prompt: "consent" };
      const page = await browser.get(authorizationUrl(client, asked));
      return { browser, consent: await browser.signIn(page, username) };
    };
    const { store } = server.server;
    const [first, second] = [await begin(), await begin()];
    const metadata = { ...client.record.metadata, response_types: ["code"] };
    const changed = { ...client.record, metadata };
    assert.ok(await store.updateClient(changed, { before: client.record }));
    const refused = await first.browser.submit(first.consent, { decision: "allow" }, "/consent");
    assert.equal(refused.status, 400);
    assert.ok(await store.updateClient(client.record, { before: changed }));
    const account = await store.findAccount(sub);
    assert.ok(account);
    const disabled = { ...account, disabled_at: server.now() };
    assert.ok(await store.updateAccount(disabled, [username], { before: account }));
    const answer = await second.browser.submit(second.consent, { decision: "allow" }, "/consent");
    assert.equal(answer.url.hash, "");
    assert.equal(answer.url.pathname, "/sign-in");
  },
};
