/** An editor shows for each key of the configuration what it means, its default and its unit. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { hoverSource } from "../tools/config_hover.ts";

test("src/config_hover.ts says what docs/configuration.md says", () => {
  const written = readFileSync("src/config_hover.ts", "utf8");
  const expected = hoverSource(readFileSync("docs/configuration.md", "utf8"));
  assert.equal(written, expected, "node tools/config_hover.ts writes it anew");
});

const CONFIGURATION = `import { defineConfig } from "./config.ts";
export default defineConfig({
  issuer: "https://id.example",
  lifetimes: { access_token: 300 },
  resources: { "https://api.example": { name: "API", open: true } },
  sign_up: true,
  isuer: "https://id.example",
});
`;

test("people 13: a language server shows them, and still finds an unknown key", async () => {
  const uri = pathToFileURL(resolve("src/unsaved_configuration.ts")).href;
  const server = languageServer();
  try {
    await server.ask("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(resolve(".")).href,
      capabilities: { textDocument: { hover: { contentFormat: ["plaintext"] } } },
    });
    server.tell("initialized", {});
    const textDocument = { uri, languageId: "typescript", version: 1, text: CONFIGURATION };
    server.tell("textDocument/didOpen", { textDocument });
    for (const [key, shown] of [
      ["issuer", /reach the server.*Default/s],
      ["access_token", /Seconds\. .*Default: `600`/s],
      ["open", /registered themselves.*Default: `false`/s],
      ["sign_up", /Whether visitors may create an account/],
    ] as const) {
      const before = CONFIGURATION.slice(0, CONFIGURATION.indexOf(`${key}:`)).split("\n");
      const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
      const found = await server.ask("textDocument/hover", { textDocument: { uri }, position });
      assert.match(JSON.stringify(found), shown, key);
    }
    const problems = await server.ask("textDocument/diagnostic", { textDocument: { uri } });
    assert.match(JSON.stringify(problems), /'isuer' does not exist/);
  } finally {
    server.stop();
  }
});

/** The language server of the compiler (Language Server Protocol 3.17, over stdio). */
function languageServer() {
  const server = spawn("node_modules/.bin/tsc", ["--lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const waiting = new Map<number, (result: unknown) => void>();
  let received = Buffer.alloc(0);
  let count = 0;
  const send = (message: object) => {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  server.stdout.on("data", (data: Buffer) => {
    received = Buffer.concat([received, data]);
    for (;;) {
      const end = received.indexOf("\r\n\r\n");
      const head = received.subarray(0, Math.max(end, 0)).toString();
      const length = Number(/Content-Length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      if (end < 0 || !(received.length >= end + 4 + length)) return;
      const body = received.subarray(end + 4, end + 4 + length).toString();
      received = received.subarray(end + 4 + length);
      const { id, method, result } = JSON.parse(body);
      // Its own questions, such as for settings, have no answer here.
      if (method !== undefined && id !== undefined) send({ id, result: null });
      else waiting.get(id)?.(result);
    }
  });
  return {
    tell: (method: string, params: object) => send({ method, params }),
    ask: (method: string, params: object) =>
      new Promise<unknown>((done) => {
        count += 1;
        waiting.set(count, done);
        send({ id: count, method, params });
      }),
    stop: () => server.kill(),
  };
}
