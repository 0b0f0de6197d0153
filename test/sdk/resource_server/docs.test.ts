/** The code blocks of docs/sdk-resource-server.md, run as a reader would. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { project } from "../../support/doc_project.ts";
import { post, tokensFor } from "../../support/flow.ts";
import { freePort } from "../../support/postgres.ts";
import { SNAPS, WEB } from "../../support/server.ts";
import { webServer } from "../../support/web.ts";
import { failure } from "../failure.ts";

const DOC = "docs/sdk-resource-server.md";
const port = await freePort();
const audience = `http://localhost:${port}/api`;
const server = await webServer({
  resources: { [audience]: { name: "Snaps", scopes: ["photos.read"] } },
});
await server.addUser("ada");
const app = await server.addClient(WEB);
const credentials = await server.addClient(WEB, { resource: audience });
const folder = project(DOC, { "http://localhost:4000": server.issuer, "3001": String(port) });
Object.assign(process.env, {
  CLIENT_ID: credentials.client_id,
  CLIENT_SECRET: credentials.client_secret,
});
const api = spawn(process.execPath, ["--conditions=valetkey-source", "api.ts"], {
  cwd: folder,
  stdio: ["ignore", "inherit", "inherit"],
});
after(async () => {
  api.kill();
  await server.close();
});

const load = (file: string) => import(pathToFileURL(join(folder, file)).href);
const tokens = () => tokensFor(server, app, { parameters: { scope: "photos.read" } });

test("the page begins with ten working lines", () => {
  const [, first = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test("api.ts answers a token with the scope, and says to others where to get one", async () => {
  const ask = (headers: Record<string, string> = {}) => fetch(`${audience}/photos`, { headers });
  while (!(await ask().catch(() => null))) await new Promise((next) => setTimeout(next, 50));
  const { access_token } = await tokens();
  const answer = await ask({ authorization: `Bearer ${access_token}` });
  const account = await server.server.store.findAccountByLogin("ada");
  assert.deepEqual(await answer.json(), { photos_of: account?.sub });
  const refused = await ask();
  assert.equal(refused.status, 401);
  const [, address = ""] =
    /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
  const document = await (await fetch(address)).json();
  assert.deepEqual(Object(document).authorization_servers, [server.issuer]);
});

test("bare.ts does the same without a framework", async () => {
  const { handle } = await load("bare.ts");
  const { access_token } = await tokens();
  const headers = { authorization: `Bearer ${access_token}` };
  const answer: Response = await handle(new Request(`${audience}/photos`, { headers }));
  assert.equal(Object(await answer.json()).may_write, false);
  assert.equal((await handle(new Request(`${audience}/photos`))).status, 401);
  const document = `http://localhost:${port}/.well-known/oauth-protected-resource/api`;
  assert.equal((await handle(new Request(document))).status, 200);
});

test("payments.ts notices a revocation at once", async () => {
  const { atThisMoment } = await load("payments.ts");
  const { access_token } = await tokens();
  assert.equal((await atThisMoment(access_token)).clientId, app.client_id);
  await post(server, "/revoke", { client: app, token: access_token });
  await assert.rejects(atThisMoment(access_token), failure("token_refused", /does not hold/));
  await assert.rejects(atThisMoment(SNAPS), failure("token_refused", /./));
});
