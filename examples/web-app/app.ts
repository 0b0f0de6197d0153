/** A web app: everybody sees the front page, and people who are signed in see their profile. */
import express, { type Express } from "express";
import { type AuthOptions, createAuth, memoryStore } from "valetkey/client/web";
import { recover, express as withAuth } from "valetkey/client/web/express";

export function createApp(options: AuthOptions): Express {
  const scope = "openid profile email offline_access";
  const auth = createAuth({ ...options, scope, session: { store: memoryStore() } });
  const app = express().use(withAuth(auth));

  app.get("/", async (req, res) => {
    const links = (await req.auth.user())
      ? `<form method="post" action="/auth/logout"><button>Sign out</button></form>`
      : `<a href="/auth/login">Sign in</a>`;
    res.send(`<h1>Web app</h1><a href="/profile">Your profile</a> ${links}`);
  });

  app.get("/profile", async (req, res) => {
    const user = await req.auth.user();
    if (!user) return req.auth.login(); // and back to this page
    // The access token of the person goes along, refreshed when it is about to expire.
    const told = await req.auth.fetch(`${user.issuer}/userinfo`);
    res.json({ user, told: await told.json() });
  });

  // A person whose session ended meanwhile signs in, and comes back to the page.
  return app.use(recover);
}
