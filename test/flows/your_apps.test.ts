/** Your apps: a person registers an app, and the app completes a flow. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { changeClient } from "../../src/clients/change_client.ts";
import { sampleConsent, sampleGrant } from "../../src/store/conformance/samples.ts";
import { grantWith } from "../../src/store/conformance/scenario.ts";
import {
  authorizationUrl,
  type Page,
  type TestBrowser,
  testBrowser,
  unescapeHtml,
  withoutFoot,
} from "../support/browser.ts";
import { authorize, post, redeem, refresh, tokensFor } from "../support/flow.ts";
import { OPERATOR } from "../support/operation.ts";
import { PRINTS, SNAPS, type TestClient, testServer, WEB } from "../support/server.ts";

const server = await testServer({
  your_apps: "everyone",
  resources: {
    [SNAPS]: { name: "Snaps", scopes: ["photos.read", "photos.write"], open: true },
    [PRINTS]: { name: "Prints", scopes: ["prints.order"] },
  },
});
after(() => server.close());
await server.addUser("ada");
await server.addUser("grace");

async function signIn(username: string, own = server): Promise<TestBrowser> {
  const browser = testBrowser(own);
  await browser.signIn(await browser.get("/sign-in"), username);
  return browser;
}
const ada = await signIn("ada");

const REGISTER = { action: "/account/apps", having: { intent: "register" } };
const APP = {
  name: "Printly",
  site: "https://printly.test",
  redirect_uris: "https://printly.test/callback\r\nhttps://printly.test/other",
  kind: "web",
};

async function register(fields: Partial<typeof APP> = {}, browser = ada) {
  const form = await browser.get("/account/apps?view=register");
  return browser.submit(form, { ...APP, ...fields }, REGISTER);
}

const shown = ({ html }: Page, id: string): string =>
  new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)?.[1] ??
  new RegExp(`id="${id}"[^>]*value="([^"]*)"`).exec(html)?.[1] ??
  "";

/** The client by the id on the page that is shown once. */
async function clientOf(page: Page): Promise<TestClient> {
  assert.equal(page.status, 201);
  const client_id = shown(page, "client-id");
  const record = await server.server.store.findClient(client_id);
  assert.ok(record, `no client: ${client_id}`);
  return { client_id, client_secret: shown(page, "client-secret"), record };
}

test("a new app gets an id and a secret, shown once, and they work", async () => {
  const page = await register();
  const client = await clientOf(page);
  assert.match(client.client_secret, /^vks_/);
  assert.equal(client.record.created_by, "user");
  assert.deepEqual(client.record.metadata.grant_types, ["authorization_code", "refresh_token"]);
  assert.equal(page.headers.get("cache-control"), "no-store");
  const parameters = { scope: "openid profile photos.read" };
  const tokens = await tokensFor(server, client, { parameters });
  assert.equal(tokens.scope, parameters.scope);
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
  const edit = await ada.get(`/account/apps?app=${client.client_id}`);
  assert.equal(edit.html.includes(client.client_secret), false, "the secret is not shown again");
});

test("a person's app cannot use client_credentials, nor scopes that are not open", async () => {
  const client = await clientOf(await register());
  const service = await post(server, "/token", { client, grant_type: "client_credentials" });
  assert.equal(service.body.error, "unauthorized_client");
  const { url } = await authorize(server, client, { parameters: { scope: "prints.order" } });
  assert.equal(url.searchParams.get("error"), "invalid_scope");
});

test("the consent page says that the app is not verified, and names the redirect host", async () => {
  const client = await clientOf(await register({ site: "https://bank.test" }));
  const browser = testBrowser(server);
  const sign_in = await browser.get(authorizationUrl(client));
  const consent = await browser.signIn(sign_in, "grace");
  assert.equal(consent.url.pathname, "/consent");
  assert.match(consent.html, /Not checked by/);
  for (const { html } of [sign_in, consent]) {
    assert.match(html, /printly\.test/, "the host of the redirect URI, not the claimed site");
    assert.doesNotMatch(html, /bank\.test/);
  }
});

test("an app on people's devices has no secret", async () => {
  const page = await register({
    kind: "native",
    redirect_uris: "http://127.0.0.1/callback\ncom.example.app:/callback",
  });
  const client = await clientOf(page);
  assert.equal(client.client_secret, "");
  assert.equal(client.record.metadata.token_endpoint_auth_method, "none");
  const redirect_uri = "http://127.0.0.1:5555/callback";
  const { code } = await authorize(server, client, { parameters: { redirect_uri } });
  assert.equal((await redeem(server, client, code)).status, 200);
});

