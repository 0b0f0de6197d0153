/** Starts the API, and an issuer in memory, and says how to run the tool. Yours is registered at your issuer instead. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { serve } from "@hono/node-server";
import { startIssuer } from "valetkey/testing";
import { createApi } from "./api.ts";

const { PORT = "3000" } = process.env;
const audience = `http://localhost:${PORT}`;
const issuer = await startIssuer({
  people: "ask",
  config: {
    scopes: { notes: "Read and write your notes" },
    resources: { [audience]: { name: "Notes", scopes: ["notes"] } },
  },
});
// Public: a secret in a tool is known to everybody who has the tool.
const { client_id } = await issuer.addClient({
  ...{ client_name: "Notes", application_type: "native", token_endpoint_auth_method: "none" },
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: [
    ...["authorization_code", "refresh_token"],
    "urn:ietf:params:oauth:grant-type:device_code",
  ],
});

const api = createApi({ issuer: issuer.issuer, audience });
serve({ fetch: api.fetch, hostname: "localhost", port: Number(PORT) });

const settings = { OIDC_ISSUER: issuer.issuer, OIDC_CLIENT_ID: client_id, NOTES_URL: audience };
const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
writeFileSync(".env", lines.join(""));

console.log(`In another terminal:

alias notes='"${process.execPath}" --env-file="${resolve(".env")}" "${resolve("notes.ts")}"'
notes login
notes add Buy brass gears
notes list
notes whoami
notes logout

Sign in as ada, password ${issuer.password}`);
