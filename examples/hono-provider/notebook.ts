/** Notebook: a small product that is an OAuth provider for other apps. */
import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { html } from "hono/html";
import { createAuthorizationServer, type Users } from "valetkey";
import { protect, type WithSub } from "./protect.ts";

export function createNotebook({ origin, people }: { origin: string; people: Users }) {
  const api = `${origin}/api`;
  const provider = createAuthorizationServer({
    issuer: origin,
    database: "sqlite::memory:", // "sqlite:notebook.sqlite" keeps what people agreed to
    users: people,
    sign_up: true,
    your_apps: "everyone",
    scopes: { "notes.read": "Read your notes", "notes.write": "Write notes for you" },
    resources: { [api]: { name: "Notebook", scopes: ["notes.read", "notes.write"] } },
    theme: { product_name: "Notebook", accent: "#0b7a4b" },
  });

  const notes = new Map<string, string[]>();
  const may = protect(provider, api);
  const app = new Hono<WithSub>();

  app.get("/", (c) => c.html(frontPage));

  app.get("/api/notes", may("notes.read"), (c) => c.json(notes.get(c.var.sub) ?? []));

  app.post("/api/notes", may("notes.write"), async (c) => {
    notes.set(c.var.sub, [...(notes.get(c.var.sub) ?? []), await c.req.text()]);
    return c.json(notes.get(c.var.sub), 201);
  });

  // All other paths belong to the provider: its pages, its endpoints, its metadata.
  app.all("*", (c) => provider.fetch(c.req.raw, { address: getConnInfo(c).remote.address }));

  return { app, provider, api, notes };
}

const frontPage = html`<!doctype html>
  <html lang="en">
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Notebook</title>
    <body style="font: 1.1rem/1.6 system-ui; max-width: 34rem; margin: 4rem auto; padding: 0 1rem">
      <h1>Notebook</h1>
      <p>Your notes, and the apps that you let in.</p>
      <p>
        <a href="/account">Your account</a> · <a href="/account/apps">Make an app for Notebook</a>
      </p>
    </body>
  </html>`;
