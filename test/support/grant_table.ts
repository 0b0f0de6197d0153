/**
 * Each way to tokens crossed with each rule that ends or limits access: what the client gets next, and whether a token that
 * it got before still holds at its API.
 */
import assert from "node:assert/strict";
import { makeSecret } from "../../src/clients/client_secret.ts";
import { DEVICE_CODE } from "../../src/oauth/client_metadata.ts";
import { FRONT_CHANNEL_RESPONSE_TYPES } from "../../src/oauth/response_type.ts";
import type { ClientRecord } from "../../src/store/records.ts";
import { authorizationUrl, disconnect, type TestBrowser, testBrowser } from "./browser.ts";
import { isListed } from "./ended_tokens.ts";
import { introspect, post, redeem, refresh, type TokenAnswer, walk } from "./flow.ts";
import { answerIn } from "./legacy_stories.ts";
import { PASSWORD, SNAPS, type TestClient, type TestServer, WEB } from "./server.ts";
import { type Story, soon } from "./stories.ts";

const SCOPE = "openid photos.read";
const METADATA = {
  ...WEB,
  grant_types: [
    ...["authorization_code", "refresh_token", "implicit", "password", "client_credentials"],
    DEVICE_CODE,
  ],
  response_types: ["code", ...FRONT_CHANNEL_RESPONSE_TYPES],
};

/** An app with a person who has allowed it, before anything is taken away. */
interface Scene {
  server: TestServer;
  client: TestClient;
  browser: TestBrowser;
  username: string;
  sub: string;
}

/** The client has a token, and can ask for the next one. */
interface Ready {
  held: string;
  /** The scope of the next token, or the error. */
  next(): Promise<string>;
}

const told = ({ status, body }: TokenAnswer): string =>
  status === 200 ? (body.scope ?? "no scope") : (body.error ?? String(status));

const codeOf = async ({ server, client, browser }: Scene): Promise<string> => {
  const { page } = await walk(server, authorizationUrl(client, { scope: SCOPE }), { browser });
  return answerIn(page.url).code ?? assert.fail(`no code: ${page.url}`);
};

async function deviceCode({ server, client, browser }: Scene): Promise<string> {
  const { body } = await post(server, "/device_authorization", { client, scope: SCOPE });
  const { device_code, user_code } = body as unknown as Record<string, string>;
  const page = await browser.submit(
    await browser.get("/device"),
    { user_code: user_code ?? "" },
    "/device",
  );
  await browser.submit(page, { decision: "allow" }, "/consent");
  return device_code ?? assert.fail("no device code");
}

export const GRANTS: Readonly<Record<string, (scene: Scene) => Promise<Ready>>> = {
  async authorization_code(scene) {
    const { server, client } = scene;
    const { body } = await redeem(server, client, await codeOf(scene));
    const code = await codeOf(scene);
    return { held: body.access_token, next: async () => told(await redeem(server, client, code)) };
  },
  async refresh_token(scene) {
    const { server, client } = scene;
    const { body } = await redeem(server, client, await codeOf(scene));
    const next = async () => told(await refresh(server, client, body.refresh_token));
    return { held: body.access_token, next };
  },
  async device_code(scene) {
    const { server, client } = scene;
    const poll = (device_code: string) =>
      post(server, "/token", { client, grant_type: DEVICE_CODE, device_code });
    const { body } = await poll(await deviceCode(scene));
    const waiting = await deviceCode(scene);
    return { held: body.access_token, next: async () => told(await poll(waiting)) };
  },
  async client_credentials({ server, client }) {
    const ask = () =>
      post(server, "/token", { client, grant_type: "client_credentials", resource: SNAPS });
    const { body } = await ask();
    return { held: body.access_token, next: async () => told(await ask()) };
  },
  async implicit({ server, client, browser }) {
    const response_type = "id_token token";
    const asked = { response_type, nonce: "n", prompt: "none", scope: SCOPE };
    const ask = () => browser.get(authorizationUrl(client, asked));
    const held = answerIn((await ask()).url).access_token ?? assert.fail("no token");
    return {
      held,
      async next() {
        const page = await ask();
        // A page of the server: nothing was sent to the app.
        if (page.url.href.startsWith(server.issuer)) return String(page.status);
        const { scope, error } = answerIn(page.url);
        return scope ?? error ?? String(page.status);
      },
    };
  },
  async password({ server, client, username }) {
    const given = { username, password: PASSWORD, scope: SCOPE };
    const ask = () => post(server, "/token", { client, grant_type: "password", ...given });
    const { body } = await ask();
    return { held: body.access_token, next: async () => told(await ask()) };
  },
};
type Grant = keyof typeof GRANTS;

async function change({ server, client }: Scene, changed: Partial<ClientRecord>): Promise<void> {
  const { store } = server.server;
  const before = (await store.findClient(client.client_id)) ?? assert.fail();
  assert.ok(await store.updateClient({ ...before, ...changed }, { before }));
}

const narrowed = (scene: Scene, metadata: object): Promise<void> =>
  change(scene, { metadata: { ...scene.client.record.metadata, ...metadata } });

