/** Starts the MCP server, and an issuer in memory. Yours gets the address of your issuer, which gets this configuration. */
import { createInterface } from "node:readline";
import { serve } from "@hono/node-server";
import { startIssuer } from "valetkey/testing";
import { runAgent } from "./agent.ts";
import { createServer } from "./server.ts";

const { PORT = "3000" } = process.env;
const audience = `http://localhost:${PORT}/mcp`;
const issuer = await startIssuer({
  people: "ask",
  config: {
    scopes: { "notes.read": "Read your notes", "notes.write": "Write notes for you" },
    // `open`: also for agents that nobody has registered.
    resources: { [audience]: { name: "Notes", scopes: ["notes.read", "notes.write"], open: true } },
  },
  clients: [
    {
      client_id: "agent",
      client_name: "Agent",
      application_type: "native",
      token_endpoint_auth_method: "none",
      // On this computer, at any port: of agent.ts, and of mcp-remote.
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/oauth/callback"],
    },
  ],
});

const fetch = createServer({ issuer: issuer.issuer, audience });
serve({ fetch, hostname: "localhost", port: Number(PORT) });

console.log(`
MCP server  ${audience}     sign in as ada, password ${issuer.password}

Another client may call it too:
npx mcp-remote@0.15.1 ${audience} 33418 --static-oauth-client-info '{"client_id":"agent"}'

Press Enter to start an agent.`);

for await (const _ of createInterface(process.stdin))
  await runAgent(audience, "agent").catch((error) => console.log(`The agent failed: ${error}`));
