/** people.md 9: after an app is registered its page shows the next step, and no form has its effect twice. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  type Page,
  readForm,
  type TestBrowser,
  testBrowser,
  unescapeHtml,
  VERIFIER,
} from "../support/browser.ts";
import { authorize, post, redeem } from "../support/flow.ts";
import { SNAPS, type TestServer, testServer } from "../support/server.ts";

const server = await testServer({
  your_apps: "everyone",
  resources: { [SNAPS]: { name: "Snaps", scopes: ["photos.read"], open: true } },
});
after(() => server.close());
const ada_sub = await server.addUser("ada");
await server.addUser("grace");

async function signIn(username: string, own: TestServer = server): Promise<TestBrowser> {
  const browser = testBrowser(own);
  await browser.signIn(await browser.get("/sign-in"), username);
  return browser;
}
const ada = await signIn("ada");

const APPS = "/account/apps";
const REGISTER = { action: APPS, having: { intent: "register" } };
const RENEW = { action: APPS, having: { intent: "new_secret" } };
const APP = {
  name: "Printly",
  site: "https://printly.test",
  redirect_uris: "https://printly.test/callback",
  kind: "web",
};
const newForm = (browser = ada): Promise<Page> => browser.get(`${APPS}?view=register`);

const shown = ({ html }: Page, id: string): string =>
  unescapeHtml(new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? "");

const appsOf = (owner_sub = ada_sub) => server.server.store.listClients({ owner_sub, limit: 100 });

/** The same form sent by hand, so that two of them are under way at once. */
function send(browser: TestBrowser, page: Page, choice: typeof REGISTER, fields = {}) {
  const body = new URLSearchParams(readForm(page.html, choice).fields);
  for (const [name, value] of Object.entries(fields)) body.set(name, String(value));
  return browser.request(APPS, { method: "POST", body });
}

test("a device is registered without a redirect URI, and with one it may use a browser too", async () => {
  const device = { name: "Frame", site: "", kind: "device" };
  assert.equal(
    (await ada.submit(await newForm(), { ...device, redirect_uris: "" }, REGISTER)).status,
    201,
  );
  const uri = "http://127.0.0.1/callback";
  const both = await ada.submit(await newForm(), { ...device, redirect_uris: uri }, REGISTER);
  const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
  const registered = await server.server.store.findClient(shown(both, "client-id"));
  assert.deepEqual(registered?.metadata.grant_types, [
    DEVICE,
    "authorization_code",
    "refresh_token",
  ]);
  assert.equal(registered?.metadata.token_endpoint_auth_method, "none");
  const [alone] = (await appsOf()).filter(({ metadata }) => metadata.redirect_uris.length === 0);
  assert.deepEqual(alone?.metadata.grant_types, [DEVICE, "refresh_token"]);
  assert.ok(alone);
  // Its page saves it without an address, too.
  const page = await ada.get(`${APPS}?app=${alone.client_id}`);
  const saved = await ada.submit(
    page,
    { name: "Photo frame" },
    { action: APPS, having: { intent: "update" } },
  );
  assert.match(saved.html, /Your changes are saved/);
});

test("people 9: the page after registering shows every value, a .env block and a program", async () => {
  const page = await ada.submit(await newForm(), APP, REGISTER);
  assert.equal(page.status, 201);
  const [client_id, secret] = [shown(page, "client-id"), shown(page, "client-secret")];
  assert.match(secret, /^vks_/);
  assert.equal(shown(page, "issuer"), server.issuer);
  const discovery = shown(page, "discovery");
  const metadata = await (await server.fetch(new Request(discovery))).text();
  assert.equal(JSON.parse(metadata).issuer, server.issuer);
  assert.equal(
    shown(page, "scope"),
    "openid profile email address phone offline_access photos.read",
  );
  assert.equal(shown(page, "redirect-uri-1"), "https://printly.test/callback");
  assert.deepEqual(shown(page, "env").split("\n"), [
    `OIDC_ISSUER=${server.issuer}`,
    `OIDC_CLIENT_ID=${client_id}`,
    `OIDC_CLIENT_SECRET=${secret}`,
    "OIDC_REDIRECT_URI=https://printly.test/callback",
  ]);
  assert.match(shown(page, "snippet"), /OIDC_CLIENT_SECRET/);
  const later = await ada.get(`${APPS}?app=${client_id}`);
  assert.equal(later.html.includes(secret), false, "the secret is shown once");
  assert.match(shown(later, "env"), /^OIDC_CLIENT_SECRET=$/m);
  assert.match(shown(later, "env"), new RegExp(client_id));
});

