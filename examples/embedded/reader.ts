/** Reader: another company's app. It knows Notebook by its address, and never sees a password. */
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { createClient } from "valetkey/client";

export interface ReaderOptions {
  origin: string;
  /** The issuer, and the API that belongs to it. */
  notebook: { issuer: string; api: string };
  credentials: { clientId: string; clientSecret: string };
}

export function createReader({ origin, notebook, credentials }: ReaderOptions): Hono {
  const app = new Hono();
  const client = createClient({ issuer: notebook.issuer, ...credentials });
  const redirectUri = `${origin}/callback`;

  app.get("/", (c) => c.html(html`<h1>Reader</h1><a href="/connect">Read from Notebook</a>`));

  app.get("/connect", async (c) => {
    const begun = await client.begin({ redirectUri, scope: "openid profile notes.read" });
    const path = "/callback";
    setCookie(c, "begun", JSON.stringify(begun), { path, httpOnly: true, sameSite: "Lax" });
    return c.redirect(begun.url.href);
  });

  app.get("/callback", async (c) => {
    const begun = getCookie(c, "begun");
    if (begun === undefined) throw new Error("It began in another browser.");
    const tokens = await client.finish(new URL(c.req.url), JSON.parse(begun));
    const { name } = await client.user(tokens);
    const authorization = `Bearer ${tokens.accessToken}`;
    const answer = await fetch(`${notebook.api}/notes`, { headers: { authorization } });
    const notes: unknown = await answer.json();
    return c.html(
      html`<h1>Notes of ${name}</h1>
        <ul>
          ${[notes].flat().map((note) => html`<li>${note}</li>`)}
        </ul>`,
    );
  });

  // Also when the person refused.
  app.onError((error, c) => c.html(html`<h1>Not connected</h1><p>${error.message}</p>`, 400));

  return app;
}
