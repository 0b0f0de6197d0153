/** The body of a request of MCP: a message of JSON-RPC 2.0, or several. */
import { isJsonObject } from "../../oauth/json.ts";

/** The scopes that a tool needs, by its name. */
export type Tools = Record<string, string[]>;

/** Bytes. The SDK reads as much. */
const MOST = 4_194_304;

/** The parsed body, or the answer to one that can't be read. It may be any JSON: the handler judges it. */
export async function readMessage(request: Request): Promise<unknown> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = request.body?.getReader();
  let size = 0;
  for (let next = await reader?.read(); next?.value; next = await reader?.read()) {
    size += next.value.byteLength;
    if (size > MOST) {
      await reader?.cancel();
      return refused(413, -32_600, `the request has more than ${MOST} bytes`);
    }
    parts.push(next.value);
  }
  try {
    return JSON.parse(await new Blob(parts).text());
  } catch {
    // A handler that read it in another way would run tools that were not looked up.
    return refused(400, -32_700, "the request is no JSON");
  }
}

/** The scopes that the tools need which a message, or a batch of them, calls. */
export function scopesOf(body: unknown, tools: Tools): string[] {
  const scopes = new Set<string>();
  for (const message of Array.isArray(body) ? body : [body]) {
    if (!isJsonObject(message) || message.method !== "tools/call") continue;
    const name = isJsonObject(message.params) ? message.params.name : undefined;
    if (typeof name !== "string" || !Object.hasOwn(tools, name)) continue;
    for (const scope of tools[name] ?? []) scopes.add(scope);
  }
  return [...scopes];
}

const refused = (status: number, code: number, message: string): Response =>
  Response.json(
    { jsonrpc: "2.0", id: null, error: { code, message } },
    { status, headers: { "cache-control": "no-store" } },
  );
