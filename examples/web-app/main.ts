/** Starts the app, and an issuer in memory. Your app gets the address of your issuer, and an id and a secret from it. */
import { randomBytes } from "node:crypto";
import { startIssuer } from "valetkey/testing";
import { createApp } from "./app.ts";

const { PORT = "3000" } = process.env;
const origin = `http://localhost:${PORT}`;
const issuer = await startIssuer({ people: "ask" });
const { client_id, client_secret = "" } = await issuer.addClient({
  client_name: "Web app",
  redirect_uris: [`${origin}/auth/callback`],
  post_logout_redirect_uris: [`${origin}/`],
});

const app = createApp({
  secret: randomBytes(32).toString("base64"), // a fixed one keeps sessions over a restart
  issuer: issuer.issuer,
  clientId: client_id,
  clientSecret: client_secret,
});
app.listen(Number(PORT), "localhost");

console.log(`Web app  ${origin}     sign in as ada, password ${issuer.password}`);
