/** `npm run example -- embedded`: what its README tells people to do. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { type Client, createClient } from "../../src/sdk/client/client.ts";
import { authenticator } from "../support/authenticator.ts";
import { type TestBrowser, testBrowser } from "../support/browser.ts";
import {
  checkDependencies,
  checkEnd,
  checkTypes,
  examplePort,
  startExample,
} from "../support/example.ts";
import { addPasskey, signInByPasskey } from "../support/passkeys.ts";

const CALLBACK = "https://scribe.example/callback";
const PASSWORD = "correct horse battery";
const [PORT, READER_PORT] = [await examplePort(), await examplePort()];
const [origin, reader] = [`http://localhost:${PORT}`, `http://localhost:${READER_PORT}`];
const example = await startExample("embedded", { env: { PORT, READER_PORT }, until: "Reader  " });
after(() => example.stop());

test("it is a project of its own that has the packed package", () => {
  checkDependencies(example, "embedded");
  checkTypes(example);
});

test("a person of the app signs in, agrees, and another app reads their notes", async () => {
  const connect = await fetch(`${reader}/connect`, { redirect: "manual" });
  const cookie = connect.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const browser = visitor();
  const sign_in = await browser.get(connect.headers.get("location") ?? "");
  assert.match(sign_in.html, /Notebook/);
  const consent = await browser.signIn(sign_in, "Ada", PASSWORD);
  assert.match(consent.html, /Reader/);
  assert.match(consent.html, /Read your notes/);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  assert.equal(back.url.origin + back.url.pathname, `${reader}/callback`);
  const page = await (await fetch(back.url, { headers: { cookie } })).text();
  assert.match(page, /Notes of Ada Lovelace/);
  assert.match(page, /Buy brass gears/);
  const stranger = await fetch(back.url);
  assert.equal(stranger.status, 400);

  const apps = await browser.get("/account");
  assert.match(apps.html, /Reader/);
});

test("a new person registers an app, which writes to the API and may not read", async () => {
  const browser = visitor();
  const page = await browser.get("/sign-up");
  const fields = { username: "Grace", name: "Grace Hopper", password: "a moth in the relay" };
  const account = await browser.submit(page, fields, "/sign-up");
  assert.equal(account.url.pathname, "/account");
  assert.equal(
    table().prepare("SELECT name FROM person WHERE login = 'grace'").get()?.name,
    fields.name,
  );
  const app = await register(browser);
  const begun = await app.begin({ redirectUri: CALLBACK, scope: "openid notes.write" });
  const consent = await browser.get(begun.url.href);
  assert.match(consent.html, /Write notes for you/);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const { accessToken } = await app.finish(back.url, begun);
  const headers = { authorization: `Bearer ${accessToken}` };
  const write = await fetch(`${origin}/api/notes`, { method: "POST", headers, body: "Oil it" });
  assert.deepEqual([write.status, await write.json()], [201, ["Oil it"]]);
  assert.match(
    await refusal(headers),
    /^403 Bearer error="insufficient_scope".* scope="openid notes.write notes.read"/,
  );
});

test("a person adds a passkey and signs in with it, and nothing is left when they leave", async () => {
  const browser = visitor();
  const fields = { username: "ida", name: "Ida", password: PASSWORD };
  await browser.submit(await browser.get("/sign-up"), fields, "/sign-up");
  const device = authenticator(origin);
  const passkey = await addPasskey(browser, device);
  const other = visitor();
  const in_by_passkey = await signInByPasskey(other, await other.get("/sign-in"), device, [
    passkey,
  ]);
  assert.equal(in_by_passkey.url.pathname, "/account");
  const app = await register(browser);
  const begun = await app.begin({ redirectUri: CALLBACK, scope: "openid notes.write" });
  const consent = await other.get(begun.url.href);
  const back = await other.submit(consent, { decision: "allow" }, "/consent");
  const { accessToken } = await app.finish(back.url, begun);
  const headers = { authorization: `Bearer ${accessToken}` };
  const left = await fetch(`${origin}/api/me`, { method: "DELETE", headers });
  assert.equal(left.status, 204);
  assert.equal((await other.get("/account")).url.pathname, "/sign-in");
  const late = visitor();
  const gone = await signInByPasskey(late, await late.get("/sign-in"), device, [passkey]);
  assert.match(gone.html, /not known here/);
});

test("a name is taken once", async () => {
  const fields = { username: "ADA", name: "Another", password: PASSWORD };
  const again = await visitor().submit(await visitor().get("/sign-up"), fields, "/sign-up");
  assert.notEqual(again.status, 200);
});

test("a person who is blocked in the app's table can't sign in", async () => {
  const fields = { username: "mallory", name: "Mallory", password: PASSWORD };
  const first = visitor();
  await first.submit(await first.get("/sign-up"), fields, "/sign-up");
  assert.equal((await first.get("/account")).url.pathname, "/account");
  table().exec("UPDATE person SET blocked = 1 WHERE login = 'mallory'");
  assert.equal((await first.get("/account")).url.pathname, "/sign-in");
  const browser = visitor();
  const page = await browser.signIn(await browser.get("/sign-in"), "mallory", PASSWORD);
  assert.notEqual(page.status, 200);
});

test("the API refuses requests without a token, and with a wrong one", async () => {
  assert.match(await refusal({}), /^401 Bearer .*scope="notes.read"/);
  assert.match(
    await refusal({ authorization: "Bearer x.y.z" }),
    /^401 Bearer error="invalid_token"/,
  );
});

test("the app's own page stands beside the provider's", async () => {
  assert.match(await (await fetch(origin)).text(), /Make an app for Notebook/);
  assert.equal((await fetch(`${origin}/.well-known/openid-configuration`)).status, 200);
  assert.equal((await fetch(`${origin}/nowhere`)).status, 404);
});

test("it ends when it is told to", () => checkEnd(example));

async function refusal(headers: Record<string, string>): Promise<string> {
  const answer = await fetch(`${origin}/api/notes`, { headers });
  return `${answer.status} ${answer.headers.get("www-authenticate")}`;
}

/** Fills in the page “Your apps”. */
async function register(browser: TestBrowser): Promise<Client> {
  const form = { action: "/account/apps", having: { intent: "register" } };
  const fields = { name: "Scribe", site: "", redirect_uris: CALLBACK, kind: "web" };
  const { html } = await browser.submit(
    await browser.get("/account/apps?view=register"),
    fields,
    form,
  );
  const shown = (id: string) => new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(html)?.[1] ?? "";
  const [clientId, clientSecret] = [shown("client-id"), shown("client-secret")];
  return createClient({ issuer: origin, clientId, clientSecret });
}

const visitor = () =>
  testBrowser({ issuer: origin, fetch: (request) => fetch(request, { redirect: "manual" }) });

const table = () => new DatabaseSync(join(example.folder, "people.sqlite"));