test("invalid input is reported beside its field, and the other input stays", async () => {
  for (const wrong of [
    { name: "" },
    { name: "x".repeat(61) },
    { redirect_uris: "" },
    { redirect_uris: "http://printly.test/callback" },
    { redirect_uris: "https://printly.test/#here" },
    { redirect_uris: "https://*.printly.test/callback" },
    { redirect_uris: "javascript:alert(1)" },
    { redirect_uris: "com.example.app:/callback" },
    { kind: "native", redirect_uris: "cursor://callback" },
    { redirect_uris: "https://printly.test/?code=1" },
    { site: "http://printly.test" },
    { site: "javascript:alert(1)" },
  ]) {
    const page = await register(wrong);
    assert.equal(page.status, 400, JSON.stringify(wrong));
    assert.match(page.html, /class="error"/);
    if (!("redirect_uris" in wrong))
      assert.ok(unescapeHtml(page.html).includes("https://printly.test/other"));
  }
});

test("people 13: everything that is wrong is said at once, each redirect URI with the spelling that would do", async () => {
  const redirect_uris =
    "http://printly.test/cb\nhttps://b\u00fccher.test/cb\nhttps://right.test/cb";
  const { status, html } = await register({ name: "", site: "printly", redirect_uris });
  assert.equal(status, 400);
  const said = unescapeHtml(html).replaceAll(/<[^>]*>/g, "");
  for (const problem of [
    "Give your app a name",
    "Enter a web address that begins with https",
    "Use https, except for localhost: http://printly.test/cb",
    "Write https://xn--bcher-kva.test/cb instead of https://b\u00fccher.test/cb",
  ])
    assert.ok(said.includes(problem), problem);
  assert.ok(!said.includes(": https://right.test/cb"), "what is right is not told of");
  const named = await register({ redirect_uris: "https://Printly.test:443?x=1" });
  assert.deepEqual((await clientOf(named)).record.metadata.redirect_uris, [
    "https://Printly.test:443?x=1",
  ]);
});

test("an app can be changed; its kind and owner stay", async () => {
  const client = await clientOf(await register());
  const page = await ada.get(`/account/apps?app=${client.client_id}`);
  const update = { action: "/account/apps", having: { intent: "update" } };
  const fields = { name: "Printly 2", redirect_uris: "https://new.test/cb", kind: "native" };
  await ada.submit(page, fields, update);
  const changed = await server.server.store.findClient(client.client_id);
  assert.equal(changed?.metadata.client_name, "Printly 2");
  assert.deepEqual(changed?.metadata.redirect_uris, ["https://new.test/cb"]);
  assert.equal(changed?.metadata.token_endpoint_auth_method, "client_secret_basic");
  const { url } = await authorize(server, client);
  assert.equal(url.origin, server.issuer, "the old address is no longer registered");
});

test("addresses for after a logout are registered, changed and removed, and judged like redirect URIs", async () => {
  const name = "post_logout_redirect_uris";
  const [bye, other] = ["https://printly.test/bye", "https://printly.test/other"];
  const form = await ada.get("/account/apps?view=register");
  const made = await ada.submit(form, { ...APP, [name]: `${bye}\r\n${other}` }, REGISTER);
  const { client_id, record } = await clientOf(made);
  assert.deepEqual(record.metadata[name], [bye, other]);
  const address = `/account/apps?app=${client_id}`;
  const update = { action: "/account/apps", having: { intent: "update" } };
  const stored = async () => (await server.server.store.findClient(client_id))?.metadata[name];
  const page = await ada.get(address);
  assert.match(page.html, new RegExp(`name="${name}"[^>]*>\n${bye}\n${other}<`));
  for (const wrong of ["http://printly.test/bye", "javascript:alert(1)", `${bye}#x`]) {
    const refused = await ada.submit(page, { [name]: wrong }, update);
    assert.match(refused.html, new RegExp(`id="${name}-error"`), wrong);
    assert.deepEqual(await stored(), [bye, other]);
  }
  await ada.submit(page, { [name]: other }, update);
  assert.deepEqual(await stored(), [other]);
  await ada.submit(await ada.get(address), { [name]: "" }, update);
  assert.equal(await stored(), undefined);
});

test("a new secret ends the old one at once, or after a day if chosen", async () => {
  const client = await clientOf(await register());
  const renew = { action: "/account/apps", having: { intent: "new_secret" } };
  const address = `/account/apps?app=${client.client_id}`;
  const works = async (client_secret: string) => {
    const { code } = await authorize(server, client);
    return (await redeem(server, { ...client, client_secret }, code)).status === 200;
  };
  const second = shown(await ada.submit(await ada.get(address), {}, renew), "client-secret");
  assert.notEqual(second, client.client_secret);
  assert.equal(await works(client.client_secret), true, "the old secret stays by default");
  assert.equal(await works(second), true);
  const page = await ada.submit(await ada.get(address), { keep_old: [] }, renew);
  const third = shown(page, "client-secret");
  assert.deepEqual(
    [await works(client.client_secret), await works(second), await works(third)],
    [false, false, true],
  );
});