interface Outcome {
  next: string;
  holds: boolean;
}
const same: Outcome = { next: SCOPE, holds: true };
const own: Outcome = { next: "photos.read photos.write", holds: true };
const refused = (next: string): Outcome => ({ next, holds: false });
/** The earlier token no longer holds at the API that was taken away. */
const less: Outcome = { next: "openid", holds: false };

interface Rule {
  apply(scene: Scene): Promise<unknown>;
  expected: Readonly<Record<Grant, Outcome>>;
  /** False: an API that verifies the token itself goes on until it expires. */
  lists?: false;
}

export const RULES: Readonly<Record<string, Rule>> = {
  "nothing has changed": {
    apply: async () => {},
    expected: {
      authorization_code: same,
      refresh_token: same,
      device_code: same,
      client_credentials: own,
      implicit: same,
      password: same,
    },
  },
  "the client is disabled": {
    apply: (scene) => change(scene, { disabled_at: scene.server.now() }),
    expected: {
      authorization_code: refused("invalid_client"),
      refresh_token: refused("invalid_client"),
      device_code: refused("invalid_client"),
      client_credentials: refused("invalid_client"),
      implicit: refused("403"),
      password: refused("invalid_client"),
    },
  },
  "the person is disabled": {
    async apply({ server, sub, username }) {
      const { store } = server.server;
      const before = (await store.findAccount(sub)) ?? assert.fail();
      const disabled = { ...before, disabled_at: server.now() };
      assert.ok(await store.updateAccount(disabled, [username], { before }));
    },
    expected: {
      authorization_code: refused("invalid_grant"),
      refresh_token: refused("invalid_grant"),
      device_code: refused("invalid_grant"),
      client_credentials: own,
      implicit: refused("login_required"),
      password: refused("invalid_grant"),
    },
  },
  "the consent is withdrawn": {
    apply: ({ browser, client }) => disconnect(browser, client),
    expected: {
      authorization_code: refused("invalid_grant"),
      refresh_token: refused("invalid_grant"),
      device_code: refused("invalid_grant"),
      client_credentials: own,
      implicit: refused("consent_required"),
      // The person has given the app their password again.
      password: refused(SCOPE),
    },
  },
  "the scope is no longer allowed": {
    apply: (scene) => narrowed(scene, { scope: "openid email" }),
    lists: false,
    expected: {
      authorization_code: less,
      refresh_token: less,
      device_code: less,
      // The API still is one that it may name, without any of its scopes.
      client_credentials: { next: "no scope", holds: true },
      implicit: less,
      password: less,
    },
  },
  "the resource is no longer allowed": {
    apply: (scene) => narrowed(scene, { resources: [] }),
    lists: false,
    expected: {
      authorization_code: less,
      refresh_token: less,
      device_code: less,
      client_credentials: refused("invalid_target"),
      implicit: less,
      password: less,
    },
  },
  "the session has ended": {
    apply: async ({ browser }) => browser.submit(await browser.get("/sign-out"), {}, "/sign-out"),
    expected: {
      authorization_code: refused("invalid_grant"),
      refresh_token: refused("invalid_grant"),
      // A television stays signed in, and a password belongs to no session.
      device_code: same,
      client_credentials: own,
      implicit: refused("login_required"),
      password: same,
    },
  },
  "the secret is retired": {
    apply: (scene) => change(scene, { secrets: [makeSecret(scene.server.now()).kept] }),
    expected: {
      authorization_code: { ...same, next: "invalid_client" },
      refresh_token: { ...same, next: "invalid_client" },
      device_code: { ...same, next: "invalid_client" },
      client_credentials: { ...own, next: "invalid_client" },
      // The redirect needs no secret: the registered address is what the client proves itself with.
      implicit: same,
      password: { ...same, next: "invalid_client" },
    },
  },
};

let scenes = 0;
async function sceneOn(server: TestServer): Promise<Scene> {
  scenes += 1;
  const username = `table-${scenes}`;
  const sub = await server.addUser(username);
  const client = await server.addClient(METADATA);
  const browser = testBrowser(server, {
    address: `198.51.${Math.floor(scenes / 250)}.${scenes % 250}`,
  });
  const scene = { server, client, browser, username, sub };
  // Everything is allowed once, so that later requests need no page.
  await walk(server, authorizationUrl(client, { scope: SCOPE }), { browser, username });
  return scene;
}

export const grantTable: Readonly<Record<string, Story>> = Object.fromEntries(
  Object.entries(RULES).flatMap(([rule, { apply, expected, lists = true }]) =>
    Object.entries(GRANTS).map(([grant, prepare]) => [
      `${grant}: ${rule}`,
      async (server: TestServer) => {
        const scene = await sceneOn(server);
        const { held, next } = await prepare(scene);
        // The credentials of each API look into its tokens.
        const api = await server.addClient(WEB, { resource: SNAPS });
        const holds = async () => (await introspect(server, api, held)).active === true;
        assert.equal(await holds(), true, "before");
        assert.equal(await isListed(server, held), false, "before");
        await apply(scene);
        const outcome = expected[grant] ?? assert.fail(grant);
        await soon(async () => assert.equal(await holds(), outcome.holds, "the earlier token"));
        const listed = lists && !outcome.holds;
        assert.equal(await isListed(server, held), listed, "in the list of ended tokens");
        assert.equal(await next(), outcome.next);
      },
    ]),
  ),
);
