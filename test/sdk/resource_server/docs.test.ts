/** The code blocks of docs/sdk-resource-server.md, run as a reader would. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { project } from "../../support/doc_project.ts";
import { freePort } from "../../support/postgres.ts";
import { failure } from "../failure.ts";
import { OF_SNAPS, SNAPS, scene } from "./scene.ts";

const DOC = "docs/sdk-resource-server.md";
const port = await freePort();
const audience = `http://localhost:${port}/api`;
const { issuer, app, signIn, token } = await scene(audience);
const folder = project(DOC, { "http://localhost:4000": issuer.issuer, "3001": String(port) });
Object.assign(process.env, {
  CLIENT_ID: OF_SNAPS.clientId,
  CLIENT_SECRET: OF_SNAPS.clientSecret,
});
const api = spawn(process.execPath, ["--conditions=valetkey-source", "api.ts"], {
  cwd: folder,
  stdio: ["ignore", "inherit", "inherit"],
});
after(() => api.kill());

const load = (file: string) => import(pathToFileURL(join(folder, file)).href);

test("the page begins with ten working lines", () => {
  const [, first = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test("api.ts answers a token with the scope, and says to others where to get one", async () => {
  const ask = (headers: Record<string, string> = {}) => fetch(`${audience}/photos`, { headers });
  while (!(await ask().catch(() => null))) await new Promise((next) => setTimeout(next, 50));
  const answer = await ask({ authorization: `Bearer ${await token()}` });
  assert.deepEqual(await answer.json(), { photos_of: issuer.subOf("ada") });
  const refused = await ask();
  assert.equal(refused.status, 401);
  const [, address = ""] =
    /resource_metadata="([^"]+)"/.exec(refused.headers.get("www-authenticate") ?? "") ?? [];
  const document = await (await fetch(address)).json();
  assert.deepEqual(Object(document).authorization_servers, [issuer.issuer]);
});

test("bare.ts does the same without a framework", async () => {
  const { handle } = await load("bare.ts");
  const headers = { authorization: `Bearer ${await token()}` };
  const answer: Response = await handle(new Request(`${audience}/photos`, { headers }));
  assert.equal(Object(await answer.json()).may_write, false);
  assert.equal((await handle(new Request(`${audience}/photos`))).status, 401);
  const document = `http://localhost:${port}/.well-known/oauth-protected-resource/api`;
  assert.equal((await handle(new Request(document))).status, 200);
});

test("fastify_api.ts does the same with Fastify", async () => {
  const { app: api } = await load("fastify_api.ts");
  const ask = (headers: Record<string, string>) => api.inject({ url: "/api/photos", headers });
  const answer = await ask({ authorization: `Bearer ${await token()}` });
  assert.deepEqual(answer.json(), { photos_of: issuer.subOf("ada") });
  assert.equal((await ask({})).statusCode, 401);
});

test("payments.ts notices a revocation at once", async () => {
  const { atThisMoment } = await load("payments.ts");
  const { accessToken } = await signIn({ scope: "photos.read", resource: audience });
  assert.equal((await atThisMoment(accessToken)).clientId, "app");
  await app.revoke(accessToken);
  await assert.rejects(atThisMoment(accessToken), failure("token_refused", /does not hold/));
  await assert.rejects(atThisMoment(SNAPS), failure("token_refused", /./));
});