test("people 9: a reload of the page after registering shows the same app, without its secret", async () => {
  const form = await newForm();
  const before = (await appsOf()).length;
  const first = await ada.submit(form, APP, REGISTER);
  assert.equal(first.status, 201);
  const again = await ada.submit(form, APP, REGISTER);
  assert.equal(again.status, 200);
  assert.equal(again.url.searchParams.get("app"), shown(first, "client-id"));
  assert.match(again.html, /This form was used before/);
  assert.match(again.html, /make a new one below/);
  assert.equal(again.html.includes(shown(first, "client-secret")), false);
  assert.equal((await appsOf()).length, before + 1);
});

test("people 9: two copies of one form at once register one app", async () => {
  for (let round = 0; round < 5; round += 1) {
    const form = await newForm();
    const before = (await appsOf()).length;
    const answers = await Promise.all([1, 2, 3].map(() => send(ada, form, REGISTER, APP)));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 303, 303]);
    assert.equal((await appsOf()).length, before + 1);
  }
});

test("no link makes the page of an app claim a change", async () => {
  const one = shown(await ada.submit(await newForm(), APP, REGISTER), "client-id");
  const other = shown(await ada.submit(await newForm(), APP, REGISTER), "client-id");
  const edit = await ada.get(`${APPS}?app=${one}`);
  const update = { action: APPS, having: { intent: "update" } };
  const saved = await ada.submit(edit, { name: "Printly 2" }, update);
  assert.match(saved.html, /Your changes are saved/);
  const done = saved.url.searchParams.get("done") ?? "";
  for (const query of [`${one}&done=saved:${one}`, `${one}&done=x`, `${other}&done=${done}`])
    assert.doesNotMatch((await ada.get(`${APPS}?app=${query}`)).html, /are saved|used before/);
});

test("people 9: a form registers no app again that was removed, and none after a day", async () => {
  const form = await newForm();
  const client_id = shown(await ada.submit(form, APP, REGISTER), "client-id");
  const remove = await ada.get(`${APPS}?app=${client_id}&view=remove`);
  await ada.submit(remove, {}, APPS);
  const again = await ada.submit(form, APP, REGISTER);
  assert.equal(again.status, 400);
  assert.match(again.html, /open for too long/);
  assert.match(again.html, /value="Printly"/, "what was typed stays");
  assert.equal(await server.server.store.findClient(client_id), null);
  assert.equal((await ada.submit(again, APP, REGISTER)).status, 201, "the new form works");

  await using own = await testServer({ your_apps: "everyone" });
  await own.addUser("ada");
  const browser = await signIn("ada", own);
  const old = await newForm(browser);
  own.advance(86_401);
  assert.equal((await browser.submit(old, APP, REGISTER)).status, 400);
});

test("people 9: the id of an app comes from this server's form for this person only", async () => {
  const grace = await signIn("grace");
  const theirs = readForm((await newForm(grace)).html, REGISTER).fields;
  const [, sealed = ""] = theirs.find(([name]) => name === "form") ?? [];
  for (const form of [sealed, "", "chosen", '{"client_id":"chosen","expires_at":9999999999}']) {
    const answer = await ada.submit(await newForm(), { ...APP, form }, REGISTER);
    assert.equal(answer.status, 400, form);
  }
});

