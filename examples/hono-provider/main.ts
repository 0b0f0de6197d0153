/** `npm run example:hono`: Notebook on port 3000, Reader on port 3001, and Ada, who has two notes. */
import { DatabaseSync } from "node:sqlite";
import { serve } from "@hono/node-server";
import { createNotebook } from "./notebook.ts";
import { peopleOf } from "./people.ts";
import { createReader } from "./reader.ts";

const [origin, reader] = ["http://localhost:3000", "http://localhost:3001"];
const password = "correct horse battery";

const people = peopleOf(new DatabaseSync(":memory:"));
const role = { is_admin: false, only_as_first: false };
const ada = await people.create({ username: "ada", name: "Ada Lovelace", password, ...role });

const { app, provider, api, notes } = createNotebook({ origin, people });
if (ada !== "taken") notes.set(ada.sub, ["Buy brass gears", "The engine weaves patterns"]);
const credentials = await provider.registerClient({
  client_name: "Reader",
  client_uri: reader,
  redirect_uris: [`${reader}/callback`],
});

serve({ fetch: app.fetch, hostname: "localhost", port: 3000 });
const notebook = { issuer: provider.issuer, api };
serve({
  fetch: createReader({ origin: reader, notebook, credentials }).fetch,
  hostname: "localhost",
  port: 3001,
});

console.log(`Notebook  ${origin}`);
console.log(`Reader    ${reader}     sign in as ada, password ${password}`);
