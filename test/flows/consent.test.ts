/** Consent: what a person allows, how it is remembered, and how it ends. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { openStore } from "../../src/store/open_store.ts";
import {
  accountsOn,
  allowOnly,
  authorizationUrl,
  disconnect,
  linkOn,
  type Page,
  testBrowser,
  withoutFoot,
} from "../support/browser.ts";
import { authorize, introspect, redeem, refresh, tokensFor, userinfo } from "../support/flow.ts";
import { NATIVE, type TestClient, testServer, WEB } from "../support/server.ts";

const server = await testServer();
after(() => server.close());
const ada = await server.addUser("ada");
await server.addUser("grace");
const LOOPBACK = "http://127.0.0.1:50000/callback";
const ALL = "openid photos.read photos.write notes.read";

/** A person who is signed in, and the first page after an app's request. */
async function visit(
  client: TestClient,
  parameters: Record<string, string> = {},
  username = "ada",
) {
  const browser = testBrowser(server);
  const ask = (more: Record<string, string> = {}) =>
    browser.get(authorizationUrl(client, { ...parameters, ...more }));
  const first = await ask();
  return { browser, ask, page: await browser.signIn(first, username) };
}

const codeOf = ({ url }: Page): string =>
  url.searchParams.get("code") ?? assert.fail(`no code: ${url.href.slice(0, 200)}`);

/** The checkboxes of the page: from scope to whether it is ticked. */
const boxes = ({ html }: Page): Record<string, boolean> =>
  Object.fromEntries(
    [
      ...html.matchAll(/<input type="checkbox" name="permission" value="\S* ([^"]*)"( checked)?/g),
    ].map(([, scope, checked]) => [scope, checked !== undefined]),
  );

test("an unticked permission is not in the token and is not asked again", async () => {
  const client = await server.addClient(WEB);
  const { browser, ask, page } = await visit(client, { scope: ALL });
  assert.deepEqual(boxes(page), { "notes.read": true, "photos.read": true, "photos.write": true });
  const back = await browser.submit(page, allowOnly(page, "photos.read"), "/consent");
  const { body } = await redeem(server, client, codeOf(back));
  assert.equal(body.scope, "openid photos.read");

  const again = await redeem(server, client, codeOf(await ask()));
  assert.equal(again.body.scope, "openid photos.read");
  const silent = await ask({ prompt: "none" });
  assert.equal((await redeem(server, client, codeOf(silent))).body.scope, "openid photos.read");
});

test("a request for more scopes asks again, with the declined ones unticked", async () => {
  const client = await server.addClient(WEB);
  const { browser, ask, page } = await visit(client, { scope: "openid photos.read photos.write" });
  await browser.submit(page, allowOnly(page, "photos.read"), "/consent");
  const more = await ask({ scope: ALL });
  assert.equal(more.url.pathname, "/consent");
  assert.deepEqual(boxes(more), { "notes.read": true, "photos.read": true, "photos.write": false });
  const back = await browser.submit(more, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, codeOf(back));
  assert.equal(body.scope, "openid photos.read notes.read");
});

test("prompt=consent can widen and narrow an earlier answer", async () => {
  const client = await server.addClient(WEB);
  const { browser, ask, page } = await visit(client, { scope: ALL });
  const answer = async (shown: Page, scope: string[]) => {
    const back = await browser.submit(shown, allowOnly(shown, ...scope), "/consent");
    return (await redeem(server, client, codeOf(back))).body.scope;
  };
  assert.equal(await answer(page, ["photos.read"]), "openid photos.read");
  assert.equal(await answer(await ask({ prompt: "consent" }), ["notes.read"]), "openid notes.read");
  assert.equal((await redeem(server, client, codeOf(await ask()))).body.scope, "openid notes.read");
});

test("openid cannot be unticked, and an answer with openid alone is valid", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client, { scope: "openid photos.read" });
  const back = await browser.submit(page, allowOnly(page), "/consent");
  const { body } = await redeem(server, client, codeOf(back));
  assert.equal(body.scope, "openid");
});

test("allowing nothing at all counts as a refusal", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client, { scope: "photos.read notes.read" });
  const back = await browser.submit(page, allowOnly(page), "/consent");
  assert.equal(back.url.searchParams.get("error"), "access_denied");
});

