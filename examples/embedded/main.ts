/** Notebook: a small product that is an OAuth provider for other apps. */
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { html } from "hono/html";
import { createAuthorizationServer } from "valetkey";
import { type Access, protect } from "valetkey/resource-server";
import { hono, metadata } from "valetkey/resource-server/hono";
import { peopleOf } from "./people.ts";
import { createReader } from "./reader.ts";

const { PORT = "3000", READER_PORT = "3001" } = process.env;
const origin = `http://localhost:${PORT}`;
const api = `${origin}/api`;

const people = peopleOf(new DatabaseSync("people.sqlite"));
const provider = createAuthorizationServer({
  issuer: origin,
  database: "sqlite::memory:", // "sqlite:notebook.sqlite" keeps what people agreed to
  users: people,
  sign_up: true,
  your_apps: "everyone",
  scopes: { "notes.read": "Read your notes", "notes.write": "Write notes for you" },
  // `open`: also for apps that people register.
  resources: { [api]: { name: "Notebook", scopes: ["notes.read", "notes.write"], open: true } },
  theme: { product_name: "Notebook", accent: "#0b7a4b" },
});

const notes = new Map<string, string[]>();
const guard = protect({ issuer: origin, audience: api });
const may = (scope: string) => hono(guard, { scopes: [scope] });
const app = new Hono<{ Variables: { access: Access } }>();

app.get("/", (c) =>
  c.html(html`<!doctype html>
    <title>Notebook</title>
    <h1>Notebook</h1>
    <a href="/account">Your account</a> · <a href="/account/security">Passkeys and security</a> · <a href="/account/apps">Make an app for Notebook</a>`),
);

app.use(metadata(guard));

app.get("/api/notes", may("notes.read"), (c) => c.json(notes.get(c.var.access.sub) ?? []));

app.post("/api/notes", may("notes.write"), async (c) => {
  const { sub } = c.var.access;
  notes.set(sub, [...(notes.get(sub) ?? []), await c.req.text()]);
  return c.json(notes.get(sub), 201);
});

// The person leaves Notebook. The provider is told, so that sessions, access of apps and passkeys end, too.
app.delete("/api/me", may("notes.write"), async (c) => {
  const { sub } = c.var.access;
  people.remove(sub);
  notes.delete(sub);
  await provider.people.removed(sub);
  return c.body(null, 204);
});

// All other paths belong to the provider: its pages, its endpoints, its metadata.
app.all("*", (c) => provider.fetch(c.req.raw, { address: getConnInfo(c).remote.address }));

const password = "correct horse battery";
const role = { is_admin: false, only_as_first: false };
await people.create({ username: "ada", name: "Ada Lovelace", password, ...role });
const ada = await people.findByLogin("ada");
if (ada) notes.set(ada.sub, ["Buy brass gears", "The engine weaves patterns"]);
serve({ fetch: app.fetch, hostname: "localhost", port: Number(PORT) });

// Reader is another company's app. Its developer would register it at /account/apps.
const readerOrigin = `http://localhost:${READER_PORT}`;
const { client_id, client_secret = "" } = await provider.registerClient({
  client_name: "Reader",
  client_uri: readerOrigin,
  redirect_uris: [`${readerOrigin}/callback`],
});
const reader = createReader({
  origin: readerOrigin,
  notebook: { issuer: origin, api },
  credentials: { clientId: client_id, clientSecret: client_secret },
});
serve({ fetch: reader.fetch, hostname: "localhost", port: Number(READER_PORT) });

console.log(`Notebook  ${origin}`);
console.log(`Reader    ${readerOrigin}     sign in as ada, password ${password}`);