test("people 9: a reload makes no other secret, nor do two copies of the form at once", async () => {
  const made = await ada.submit(await newForm(), APP, REGISTER);
  const client_id = shown(made, "client-id");
  const secrets = async () => (await server.server.store.findClient(client_id))?.secrets ?? [];
  const form = await ada.get(`${APPS}?app=${client_id}`);
  const first = await ada.submit(form, {}, RENEW);
  const second_secret = shown(first, "client-secret");
  assert.match(second_secret, /^vks_/);
  const before = await secrets();
  const again = await ada.submit(form, {}, RENEW);
  assert.equal(again.html.includes(second_secret), false);
  assert.match(again.html, /This form was used before/);
  assert.deepEqual(await secrets(), before);

  const fresh = await ada.get(`${APPS}?app=${client_id}`);
  const answers = await Promise.all([1, 2, 3].map(() => send(ada, fresh, RENEW)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 303, 303]);
  const [newest, previous] = await secrets();
  assert.equal(previous?.hash, before[0]?.hash, "the secret before is the one that was shown");
  assert.notEqual(newest?.hash, before[0]?.hash);
  const forged = await ada.submit(fresh, { replaces: "" }, RENEW);
  assert.match(forged.html, /This form was used before/);
});

test("people 9: an app chooses between Basic and form; both work, and the choice can be changed", async () => {
  const page = await ada.submit(
    await newForm(),
    { ...APP, auth_method: "client_secret_post" },
    REGISTER,
  );
  const client_id = shown(page, "client-id");
  const find = async () => {
    const record = await server.server.store.findClient(client_id);
    assert.ok(record);
    return record;
  };
  const record = await find();
  assert.equal(record.metadata.token_endpoint_auth_method, "client_secret_post");
  const client = { client_id, client_secret: shown(page, "client-secret"), record };
  const { code } = await authorize(server, client);
  assert.equal((await redeem(server, client, code)).status, 200, "in the header");
  const { code: other = "" } = await authorize(server, client);
  const in_form = await post(server, "/token", {
    grant_type: "authorization_code",
    code: other,
    code_verifier: VERIFIER,
    redirect_uri: "https://printly.test/callback",
    client_id,
    client_secret: client.client_secret,
  });
  assert.equal(in_form.status, 200, "in the form");
  const edit = await ada.get(`${APPS}?app=${client_id}`);
  assert.match(edit.html, /value="client_secret_post" checked/);
  const update = { action: APPS, having: { intent: "update" } };
  await ada.submit(edit, { auth_method: "client_secret_basic" }, update);
  const changed = await find();
  assert.equal(changed.metadata.token_endpoint_auth_method, "client_secret_basic");
  assert.deepEqual(changed.secrets, record.secrets, "the secret stays");
});

test("people 9: apps in the browser and on devices get no secret, whatever else the form says", async () => {
  for (const [kind, redirect_uris, application_type] of [
    ["browser", "https://spa.test/callback", "web"],
    ["browser", "http://localhost:5173/callback", "web"],
    ["native", "http://127.0.0.1/callback", "native"],
    ["native", "com.example.app:/callback", "native"],
  ] as const) {
    const fields = { ...APP, kind, redirect_uris, auth_method: "client_secret_post" };
    const page = await ada.submit(await newForm(), fields, REGISTER);
    assert.equal(page.status, 201, redirect_uris);
    const client = await server.server.store.findClient(shown(page, "client-id"));
    assert.equal(client?.metadata.token_endpoint_auth_method, "none");
    assert.equal(client?.metadata.application_type, application_type);
    assert.doesNotMatch(page.html, /vks_|OIDC_CLIENT_SECRET/);
    const has_snippet = !redirect_uris.startsWith("com.");
    assert.equal(
      shown(page, "snippet") !== "",
      has_snippet,
      "an installed app has no program here",
    );
    const edit = await ada.get(`${APPS}?app=${client?.client_id}`);
    assert.doesNotMatch(edit.html, /new_secret|auth_method/);
  }
});