test("a refusal is sent to the app and not remembered", async () => {
  const client = await server.addClient(WEB);
  const { browser, ask, page } = await visit(client, { scope: ALL, state: "kept" });
  const back = await browser.submit(page, { decision: "deny" }, "/consent");
  assert.equal(back.url.searchParams.get("error"), "access_denied");
  assert.equal(back.url.searchParams.get("state"), "kept");
  const again = await ask();
  assert.equal(again.url.pathname, "/consent");
  assert.equal(boxes(again)["photos.read"], true);
});

test("consent is remembered unless another program could receive the code", async () => {
  const https = { ...WEB, token_endpoint_auth_method: "none" };
  const confidential = { ...WEB, redirect_uris: ["http://127.0.0.1/callback"] };
  for (const [metadata, redirect_uri, remembered] of [
    [WEB, WEB.redirect_uris[0] ?? "", true],
    [https, WEB.redirect_uris[0] ?? "", true],
    [confidential, LOOPBACK, true],
    [NATIVE, LOOPBACK, false], // any program on the computer could claim it
    [{ ...NATIVE, redirect_uris: ["com.example.app:/cb"] }, "com.example.app:/cb", false],
  ] as const) {
    const client = await server.addClient(metadata);
    const { browser, ask, page } = await visit(client, { redirect_uri });
    assert.equal(page.url.pathname, "/consent");
    await browser.submit(page, { decision: "allow" }, "/consent");
    const again = await ask();
    assert.equal(again.url.pathname === "/consent", !remembered, redirect_uri);
    const silent = await ask({ prompt: "none" });
    if (redirect_uri.startsWith("http"))
      assert.equal(silent.url.searchParams.get("error"), remembered ? null : "consent_required");
  }
});

test("a trusted app skips consent, except on a public loopback address", async () => {
  const trusted = await server.addClient(WEB, { trusted: true });
  const { ask, page } = await visit(trusted, { scope: ALL });
  const { body } = await redeem(server, trusted, codeOf(page));
  assert.equal(body.scope, ALL);
  assert.equal((await ask({ prompt: "consent" })).url.pathname, "/consent");
  const program = await server.addClient(NATIVE, { trusted: true });
  const on_loopback = await visit(program, { redirect_uri: LOOPBACK });
  assert.equal(on_loopback.page.url.pathname, "/consent");
});

test("the page names the app, its host, the person and each permission in plain words", async () => {
  const client = await server.addClient({ ...WEB, client_name: "Print<ly>" });
  const { page } = await visit(client, { scope: ALL });
  assert.match(page.html, /Print&lt;ly&gt;/);
  assert.match(page.html, /printly\.test/);
  assert.match(page.html, /ada/);
  for (const words of ["See your photos", "Add and change your photos", "See your notes"])
    assert.match(page.html, new RegExp(words));
  assert.doesNotMatch(page.html, />\s*photos\.read/, "no technical names");
});

test("a repeated consent form gives the same code while it is unused, then 409", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  const first = codeOf(await browser.submit(page, { decision: "allow" }, "/consent"));
  const second = codeOf(await browser.submit(page, { decision: "allow" }, "/consent"));
  assert.equal(second, first);
  const { body } = await redeem(server, client, first);
  const done = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(done.status, 409);
  assert.equal(done.url.pathname, "/authorize");
  assert.equal((await introspect(server, client, body.access_token)).active, true);
});

test("an expired code is not given again, even if unused", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  codeOf(await browser.submit(page, { decision: "allow" }, "/consent"));
  server.advance(61);
  const late = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(late.status, 409);
});

test("two concurrent submissions of one form give one code", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  const send = () => browser.submit(page, { decision: "allow" }, "/consent");
  const codes = (await Promise.all([send(), send(), send()])).map(codeOf);
  assert.equal(new Set(codes).size, 1);
});

test("after its account is signed out and another signs in, the old form asks that one and grants nothing itself", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client, { scope: `${ALL} profile` });
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  const account = await browser.get("/sign-in");
  await browser.signIn(account, "grace");
  const choice = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(choice.url.pathname, "/select-account");
  const { grace = "" } = accountsOn(choice);
  const shown = await browser.submit(choice, { account: grace }, "/select-account");
  assert.equal(shown.url.pathname, "/consent");
  assert.match(shown.html, /grace/);
  const back = await browser.submit(shown, { decision: "allow" }, "/consent");
  const { body } = await redeem(server, client, codeOf(back));
  const { sub } = await introspect(server, client, body.refresh_token);
  assert.equal((await server.server.users.find(String(sub)))?.username, "grace");
  assert.equal((await introspect(server, client, body.access_token)).sub, sub);
});

