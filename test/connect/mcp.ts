/** docs/connect/mcp.md with the SDK of both sides, and with mcp-remote. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { delimiter, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { startIssuer } from "../../src/testing/testing.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import { project } from "../support/doc_project.ts";
import { freePort } from "../support/postgres.ts";
import { readPage } from "./page.ts";
import { cacheOf } from "./programs.ts";
import { follow, type Recipe, signIn } from "./recipe.ts";

const ENDS = 30_000;
const CERT = resolve("test/vectors/tls/one.crt");
let recipe: Recipe;
/** The site of a client that registers nowhere. */
const site = createServer({
  cert: readFileSync(CERT),
  key: readFileSync("test/vectors/tls/one.key"),
});
let document_url = "";

before(async () => {
  site.listen(await freePort(), "localhost");
  await once(site, "listening");
  const address = site.address();
  document_url = `https://localhost:${typeof address === "object" ? address?.port : 0}/oauth/client.json`;
  const words = {
    "3334": String(await freePort()),
    "https://app.example.com/oauth/client.json": document_url,
  };
  recipe = await follow("mcp", {
    ...{ folder: cacheOf("mcp"), words, start: ["--allow-private-fetch"] },
    server_env: { NODE_EXTRA_CA_CERTS: CERT },
  });
  site.on("request", (_, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        client_id: document_url,
        client_name: "Documented client",
        redirect_uris: ["http://localhost/oauth/callback"],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "none",
      }),
    );
  });
  await recipe.start("node --env-file=.env server.mjs");
  const file = join(recipe.folder, "client.mjs");
  writeFileSync(join(recipe.folder, "client2.mjs"), asVersion2(readFileSync(file, "utf8")));
});
after(async () => {
  await recipe?.close();
  site.closeAllConnections();
  site.close();
});

/** The same client with the other package, as the page says. */
function asVersion2(client: string): string {
  const page = readFileSync("docs/connect/mcp.md", "utf8");
  const [line = ""] = /^import .*"@modelcontextprotocol\/client";$/m.exec(page) ?? [];
  return `${line}\n${client.replaceAll(/^import .*"@modelcontextprotocol\/sdk.*\n/gm, "")}`.replace(
    'finishAuth((await answer()).get("code"))',
    "finishAuth(await answer())",
  );
}

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

/** The command of the page, of the client of either version. */
const WAYS = {
  "with the id of a registered client": "node --env-file=.env client.mjs",
  "by its metadata document": "CLIENT_METADATA_URL=",
  "by registering itself": "node client.mjs",
} as const;

for (const file of ["client.mjs", "client2.mjs"])
  for (const [way, command] of Object.entries(WAYS))
    test(`the client of the SDK (${file}), ${way}, asks the person and calls a tool`, async () => {
      const { child, said } = run(recipe.commandOf(command).replace("client.mjs", file));
      const browser = demoBrowser();
      const back = await signIn(browser, await browser.get(await until(said, ADDRESS)));
      assert.match(back.text, /close this window/);
      assert.match(await until(said, /("text":"notes of [^"]+")/), /notes of \w/);
      if (child.exitCode === null) await once(child, "close");
      assert.deepEqual(recipe.refusals(), []);
    });

for (const [way, words] of Object.entries({
  "that registers itself": "npx mcp-remote http://localhost:3000/mcp",
  "with the id of a registered client": "--static-oauth-client-info",
}))
  test(`mcp-remote ${way} does the same for a local client`, async () => {
    const command = commandWith(words);
    const { child, said } = run(command);
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
    rmSync(join(recipe.folder, ".mcp-auth"), { recursive: true, force: true });
  });

test("mcp-remote calls the server of docs/sdk-mcp.md, and steps up", async (t) => {
  const port = String(await freePort());
  const address = `http://localhost:${port}/mcp`;
  const back = String(await freePort());
  // One that registers itself asks for the scopes of the first challenge only, and the issuer keeps it to them.
  const client = {
    ...{ client_id: "mcp-remote", client_name: "mcp-remote", application_type: "native" as const },
    redirect_uris: [`http://localhost:${back}/oauth/callback`],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  await using issuer = await startIssuer({
    clients: [client],
    config: {
      scopes: { "notes.read": "Read your notes", "notes.write": "Write notes" },
      resources: {
        [address]: { name: "Notes", scopes: ["notes.read", "notes.write"], open: true },
      },
    },
  });
  const folder = project("docs/sdk-mcp.md", {
    "http://localhost:4000": issuer.issuer,
    "3000": port,
  });
  const packages = "node_modules/@modelcontextprotocol";
  symlinkSync(resolve(packages), join(folder, packages));
  const flags = ["--conditions=valetkey-source", "server.ts"];
  const server = spawn(process.execPath, flags, { cwd: folder, stdio: "inherit" });
  t.after(() => server.kill());
  while (!(await fetch(address).catch(() => null)))
    await new Promise((next) => setTimeout(next, 50));

  const { child, said } = run(
    `npx mcp-remote ${address} ${back} --static-oauth-client-info '{"client_id":"mcp-remote"}'`,
  );
  const call = (id: number, method: string, params: object) =>
    child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  const first = await until(said, ADDRESS);
  assert.deepEqual(notesScopes(first), ["notes.read"]);
  await agree(first);
  const clientInfo = { name: "local", version: "1" };
  call(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  await until(said, /("serverInfo")/);
  call(2, "tools/call", { name: "whose_notes", arguments: {} });
  assert.match(await until(said, /("text":"notes of [^"]+")/), /notes of \w/);
  call(3, "tools/call", { name: "write_note", arguments: {} });
  const second = await until(() => said().replaceAll(first, ""), ADDRESS);
  assert.deepEqual(notesScopes(second), ["notes.read", "notes.write"]);
  await agree(second);
  await until(said, /("text":"written")/);
  if (child.pid) process.kill(-child.pid);
  rmSync(join(recipe.folder, ".mcp-auth"), { recursive: true, force: true });
});

/** The person agrees to everything, without a page, as soon as mcp-remote listens: it prints the address before. */
async function agree(address: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (await fetch(address).catch(() => null)) return;
    await new Promise((next) => setTimeout(next, 100));
  }
  throw new Error("mcp-remote does not listen");
}

/** What a client asks for at this API; it may ask for a refresh token, too. */
const notesScopes = (address: string): string[] =>
  (new URL(address).searchParams.get("scope") ?? "")
    .split(" ")
    .filter((scope) => scope.startsWith("notes."))
    .toSorted();

/** The one-line block of the page that has these words, and is no longer than it must be. */
function commandWith(words: string): string {
  const lines = readPage("mcp").shell.flat();
  const found = lines.find((line) =>
    words.startsWith("npx") ? line === words : line.includes(words),
  );
  assert.ok(found, words);
  return found;
}
