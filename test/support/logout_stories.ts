/** Back-channel logout on any setup of a server. Each story adds its own people, clients and receivers. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { DEVICE_CODE } from "../../src/oauth/client_metadata.ts";
import { setPassword } from "../../src/people/change_password.ts";
import { setPersonDisabled } from "../../src/people/change_person.ts";
import { removePerson, revokePerson } from "../../src/people/end_person.ts";
import { type TestBrowser, testBrowser } from "./browser.ts";
import { post, tokensFor } from "./flow.ts";
import { answerWith, claimsOf, type LogoutReceiver, logoutReceiver } from "./logout_receiver.ts";
import { OPERATOR } from "./operation.ts";
import { type TestServer, WEB } from "./server.ts";

const DAY = 86_400;
let people = 0;

interface Scene extends AsyncDisposable {
  username: string;
  sub: string;
  browser: TestBrowser;
  receiver: LogoutReceiver;
  client: Awaited<ReturnType<TestServer["addClient"]>>;
  id_token: string;
}

/** A person who is signed in to one app, which wants to be told. */
async function signedIn(
  server: TestServer,
  {
    receiver: given,
    metadata = {},
    browser,
    username: named,
  }: {
    receiver?: LogoutReceiver;
    metadata?: object;
    browser?: TestBrowser;
    username?: string;
  } = {},
): Promise<Scene> {
  people += 1;
  const username = named ?? `signed-out-${people}`;
  const sub = named === undefined ? await server.addUser(username) : "";
  const receiver = given ?? (await logoutReceiver());
  const client = await server.addClient({
    ...WEB,
    backchannel_logout_uri: receiver.uri,
    backchannel_logout_session_required: true,
    ...metadata,
  });
  const tokens = await tokensFor(server, client, { username, ...(browser && { browser }) });
  const { id_token } = tokens;
  const dispose = () => receiver.close();
  return {
    ...{ username, sub, receiver, client, id_token, browser: tokens.browser },
    [Symbol.asyncDispose]: dispose,
  };
}

async function signOut(browser: TestBrowser): Promise<void> {
  const began = performance.now();
  await browser.submit(await browser.get("/sign-out"), { which: "all" }, "/sign-out");
  assert.ok(performance.now() - began < 4000, "it does not wait for the client");
}

const account = async (server: TestServer, { sub }: Scene) =>
  (await server.server.store.findAccount(sub)) ?? assert.fail("no account");

/** Background work of a server with a clock of the test's own goes on in real time. */
const nobodyIsCalled = () => sleep(2500);

