/** The code blocks of docs/sdk-mcp.md, with both versions of the official SDK: its servers, and its clients. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import * as v2 from "@modelcontextprotocol/client";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import createExpress from "express";
import { startIssuer } from "../../../src/testing/testing.ts";
import { project } from "../../support/doc_project.ts";
import { freePort } from "../../support/postgres.ts";

const DOC = "docs/sdk-mcp.md";
const CALLBACK = "http://127.0.0.1:33418/callback";
const [port, old_port] = [String(await freePort()), String(await freePort())];
const address = `http://localhost:${port}/mcp`;
const old_address = `http://localhost:${old_port}/mcp`;
const api = { name: "Notes", scopes: ["notes.read", "notes.write"], open: true };
const issuer = await startIssuer({
  clients: [
    {
      ...{ client_id: "mcp-client", client_name: "MCP client", redirect_uris: [CALLBACK] },
      ...{ token_endpoint_auth_method: "none", application_type: "native" },
    },
  ],
  config: {
    scopes: { "notes.read": "Read your notes", "notes.write": "Write notes" },
    resources: { [address]: api, [old_address]: api },
  },
});
const words = { "http://localhost:4000": issuer.issuer, "3001": old_port, "3000": port };
const folder = project(DOC, words);
for (const name of ["@modelcontextprotocol", "@types"])
  symlinkSync(resolve("node_modules", name), join(folder, "node_modules", name));
const server = spawn(process.execPath, ["--conditions=valetkey-source", "server.ts"], {
  cwd: folder,
  stdio: ["ignore", "inherit", "inherit"],
});
after(async () => {
  server.kill();
  await issuer.close();
});
while (!(await fetch(address).catch(() => null))) await new Promise((next) => setTimeout(next, 50));

const load = (file: string) => import(pathToFileURL(join(folder, file)).href);

/** What a client keeps, and the browser of a person who agrees to everything. */
function person() {
  let verifier = "";
  let tokens: v2.OAuthTokens | undefined;
  let found: v2.OAuthDiscoveryState | undefined;
  const asked: string[] = [];
  let answer = new URLSearchParams();
  const provider = {
    redirectUrl: CALLBACK,
    clientMetadata: { redirect_uris: [CALLBACK] },
    clientInformation: () => ({ client_id: "mcp-client", issuer: issuer.issuer }),
    codeVerifier: () => verifier,
    saveCodeVerifier(text: string) {
      verifier = text;
    },
    tokens: () => tokens,
    saveTokens(saved: v2.OAuthTokens) {
      tokens = saved;
    },
    discoveryState: () => found,
    saveDiscoveryState(saved: v2.OAuthDiscoveryState) {
      found = saved;
    },
    async redirectToAuthorization(url: URL) {
      asked.push(url.searchParams.get("scope") ?? "");
      answer = await agree(url);
    },
  };
  return { asked, provider, answer: () => answer };
}

async function agree(url: URL): Promise<URLSearchParams> {
  const answer = await fetch(url, { redirect: "manual" });
  const to = new URL(answer.headers.get("location") ?? "", url);
  return to.href.startsWith(CALLBACK) ? to.searchParams : agree(to);
}

const textOf = (result: object): string => {
  const [first] = Reflect.get(result, "content");
  return first.text;
};

async function sub(): Promise<string> {
  const token = await issuer.tokenFor("ada", { audience: address });
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sub;
}

test("the page begins with ten working lines", () => {
  const [, first = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test("the code blocks compile in a strict project", () => {
  const compilerOptions = { types: ["node"] };
  const config = { extends: resolve("tsconfig.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  const checked = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"]);
  assert.equal(checked.stdout.toString(), "");
});

for (const [mode, version] of [
  ["auto", "2026-07-28"],
  ["legacy", "2025-11-25"],
] as const)
  test(`server.ts: the SDK's client signs a person in, and steps up (revision ${version})`, async () => {
    const { asked, provider, answer } = person();
    const made = () => ({
      client: new v2.Client({ name: "client", version: "1" }, { versionNegotiation: { mode } }),
      transport: new v2.StreamableHTTPClientTransport(new URL(address), { authProvider: provider }),
    });
    const first = made();
    await assert.rejects(first.client.connect(first.transport), v2.UnauthorizedError);
    await first.transport.finishAuth(answer());
    const { client, transport } = made();
    await client.connect(transport);
    assert.equal(client.getNegotiatedProtocolVersion(), version);
    assert.equal(textOf(await client.callTool({ name: "whose_notes" })), `notes of ${await sub()}`);
    await assert.rejects(client.callTool({ name: "write_note" }), v2.UnauthorizedError);
    await transport.finishAuth(answer());
    assert.equal(textOf(await client.callTool({ name: "write_note" })), "written");
    assert.deepEqual(
      asked.map((scope) => scope.split(" ").toSorted()),
      [["notes.read"], ["notes.read", "notes.write"]],
    );
    await client.close();
  });

test("version1.ts: a verifier for the SDK's version 1, and its client", async () => {
  const { app } = await load("version1.ts");
  const http = createServer(app).listen(Number(old_port), "localhost");
  await once(http, "listening");
  after(() => http.close());
  const { asked, provider, answer } = person();
  const url = new URL(old_address);
  const first = new StreamableHTTPClientTransport(url, { authProvider: provider });
  const client = () => new Client({ name: "client", version: "1" });
  await assert.rejects(client().connect(first), UnauthorizedError);
  await first.finishAuth(answer().get("code") ?? "");
  const second = client();
  await second.connect(new StreamableHTTPClientTransport(url, { authProvider: provider }));
  assert.equal(textOf(await second.callTool({ name: "whose_notes" })), `notes of ${await sub()}`);
  assert.deepEqual(asked, ["notes.read"]);
  await second.close();
  for (const scope of ["notes.read", "openid"]) {
    const audience = scope === "openid" ? old_address : address;
    const token = await issuer.tokenFor("ada", { audience, scope });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(old_address, { method: "POST", headers });
    assert.equal(answer.status, scope === "openid" ? 403 : 401);
    assert.match(answer.headers.get("www-authenticate") ?? "", /resource_metadata="http/);
  }
});

test("version2.ts: a verifier for the Express adapter of version 2", async () => {
  const { bearer } = await load("version2.ts");
  const app = createExpress();
  app.use(bearer, (request, response) => {
    response.json(Reflect.get(request, "auth"));
  });
  const own_port = await freePort();
  const http = createServer(app).listen(own_port, "localhost");
  await once(http, "listening");
  after(() => http.close());
  const ask = (token: string) =>
    fetch(`http://localhost:${own_port}`, { headers: { authorization: `Bearer ${token}` } });
  const token = (scope: string) => issuer.tokenFor("ada", { audience: old_address, scope });
  const good = await ask(await token("notes.read"));
  assert.equal(Object(await good.json()).extra.sub, await sub());
  assert.equal((await ask(await token("openid"))).status, 403);
  const bad = await ask("x.y.z");
  assert.equal(bad.status, 401);
  const challenge = bad.headers.get("www-authenticate") ?? "";
  assert.match(challenge, /error="invalid_token".*scope="notes.read".*resource_metadata="http/);
});
