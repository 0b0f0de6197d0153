/** `session.mcp()` with the client of the official SDK, against a guarded MCP server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { createClient } from "../../../src/sdk/client/client.ts";
import { openSession } from "../../../src/sdk/client/terminal/terminal.ts";
import { mcp } from "../../../src/sdk/resource_server/mcp.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { listening } from "../web/listening.ts";
import { APP, CLIENT, environment, stateHome, storageIn, stored } from "./scene.ts";

function notes(): McpServer {
  const server = new McpServer({ name: "notes", version: "1.0.0" });
  server.registerTool("whose_notes", { description: "Whose notes these are" }, (ctx) => ({
    content: [{ type: "text", text: `notes of ${ctx.http?.authInfo?.extra?.sub}` }],
  }));
  return server;
}

test("an agent calls a tool as the person, with a new token when the server refuses one", async (t) => {
  await using http = await listening();
  const audience = `${http.origin}/mcp`;
  await using server = await startIssuer({
    clients: [CLIENT],
    config: {
      scopes: { "notes.read": "Read your notes" },
      resources: { [audience]: { name: "Notes", scopes: ["notes.read"] } },
    },
  });
  const { issuer } = server;
  const app = createClient({ issuer, clientId: "app" });
  const scope = "openid offline_access notes.read";
  const begun = await app.begin({
    ...{ redirectUri: "http://127.0.0.1/callback", scope, resource: audience },
  });
  const answer = await fetch(begun.url, { redirect: "manual" });
  const tokens = await app.finish(new URL(answer.headers.get("location") ?? ""), begun);
  const home = stateHome();
  environment(t, { XDG_STATE_HOME: home });
  const session = stored(issuer, tokens.refreshToken ?? "");
  await storageIn(home).change(({ add }) => add(session));

  const guarded = mcp({ issuer, audience, scopes: ["notes.read"] }, createMcpHandler(notes));
  const refused = new Set<string | null>();
  http.serve(async (request: Request) =>
    refused.has(request.headers.get("authorization"))
      ? new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } })
      : guarded(request),
  );
  const options = {
    app: APP,
    issuer,
    clientId: "app",
    storage: "file",
    resource: audience,
  } as const;
  const opened = await openSession(options);
  assert.ok(opened);
  const client = new Client({ name: "agent", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(new URL(audience), {
    authProvider: opened.mcp(),
  });
  await client.connect(transport);
  const first = await opened.token();
  const { sub } = JSON.parse(Buffer.from(first.split(".")[1] ?? "", "base64url").toString());
  const call = async () => (await client.callTool({ name: "whose_notes" })).content;
  assert.deepEqual(await call(), [{ type: "text", text: `notes of ${sub}` }]);
  refused.add(`Bearer ${first}`);
  assert.deepEqual(await call(), [{ type: "text", text: `notes of ${sub}` }]);
  assert.notEqual(await opened.token(), first);
  await client.close();
});