test("after signing out, the consent form leads to sign-in", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  await browser.submit(await browser.get("/sign-out"), {}, "/sign-out");
  const asked = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(asked.url.pathname, "/sign-in");
});

test("the person can choose another account on the consent page", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  const choice = await browser.get(linkOn(page, "/select-account"));
  const sign_in = await browser.get(linkOn(choice, "/sign-in"));
  assert.equal(sign_in.url.pathname, "/sign-in");
  const consent = await browser.signIn(sign_in, "grace");
  assert.equal(consent.url.pathname, "/consent");
  assert.match(consent.html, /grace/);
});

test("a forged consent form, or one from another browser, is refused", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client, { scope: "openid photos.read" });
  const send = (fields: Record<string, string | string[]>, from = browser) =>
    from.submit(page, { decision: "allow", ...fields }, "/consent");
  assert.equal((await send({ scope: ["photos.read", "photos.write"] })).status, 400, "more");
  assert.equal((await send({ csrf: "" })).status, 403);
  assert.equal((await send({ shown: "x" })).status, 400);
  assert.equal((await send({ decision: "maybe" })).status, 400);
  const { browser: other } = await visit(client, {}, "grace");
  assert.equal((await send({}, other)).status, 403);
  const other_request = await visit(client, { scope: "openid photos.write" });
  assert.equal(
    (await send({ continue: other_request.page.url.searchParams.get("continue") ?? "" })).status,
    400,
  );
  assert.match((await send({})).url.href, /code=/, "the real form still works");
});

test("skipping a step leads back to the first missing step", async () => {
  const client = await server.addClient(WEB);
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(client));
  const straight = await browser.get(sign_in.url.href.replace("/sign-in", "/consent"));
  assert.equal(straight.url.pathname, "/sign-in");
});

test("a pending request expires, and works in its own browser only", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  const stolen = await testBrowser(server).get(page.url.href);
  assert.equal(stolen.status, 400);
  server.advance(3599);
  assert.equal((await browser.get(page.url.href)).status, 200);
  server.advance(1);
  const late = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(late.status, 400);
  assert.equal(late.url.origin, server.issuer);
});

test("no code is issued if the redirect URI or client was removed meanwhile", async () => {
  const client = await server.addClient(WEB);
  const { browser, page } = await visit(client);
  const { store } = server.server;
  const elsewhere = { ...client.record.metadata, redirect_uris: ["https://printly.test/new"] };
  await store.updateClient({ ...client.record, metadata: elsewhere });
  const moved = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(moved.url.origin, server.issuer);
  assert.equal(moved.status, 400);
  await store.updateClient({ ...client.record, disabled_at: server.now() });
  const disabled = await browser.submit(page, { decision: "allow" }, "/consent");
  assert.equal(disabled.status, 403);
  await store.updateClient(client.record);
  assert.match((await browser.submit(page, { decision: "allow" }, "/consent")).url.href, /code=/);
});

test("removing a consent ends its tokens and unused codes at once; the next request asks again", async () => {
  const client = await server.addClient(WEB);
  const other = await server.addClient(WEB);
  const parameters = { scope: "openid offline_access photos.read" };
  const { browser, ...tokens } = await tokensFor(server, client, { parameters });
  const kept = await tokensFor(server, other, { browser, parameters });
  const { code } = await authorize(server, client, { browser, parameters });
  const removed = await disconnect(browser, client);
  assert.equal(removed.status, 200);

  assert.deepEqual(await introspect(server, client, tokens.access_token), { active: false });
  assert.deepEqual(await introspect(server, client, tokens.refresh_token), { active: false });
  assert.equal((await userinfo(server, tokens.access_token)).status, 401);
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_grant");
  assert.equal((await redeem(server, client, code)).body.error, "invalid_grant");
  assert.equal((await introspect(server, other, kept.access_token)).active, true);

  assert.equal(
    (await browser.get(authorizationUrl(client, { prompt: "none" }))).url.searchParams.get("error"),
    "consent_required",
  );
  assert.equal((await browser.get(authorizationUrl(client))).url.pathname, "/consent");
  assert.doesNotMatch((await browser.get("/account")).html, new RegExp(client.client_id));
});

