/** Starts the app, its API, and an issuer in memory. Yours is registered at your issuer instead. */
import { writeFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { startIssuer } from "valetkey/testing";
import { createServer } from "vite";
import { createApi } from "./api.ts";

const { PORT = "5173", API_PORT = "3000" } = process.env;
const origin = `http://localhost:${PORT}`;
const audience = `http://localhost:${API_PORT}`;
const issuer = await startIssuer({
  people: "ask",
  config: {
    scopes: { notes: "Read and write your notes" },
    resources: { [audience]: { name: "Notes", scopes: ["notes"] } },
  },
});
// Public: a page can keep no secret.
const { client_id } = await issuer.addClient({
  ...{ client_name: "Notes", token_endpoint_auth_method: "none" },
  redirect_uris: [`${origin}/`],
  post_logout_redirect_uris: [`${origin}/`],
});

const api = createApi({ issuer: issuer.issuer, audience, origin });
serve({ fetch: api.fetch, hostname: "localhost", port: Number(API_PORT) });

// Vite hands these to the app.
const settings = { VITE_ISSUER: issuer.issuer, VITE_CLIENT_ID: client_id, VITE_API: audience };
const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
writeFileSync(".env", lines.join(""));
const vite = await createServer({
  logLevel: "warn",
  server: { host: "localhost", port: Number(PORT), strictPort: true },
});
await vite.listen();

console.log(`Notes  ${origin}     sign in as ada, password ${issuer.password}`);