test("removing an app asks first, then ends its tokens at once", async () => {
  const client = await clientOf(await register());
  const tokens = await tokensFor(server, client);
  const page = await ada.get(`/account/apps?app=${client.client_id}&view=remove`);
  assert.equal((await refresh(server, client, tokens.refresh_token)).status, 200);
  const list = await ada.submit(page, {}, "/account/apps");
  assert.match(list.html, /Printly/);
  assert.equal((await refresh(server, client, tokens.refresh_token)).body.error, "invalid_client");
  assert.equal((await ada.get(`/account/apps?app=${client.client_id}`)).status, 404);
});

test("another person's app is answered like an unknown one", async () => {
  const client = await clientOf(await register());
  const grace = await signIn("grace");
  assert.equal((await grace.get(`/account/apps?app=${client.client_id}`)).status, 404);
  assert.doesNotMatch((await grace.get("/account/apps")).html, new RegExp(client.client_id));
  const mine = await clientOf(await register({ name: "Grace's" }, grace));
  const page = await grace.get(`/account/apps?app=${mine.client_id}`);
  for (const intent of ["update", "new_secret", "remove"]) {
    const form = { action: "/account/apps", having: { intent: "update" } };
    const answer = await grace.submit(page, { app: client.client_id, intent }, form);
    assert.equal(answer.status, 404, intent);
  }
  assert.ok(await server.server.store.findClient(client.client_id));
});

test("a crafted URL does not make the page report a removed app", async () => {
  const { html } = await ada.get("/account/apps");
  for (const removed of ["Printly", "x".repeat(100), "AAAA"]) {
    const page = await ada.get(`/account/apps?removed=${removed}`);
    assert.equal(withoutFoot(page.html), withoutFoot(html), removed);
  }
});

test("one person may register a hundred apps", async () => {
  const owner_sub = await server.addUser("collector");
  const collector = await signIn("collector");
  const options = { created_by: "user", owner_sub } as const;
  for (let i = 0; i < 99; i += 1)
    await server.addClient({ redirect_uris: [`https://rp.test/${i}`] }, options);
  assert.equal((await register({}, collector)).status, 201);
  assert.equal((await register({}, collector)).status, 403);
  assert.equal(
    (await server.server.store.listClients({ owner_sub: owner_sub, limit: 1000 })).length,
    100,
  );
});

test("only administrators may register apps unless the operator opens it to everyone", async () => {
  await using own = await testServer();
  await own.addUser("ada");
  await own.addUser("root", { is_admin: true });
  const person = await signIn("ada", own);
  assert.equal((await person.get("/account/apps")).status, 403);
  assert.doesNotMatch((await person.get("/account")).html, /\/account\/apps/);
  const admin = await signIn("root", own);
  assert.equal((await admin.get("/account/apps")).status, 200);
});