test("a crafted URL does not make the page report a removed app", async () => {
  const client = await server.addClient(WEB);
  const { browser } = await authorize(server, client);
  const { html } = await browser.get("/account");
  for (const removed of [client.client_id, "unknown", "<b>"]) {
    const page = await browser.get(`/account?${new URLSearchParams({ removed })}`);
    assert.equal(withoutFoot(page.html), withoutFoot(html));
  }
});

test("a silent request does not rewrite the consent", async () => {
  const client = await server.addClient(WEB);
  const { store } = server.server;
  const { browser } = await authorize(server, client, {});
  const before = await store.findConsent(ada, client.client_id);
  assert.ok(before);
  await browser.get(authorizationUrl(client, { prompt: "none" }));
  assert.equal((await store.findConsent(ada, client.client_id))?.version, before.version);
});

test("issuing a code does not restore a consent removed at the same moment", async () => {
  const config = { database: "sqlite::memory:", lifetimes: server.config.lifetimes };
  const secret = Buffer.alloc(32, 1).toString("base64url");
  const { store } = openStore(config, { secret });
  let remove = false;
  await using own = await testServer(
    {},
    {
      secret,
      store: {
        ...store,
        async approve(approval, alongside) {
          const { sub, client_id, created_at } = approval.grant;
          // Between the reads and the write of the endpoint.
          if (remove) await store.removeConsent({ sub, client_id }, created_at);
          return store.approve(approval, alongside);
        },
      },
    },
  );
  const sub = await own.addUser("ada");
  const client = await own.addClient(WEB);
  for (const age of [0, 2 * 86_400]) {
    const { browser } = await tokensFor(own, client);
    own.advance(age);
    remove = true;
    const silent = await browser.get(authorizationUrl(client, { prompt: "none" }));
    assert.equal(silent.url.searchParams.get("error"), "consent_required", `${age}`);
    assert.equal(await store.findConsent(sub, client.client_id), null);
    remove = false;
    await tokensFor(own, client, { browser });
    remove = true;
    const asked = await browser.get(authorizationUrl(client));
    assert.equal(asked.url.pathname, "/consent");
    remove = false;
    const back = await browser.submit(asked, { decision: "allow" }, "/consent");
    assert.match(back.url.href, /code=/);
  }
});

test("connected apps show each app's permissions, since when, and when it was last used", async () => {
  const client = await server.addClient({ ...WEB, client_name: "Remembering" });
  await server.addUser("hedy");
  const { browser, ...tokens } = await tokensFor(server, client, {
    username: "hedy",
    parameters: { scope: "openid offline_access photos.read" },
  });
  const since = server.now();
  const card = async () => (await browser.get("/account")).html;
  const first = await card();
  assert.match(first, /Remembering/);
  assert.match(first, /printly\.test/);
  assert.match(first, /See your photos/);
  assert.doesNotMatch(first, /Add and change your photos/);

  assert.match(first, /datetime="2027-01-15/);

  const consent = () => server.server.store.findConsent(hedy, client.client_id);
  const hedy = String((await introspect(server, client, tokens.access_token)).sub);
  server.advance(86_399);
  await refresh(server, client, tokens.refresh_token);
  assert.equal((await consent())?.used_at, since, "written at most once a day");
  server.advance(1);
  await refresh(server, client, tokens.refresh_token);
  assert.equal((await consent())?.used_at, since + 86_400);
  assert.equal((await consent())?.since, since);
  server.advance(2 * 86_400);
  await authorize(server, client, { browser, parameters: { scope: "openid photos.read" } });
  assert.equal((await consent())?.used_at, server.now(), "a new sign-in counts as a use");
});

test("removing an unknown app from connected apps changes nothing", async () => {
  const client = await server.addClient(WEB);
  const { browser } = await tokensFor(server, client, { username: "grace" });
  const asks = await browser.get(`/account?remove=${client.client_id}`);
  const form = { action: "/account", having: { client_id: client.client_id } };
  assert.match((await browser.get("/account?remove=made-up")).html, /<h1>Connected apps/);
  const page = await browser.submit(asks, { client_id: "made-up" }, form);
  assert.equal(page.status, 200);
  assert.match(page.html, new RegExp(client.client_id), "the connected app is still listed");
  const unknown = await browser.submit(asks, { intent: "destroy" }, form);
  assert.equal(unknown.status, 400);
});