export const logoutStories: Readonly<Record<string, (server: TestServer) => Promise<void>>> = {
  async "a sign-out tells the client, with a logout token of the session in its ID token"(server) {
    await using scene = await signedIn(server);
    const { browser, receiver, client, id_token } = scene;
    await signOut(browser);
    await receiver.until(1);
    const [told] = receiver.told;
    assert.ok(told);
    assert.equal(told.method, "POST");
    assert.equal(told.content_type, "application/x-www-form-urlencoded");
    const { iat = 0, exp = 0, jti, ...claims } = await claimsOf(told, server, client.client_id);
    const { sub, sid } = decodeJwt(id_token);
    assert.deepEqual(claims, {
      iss: server.issuer,
      aud: client.client_id,
      ...{ sub, sid },
      events: { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    assert.equal(exp - iat, 120);
    assert.ok(jti && jti.length >= 20);
    await nobodyIsCalled();
    assert.equal(receiver.told.length, 1, "once");
  },

  async "each client is told in its own way: algorithm, pairwise subject and session id"(server) {
    await using first = await signedIn(server);
    const metadata = { subject_type: "pairwise", id_token_signed_response_alg: "ES256" };
    const { browser, username } = first;
    await using second = await signedIn(server, { browser, username, metadata });
    await signOut(browser);
    for (const { receiver, client, id_token } of [first, second]) {
      await receiver.until(1);
      const [told] = receiver.told;
      assert.ok(told);
      const { sub, sid } = await claimsOf(told, server, client.client_id);
      const sent = decodeJwt(id_token);
      assert.deepEqual([sub, sid], [sent.sub, sent.sid]);
      const [[, token = ""] = []] = told.fields;
      assert.equal(decodeProtectedHeader(token).alg, decodeProtectedHeader(id_token).alg);
    }
  },

  async "a logout that an app asks for tells all apps of the session, itself included"(server) {
    await using first = await signedIn(server);
    const { browser, username, id_token } = first;
    await using second = await signedIn(server, { browser, username });
    await browser.get(`/logout?${new URLSearchParams({ id_token_hint: id_token })}`);
    for (const { receiver } of [first, second]) await receiver.until(1);
  },

  async "a device stays signed in when the browser that approved it signs out: it names no session, and is not told"(
    server,
  ) {
    await using scene = await signedIn(server);
    const { browser, receiver, username } = scene;
    const tv = await server.addClient({
      client_name: "Snaps TV",
      grant_types: [DEVICE_CODE, "refresh_token"],
      backchannel_logout_uri: `${receiver.uri}/tv`,
    });
    const begun = await post(server, "/device_authorization", { client: tv, scope: "openid" });
    const { device_code = "", user_code = "" } = Object.fromEntries(
      Object.entries(begun.body).map(([name, value]) => [name, String(value)]),
    );
    const page = await browser.submit(await browser.get("/device"), { user_code }, "/device");
    await browser.submit(page, { decision: "allow" }, "/consent");
    const redemption = { client: tv, grant_type: DEVICE_CODE, device_code };
    const tokens = (await post(server, "/token", redemption)).body;
    assert.equal(decodeJwt(tokens.id_token).sid, undefined, username);
    await signOut(browser);
    await receiver.until(1);
    await nobodyIsCalled();
    assert.equal(receiver.told.length, 1, "only the app in the browser");
    const { status } = await post(server, "/token", {
      client: tv,
      grant_type: "refresh_token",
      refresh_token: tokens.refresh_token,
    });
    assert.equal(status, 200);
  },

  async "only the apps of the session that ends are told"(server) {
    await using here = await signedIn(server);
    const { username, browser } = here;
    await using elsewhere = await signedIn(server, { username });
    const page = await browser.get("/account/security");
    await browser.submit(page, { intent: "end_other_sessions" }, "/account/security");
    await elsewhere.receiver.until(1);
    await nobodyIsCalled();
    assert.equal(here.receiver.told.length, 0);
    await signOut(browser);
    await here.receiver.until(1);
    assert.equal(elsewhere.receiver.told.length, 1);
  },

  async "a sign-out after thirty days in use still reaches every client"(server) {
    await using scene = await signedIn(server);
    for (let days = 0; days < 29; days += 5) {
      server.advance(5 * DAY - 1);
      await scene.browser.get("/account");
    }
    await signOut(scene.browser);
    await scene.receiver.until(1);
    server.advance(-30 * DAY + 6);
  },

  async "a new password, an operator's revocation, disabling and removal tell the clients"(server) {
    const env = server.server;
    const ends: ((scene: Scene) => Promise<unknown>)[] = [
      ({ sub }) => setPassword({ sub, password: "another good one", revoke: false }, OPERATOR, env),
      ({ sub }) => revokePerson({ sub, forget: false }, OPERATOR, env),
      async (scene) =>
        setPersonDisabled({ account: await account(server, scene), disabled: true }, OPERATOR, env),
      async (scene) => removePerson(await account(server, scene), OPERATOR, env),
    ];
    const all = await Promise.all(
      ends.map(async (end) => {
        const scene = await signedIn(server);
        await end(scene);
        return scene;
      }),
    );
    for (const { receiver } of all) await receiver.until(1);
    for (const { receiver } of all) await receiver.close();
  },

  async "a client that fails at first is tried again, with a new token each time"(server) {
    await using receiver = await logoutReceiver((response, times) => {
      if (times === 1) return response.socket?.destroy();
      return response.writeHead(times === 2 ? 500 : times === 3 ? 429 : 204).end();
    });
    const { browser, client } = await signedIn(server, { receiver });
    await signOut(browser);
    const seen = new Set<unknown>();
    for (let times = 1; times <= 4; times += 1) {
      await receiver.until(times);
      const told = receiver.told.at(-1);
      assert.ok(told);
      seen.add((await claimsOf(told, server, client.client_id)).jti);
      await sleep(300);
      server.advance(60);
    }
    assert.equal(seen.size, 4);
    server.advance(DAY);
    await nobodyIsCalled();
    assert.equal(receiver.told.length, 4, "204 is done");
  },

  async "400 and a redirect are final; an event and the log tell the operator"(server) {
    await using elsewhere = await logoutReceiver();
    for (const answer of [answerWith(400), answerWith(302, { location: elsewhere.uri })]) {
      await using receiver = await logoutReceiver(answer);
      const { browser, client } = await signedIn(server, { receiver });
      await signOut(browser);
      await receiver.until(1);
      await sleep(300);
      const { client_id } = client;
      const [event] = await server.server.store.listAudit({ client_id, limit: 1 });
      assert.equal(event?.event, "logout_not_told");
      server.advance(DAY);
      await nobodyIsCalled();
      assert.equal(receiver.told.length, 1);
    }
    assert.equal(elsewhere.told.length, 0, "no redirect is followed");
  },

  async "a client that hangs delays neither the person nor other clients"(server) {
    await using hanging = await logoutReceiver(() => {});
    const scenes = await Promise.all(
      Array.from({ length: 20 }, () => signedIn(server, { receiver: hanging })),
    );
    await Promise.all(scenes.map(({ browser }) => signOut(browser)));
    await hanging.until(1);
    await using other = await signedIn(server);
    const began = performance.now();
    await signOut(other.browser);
    await other.receiver.until(1);
    assert.ok(performance.now() - began < 6000, "the other client is told at once");
    assert.ok(
      hanging.told.length <= 4,
      `at most two calls a node at a time: ${hanging.told.length}`,
    );
  },

  async "clients that are disabled, or want it no longer, are not told"(server) {
    for (const change of [{ disabled_at: 1 }, { metadata: WEB }]) {
      await using scene = await signedIn(server);
      const { client, browser, receiver } = scene;
      const record = (await server.server.store.findClient(client.client_id)) ?? assert.fail();
      const metadata = { ...record.metadata };
      if ("metadata" in change) delete metadata.backchannel_logout_uri;
      const changed = { ...record, metadata, disabled_at: "metadata" in change ? null : 1 };
      await server.server.store.updateClient(changed);
      await sleep(1000);
      await signOut(browser);
      await nobodyIsCalled();
      assert.equal(receiver.told.length, 0);
    }
  },

  async "without openid there is no ID token, and nobody to tell"(server) {
    await using receiver = await logoutReceiver();
    const username = `without-openid-${people}`;
    await server.addUser(username);
    const client = await server.addClient({ ...WEB, backchannel_logout_uri: receiver.uri });
    const browser = testBrowser(server);
    const parameters = { scope: "photos.read" };
    await tokensFor(server, client, { username, browser, parameters });
    await signOut(browser);
    await nobodyIsCalled();
    assert.equal(receiver.told.length, 0);
  },
};