test("administrators see operators' apps page by page and cannot change them there", async () => {
  await using own = await testServer({ your_apps: "everyone" });
  await own.addUser("root", { is_admin: true });
  const ada_sub = await own.addUser("ada");
  const service = await own.addClient({ client_name: "Nightly", grant_types: [] });
  const { record } = await own.addClient({ client_name: "Off", grant_types: [] });
  const disabled = { ...record, disabled_at: own.now() };
  await own.server.store.updateClient(disabled, { before: record });
  const theirs = { created_by: "user", owner_sub: ada_sub } as const;
  await own.addClient({ client_name: "Ada's own", redirect_uris: ["https://ada.test/"] }, theirs);

  const admin = await signIn("root", own);
  const { html } = await admin.get("/account/apps");
  assert.match(html, new RegExp(`Nightly.*<code>${service.client_id}</code>`, "s"));
  assert.match(html, /Off.*Disabled/s);
  assert.doesNotMatch(html, /Ada&#39;s own|Ada's own/);
  assert.equal((await admin.get(`/account/apps?app=${service.client_id}`)).status, 404);
  const form = await admin.get("/account/apps?view=register");
  const remove = { intent: "remove", app: service.client_id };
  assert.equal((await admin.submit(form, remove, REGISTER)).status, 404);
  const person = await signIn("ada", own);
  assert.doesNotMatch((await person.get("/account/apps")).html, /Nightly/);

  for (let i = 0; i < 60; i += 1)
    await own.addClient({ client_name: `Job no ${i}.`, grant_types: [] });
  const first = await admin.get("/account/apps");
  const [, more = ""] = /href="([^"]*after=[^"]*)"/.exec(first.html) ?? [];
  const second = await admin.get(unescapeHtml(more));
  const names = ({ html: text }: Page) => [...text.matchAll(/Job no \d+\./g)].map(String);
  const all = [...new Set([...names(first), ...names(second)])];
  assert.equal(all.length, 60);
  assert.ok(names(first).length < 60);
  assert.doesNotMatch(withoutFoot(second.html), /after=/);
  const unknown = await admin.get("/account/apps?after=nobody");
  assert.equal(withoutFoot(unknown.html), withoutFoot(first.html));
});

test("saving an unchanged app writes nothing", async () => {
  const client = await clientOf(await register());
  const before = await server.server.store.readState();
  const page = await ada.get(`/account/apps?app=${client.client_id}`);
  const update = { action: "/account/apps", having: { intent: "update" } };
  const saved = await ada.submit(page, {}, update);
  assert.match(saved.html, /Your changes are saved/);
  assert.deepEqual(await server.server.store.readState(), before);
  const events = await server.server.store.listAudit({ client_id: client.client_id, limit: 10 });
  assert.deepEqual(
    events.map(({ event }) => event),
    ["client_created"],
  );
});

test("an owner's change keeps what an operator has set; one of the name withdraws trust", async () => {
  const client = await clientOf(await register());
  const { record } = client;
  const metadata = { ...record.metadata, scope: "openid", resources: [PRINTS] };
  const decided = { ...record, trusted: true, metadata };
  assert.ok(await server.server.store.updateClient(decided, { before: record }));
  const change = async (name: string) => {
    const page = await ada.get(`/account/apps?app=${client.client_id}`);
    const having = { intent: "update" };
    await ada.submit(page, { name, site: "" }, { ...REGISTER, having });
    const changed = await server.server.store.findClient(client.client_id);
    return changed ?? assert.fail("it is gone");
  };
  const same = await change(record.metadata.client_name ?? "");
  assert.equal(same.metadata.client_uri, undefined);
  assert.deepEqual(
    [same.trusted, same.metadata.scope, same.metadata.resources],
    [true, "openid", [PRINTS]],
  );
  const renamed = await change("Printly 3");
  assert.equal(renamed.metadata.client_name, "Printly 3");
  assert.deepEqual(
    [renamed.trusted, renamed.metadata.scope, renamed.metadata.resources],
    [false, "openid", undefined],
  );
});

test("a method that an operator has set is not offered to the owner, and a crafted form does not change it", async () => {
  const { client_id, record } = await clientOf(await register());
  const address = `/account/apps?app=${client_id}`;
  const before = await ada.get(address);
  assert.match(before.html, /name="auth_method"/);
  const change = { token_endpoint_auth_method: "client_secret_post" };
  await changeClient({ client: record, change }, OPERATOR, server.server);
  assert.doesNotMatch((await ada.get(address)).html, /name="auth_method"/);
  const fields = { name: "Printly", auth_method: "client_secret_basic" };
  await ada.submit(before, fields, { ...REGISTER, having: { intent: "update" } });
  const { metadata } = (await server.server.store.findClient(client_id)) ?? assert.fail("gone");
  assert.equal(metadata.token_endpoint_auth_method, "client_secret_post");
});

test("connected apps are listed page by page", async () => {
  await using own = await testServer();
  const sub = await own.addUser("ada");
  const { store } = own.server;
  for (let i = 0; i < 60; i += 1) {
    const { client_id } = await own.addClient({ ...WEB, client_name: `App no ${i}.` });
    const used_at = own.now() - Math.floor(i / 7);
    await grantWith(
      store,
      sampleGrant({ sub, client_id }),
      sampleConsent({ sub, client_id, used_at }),
    );
  }
  const browser = await signIn("ada", own);
  const names = ({ html }: Page) =>
    [...html.matchAll(/<bdi>(App no \d+\.)<\/bdi>/g)].map(([, name]) => name);
  const first = await browser.get("/account");
  const [, more = ""] = /href="([^"]*after=[^"]*)"/.exec(first.html) ?? [];
  const second = await browser.get(unescapeHtml(more));
  assert.equal(new Set(names(first)).size, 50);
  assert.equal(new Set([...names(first), ...names(second)]).size, 60);
  assert.doesNotMatch(withoutFoot(second.html), /after=/);
  const unknown = await browser.get("/account?after=nobody");
  assert.equal(withoutFoot(unknown.html), withoutFoot(first.html));
});
