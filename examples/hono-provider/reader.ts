/** Reader: another company's app. It knows Notebook by its address, and never sees a password. */
import { Hono } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import * as openid from "openid-client";

export interface ReaderOptions {
  origin: string;
  /** The issuer, and the API that belongs to it. */
  notebook: { issuer: string; api: string };
  credentials: { client_id: string; client_secret?: string };
}

export function createReader({ origin, notebook, credentials }: ReaderOptions): Hono {
  const app = new Hono();
  const { client_id, client_secret } = credentials;
  const discover = () =>
    openid.discovery(
      new URL(notebook.issuer),
      client_id,
      client_secret,
      openid.ClientSecretBasic(client_secret),
      { execute: [openid.allowInsecureRequests] }, // http only on this computer
    );

  app.get("/", (c) => c.html(html`<h1>Reader</h1><a href="/connect">Read from Notebook</a>`));

  app.get("/connect", async (c) => {
    const [state, verifier] = [openid.randomState(), openid.randomPKCECodeVerifier()];
    setCookie(c, "reader", `${state}.${verifier}`, { httpOnly: true, sameSite: "Lax" });
    const parameters = {
      redirect_uri: `${origin}/callback`,
      scope: "openid profile notes.read",
      state,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    };
    return c.redirect(openid.buildAuthorizationUrl(await discover(), parameters).href);
  });

  app.get("/callback", async (c) => {
    const [expectedState = "", pkceCodeVerifier = ""] = (getCookie(c, "reader") ?? "").split(".");
    const config = await discover();
    const checks = { expectedState, pkceCodeVerifier };
    const tokens = await openid.authorizationCodeGrant(config, new URL(c.req.url), checks);
    const { access_token } = tokens;
    const sub = tokens.claims()?.sub ?? "";
    const { name } = await openid.fetchUserInfo(config, access_token, sub);
    const address = new URL(`${notebook.api}/notes`);
    const answer = await openid.fetchProtectedResource(config, access_token, address, "GET");
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
