/** The first lines of docs/mcp.md, pasted into a terminal: a server that an unknown MCP client can use at once. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { demoBrowser } from "./support/demo_browser.ts";
import { blocksOf } from "./support/pasted.ts";
import { freePort } from "./support/postgres.ts";
import { PASSWORD } from "./support/server.ts";
import { stranger } from "./support/stranger.ts";

test("docs/mcp.md begins with a server that an unknown client can use at once", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-mcp-"));
  const site = await stranger();
  const [document = ""] = blocksOf("docs/mcp.md", "json");
  const { client_id: published, ...members } = JSON.parse(document);
  const client_id = `${site.origin}/client.json`;
  site.publish("/client.json", { client_id, ...members });
  const port = String(await freePort());
  const [first = ""] = blocksOf("docs/mcp.md", "sh");
  assert.equal(first.trim().split("\n").length, 10);
  assert.match(first, /"correct horse battery"/);
  const mine = first
    .replaceAll("4000", port)
    .replaceAll(published, client_id)
    .replaceAll("valetkey start", `valetkey start --port ${port} --allow-private-fetch`);
  const main = `exec ${process.execPath} ${resolve("src/cli/main.ts")} "$@"`;
  writeFileSync(join(folder, "valetkey"), `#!/bin/sh\n${main}\n`, { mode: 0o755 });
  const PATH = `${folder}:${process.env.PATH}`;
  const shell = spawn("bash", ["-c", mine], {
    cwd: folder,
    env: { PATH, HOME: folder },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(async () => {
    // The server goes on in the background of that shell.
    if (shell.pid) process.kill(-shell.pid, "SIGKILL");
    await site.close();
    rmSync(folder, { recursive: true });
  });
  let said = "";
  for await (const text of shell.stdout) {
    said += text;
    if (/code_challenge_method=S256\n/.test(said)) break;
  }
  assert.ok(said.includes("authorize"), said);
  assert.match(said, /"client_id_metadata_document_supported":true/);
  const [address = ""] = /^http:\S*\/authorize\S*$/m.exec(said) ?? [];
  const browser = demoBrowser();
  const sign_in = await browser.get(address);
  assert.match(sign_in.text, /Claude Code/);
  const consent = await browser.submit(sign_in, "/sign-in", {
    username: "ada",
    password: PASSWORD,
  });
  assert.match(consent.text, /Read your notes/);
  assert.match(consent.text, /Only the address above is certain/);
});
