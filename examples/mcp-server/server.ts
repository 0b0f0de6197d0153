/** An MCP server for the notes of people. Agents call its tools with access tokens of the issuer. */
import { createMcpHandler, McpServer, type ServerContext } from "@modelcontextprotocol/server";
import { mcp } from "valetkey/resource-server/mcp";
import { z } from "zod";

export function createServer({ issuer, audience }: { issuer: string; audience: string }) {
  const options = { issuer, audience, name: "Notes", scopes: ["notes.read"] };
  // These tools need more. The others need `scopes` only.
  const tools = { write_note: ["notes.write"] };
  return mcp({ ...options, tools }, createMcpHandler(notesServer));
}

/** By person: notes of one are never shown to another. */
const notes = new Map<string, string[]>();
const personOf = ({ http }: ServerContext) => String(http?.authInfo?.extra?.sub);

/** It knows nothing of tokens: requests arrive here only if they may. */
function notesServer(): McpServer {
  const server = new McpServer({ name: "notes", version: "1.0.0" });

  server.registerTool("list_notes", { description: "All notes of the person" }, (context) =>
    text(notes.get(personOf(context))?.join("\n") ?? "no notes"),
  );

  const inputSchema = z.object({ note: z.string() });
  server.registerTool(
    "write_note",
    { description: "Write a note", inputSchema },
    ({ note }, context) => {
      const person = personOf(context);
      notes.set(person, [...(notes.get(person) ?? []), note]);
      return text(`written: ${note}`);
    },
  );

  return server;
}

const text = (words: string) => ({ content: [{ type: "text" as const, text: words }] });
