/** docs/connect/mcp.md with the SDK of both sides, and with mcp-remote. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { demoBrowser } from "../support/demo_browser.ts";
import { freePort } from "../support/postgres.ts";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

const ENDS = 30_000;
let recipe: Recipe;
before(async () => {
  const words = { "3334": String(await freePort()) };
  recipe = await follow("mcp", { folder: cacheOf("mcp"), words });
  await recipe.start("node --env-file=.env server.mjs");
});
after(() => recipe?.close());

/** Runs a client with a stand-in for the browser's program, which writes down the address. */
function run(command: string): { child: ChildProcess; said: () => string } {
  const { folder } = recipe;
  mkdirSync(join(folder, "stand-in"), { recursive: true });
  const opener = `#!/bin/sh\nprintf 'open %s\\n' "$*" >> ${join(folder, "opened")}\n`;
  for (const name of ["xdg-open", "open"])
    writeFileSync(join(folder, "stand-in", name), opener, { mode: 0o755 });
  writeFileSync(join(folder, "opened"), "");
  const PATH = [join(folder, "stand-in"), join(folder, "node_modules/.bin"), process.env.PATH];
  const child = spawn("sh", ["-c", recipe.own(command)], {
    cwd: folder,
    env: { PATH: PATH.join(delimiter), HOME: folder },
    detached: true,
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += text));
  const killed = setTimeout(() => child.pid && process.kill(-child.pid), ENDS);
  child.on("close", () => clearTimeout(killed));
  return { child, said: () => said + readFileSync(join(folder, "opened"), "utf8") };
}

async function until(said: () => string, text: RegExp): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const [, found] = text.exec(said()) ?? [];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no ${text} in: ${said()}`);
}

const ADDRESS = /(https?:\S+\/authorize\?\S+)/;

test("the client of the SDK finds the server, asks the person, and calls a tool", async () => {
  const { said } = run(recipe.commandOf("node --env-file=.env client.mjs"));
  const browser = demoBrowser();
  const back = await signIn(browser, await browser.get(await until(said, ADDRESS)));
  assert.match(back.text, /close this window/);
  assert.match(await until(said, /("text":"notes of [^"]+")/), /notes of \w/);
  assert.deepEqual(recipe.refusals(), []);
});

test("mcp-remote does the same for a local client", async () => {
  const { child, said } = run(recipe.commandOf("npx mcp-remote"));
  const browser = demoBrowser();
  await signIn(browser, await browser.get(await until(said, ADDRESS)));
  const call = (id: number, method: string, params: object) =>
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  const clientInfo = { name: "local", version: "1" };
  call(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  await until(said, /("serverInfo")/);
  call(2, "tools/call", { name: "whose_notes", arguments: {} });
  assert.match(await until(said, /("text":"notes of [^"]+")/), /notes of \w/);
  if (child.pid) process.kill(-child.pid);
  assert.deepEqual(recipe.refusals(), []);
});
