import assert from "node:assert/strict";
import { createServer } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import { testBrowser } from "../../test/support/browser.ts";
import { basic } from "../../test/support/flow.ts";
import { createNotebook } from "./notebook.ts";
import { peopleOf } from "./people.ts";
import { createReader } from "./reader.ts";

const PASSWORD = "correct horse battery";
const notebookServer = createServer();
const readerServer = createServer();
const db = new DatabaseSync(":memory:");
const people = peopleOf(db);

let origin: string;
let reader: string;
let notebook: ReturnType<typeof createNotebook>;

before(async () => {
  [origin, reader] = await Promise.all([listen(notebookServer), listen(readerServer)]);
  notebook = createNotebook({ origin, people });
  notebookServer.on("request", getRequestListener(notebook.app.fetch));
  const redirect_uris = [`${reader}/callback`];
  const { provider, api, notes } = notebook;
  const credentials = await provider.registerClient({ client_name: "Reader", redirect_uris });
  const options = { origin: reader, notebook: { issuer: origin, api }, credentials };
  readerServer.on("request", getRequestListener(createReader(options).fetch));
  notes.set(await addPerson("ada", "Ada Lovelace"), ["Buy brass gears"]);
});

after(async () => {
  for (const server of [notebookServer, readerServer]) {
    server.close();
    server.closeAllConnections();
  }
  await notebook.provider.close();
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

  const apps = await browser.get("/account");
  assert.match(apps.html, /Reader/);
});

test("the API refuses what is no token, and what has another scope", async () => {
  const { provider, api } = notebook;
  const none = await fetch(`${api}/notes`);
  assert.equal(none.status, 401);
  assert.equal(none.headers.get("www-authenticate"), 'Bearer scope="notes.read"');

  const wrong = await fetch(`${api}/notes`, { headers: { authorization: "Bearer x.y.z" } });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers.get("www-authenticate"), 'Bearer error="invalid_token"');

  const job = await provider.registerClient({ grant_types: ["client_credentials"] });
  const { client_id, client_secret = "" } = job;
  const body = new URLSearchParams({ grant_type: "client_credentials", scope: "notes.write" });
  const headers = { authorization: basic({ client_id, client_secret }) };
  const answer = await fetch(`${origin}/token`, { method: "POST", headers, body });
  const { access_token }: { access_token: string } = JSON.parse(await answer.text());
  const bearer = { authorization: `Bearer ${access_token}` };
  const read = await fetch(`${api}/notes`, { headers: bearer });
  assert.equal(read.status, 403);
  assert.match(read.headers.get("www-authenticate") ?? "", /insufficient_scope/);
  const write = await fetch(`${api}/notes`, { method: "POST", headers: bearer, body: "Oil it" });
  assert.deepEqual([write.status, await write.json()], [201, ["Oil it"]]);
});

test("who signs up on the pages is a person of the app", async () => {
  const browser = visitor();
  const page = await browser.get("/sign-up");
  const fields = { username: "Grace", name: "Grace Hopper", password: "a moth in the relay" };
  const account = await browser.submit(page, fields, "/sign-up");
  assert.equal(account.url.pathname, "/account");
  const row = db.prepare("SELECT name FROM person WHERE login = 'grace'").get();
  assert.equal(row?.name, "Grace Hopper");
  const again = await visitor().submit(await visitor().get("/sign-up"), fields, "/sign-up");
  assert.notEqual(again.status, 200);
});

test("who is blocked in the app's table can't sign in", async () => {
  await addPerson("mallory", "Mallory");
  db.exec("UPDATE person SET blocked = 1 WHERE login = 'mallory'");
  const browser = visitor();
  const page = await browser.signIn(await browser.get("/sign-in"), "mallory", PASSWORD);
  assert.notEqual(page.status, 200);
  assert.equal((await browser.get("/account")).url.pathname, "/sign-in");
});

test("the app's own page stands beside the provider's", async () => {
  assert.match(await (await fetch(origin)).text(), /Make an app for Notebook/);
  assert.equal((await fetch(`${origin}/.well-known/openid-configuration`)).status, 200);
  assert.equal((await fetch(`${origin}/nowhere`)).status, 404);
});

const visitor = () =>
  testBrowser({ issuer: origin, fetch: (request) => fetch(request, { redirect: "manual" }) });

async function addPerson(username: string, name: string): Promise<string> {
  const role = { is_admin: false, only_as_first: false };
  const person = await people.create({ username, name, password: PASSWORD, ...role });
  assert.ok(person !== "taken");
  return person.sub;
}

async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  return `http://localhost:${typeof address === "object" ? address?.port : ""}`;
}
