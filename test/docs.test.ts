/** Runs the tutorials as a reader would: their code blocks become files in an empty project. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { authorizationUrl, testBrowser, VERIFIER } from "./support/browser.ts";
import { project } from "./support/doc_project.ts";
import { basic, tokensFor } from "./support/flow.ts";
import { freePort } from "./support/postgres.ts";
import { WEB } from "./support/server.ts";
import { webServer } from "./support/web.ts";

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill();
});

test("embedding.md: an app with its own people becomes the provider", async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const folder = project("docs/embedding.md", { "3000": String(port) });
  const register = run(folder, "register.ts");
  const { id, secret } = JSON.parse(register);
  const browser = await start(folder, "app.ts", origin);
  assert.equal((await browser.get("/")).html, "Notebook");

  const redirect_uri = "http://localhost:3001/callback";
  const asked = { scope: "openid notes.read", redirect_uri };
  const sign_in = await browser.get(authorizationUrl({ client_id: id }, asked));
  const consent = await browser.signIn(sign_in, "ada", "correct horse battery");
  assert.match(consent.html, /Read your notes/);
  const back = await browser.submit(consent, { decision: "allow" }, "/consent");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: back.url.searchParams.get("code") ?? "",
    code_verifier: VERIFIER,
    redirect_uri,
  });
  const headers = { authorization: basic({ client_id: id, client_secret: secret }) };
  const answer = await fetch(`${origin}/token`, { method: "POST", headers, body });
  const [, payload = ""] = JSON.parse(await answer.text()).access_token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  assert.equal(claims.sub, "7");
  assert.deepEqual(claims.aud, [`${origin}/api`, origin]);
});

test("embedding.md: the same in plain node:http", async () => {
  const port = await freePort();
  const folder = project("docs/embedding.md", { "3000": String(port) });
  const browser = await start(folder, "plain.ts", `http://localhost:${port}`);
  assert.equal((await browser.get("/")).html, "Notebook");
  const account = await browser.signIn(
    await browser.get("/account"),
    "ada",
    "correct horse battery",
  );
  assert.match(account.html, /Ada Lovelace/);
});

const API = "https://api.example.com";
const CATALOGUE = {
  scopes: { "photos.read": "See your photos", "photos.write": "Change your photos" },
  resources: { [API]: { name: "Snaps", scopes: ["photos.read", "photos.write"] } },
};

test("protect-an-api.md: signed tokens need the right scope", async () => {
  await using server = await webServer(CATALOGUE);
  const client = await server.addClient(WEB);
  const sub = await server.addUser("ada");
  const folder = project("docs/protect-an-api.md", { "https://id.example.com": server.issuer });
  const { photos } = await import(pathToFileURL(join(folder, "photos.ts")).href);
  const call = async (token?: string) => {
    const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${token}` });
    const response: Response = await photos(new Request(`${API}/photos`, { headers }));
    const { status } = response;
    return {
      status,
      challenge: response.headers.get("www-authenticate"),
      text: await response.text(),
    };
  };
  const tokens = (scope: string) => tokensFor(server, client, { parameters: { scope } });

  const { access_token, id_token } = await tokens("openid photos.read");
  assert.deepEqual(JSON.parse((await call(access_token)).text), { photos_of: sub });
  const missing = await call();
  assert.deepEqual([missing.status, missing.challenge], [401, 'Bearer scope="photos.read"']);
  for (const wrong of [id_token, `${access_token}x`, "nonsense"]) {
    const { status, challenge } = await call(wrong);
    assert.deepEqual([status, challenge], [401, 'Bearer error="invalid_token"']);
  }
  const other = await call((await tokens("photos.write")).access_token);
  assert.equal(other.status, 403);
  assert.match(other.challenge ?? "", /insufficient_scope/);
});

test("protect-an-api.md: introspection describes a token until its consent is removed", async () => {
  const resource = { ...CATALOGUE.resources[API], access_token: "opaque" as const };
  await using server = await webServer({ ...CATALOGUE, resources: { [API]: resource } });
  const client = await server.addClient(WEB);
  const sub = await server.addUser("ada");
  const api = await server.registerClient({ grant_types: [] }, { resource: API });
  process.env.CLIENT_ID = api.client_id;
  process.env.CLIENT_SECRET = api.client_secret;
  const folder = project("docs/protect-an-api.md", { "https://id.example.com": server.issuer });
  const { introspect } = await import(pathToFileURL(join(folder, "introspect.ts")).href);

  const parameters = { scope: "photos.read" };
  const { access_token } = await tokensFor(server, client, { parameters });
  const found = await introspect(access_token);
  assert.deepEqual(
    { sub: found.sub, client_id: found.client_id, scope: found.scope, aud: found.aud },
    { sub, client_id: client.client_id, scope: "photos.read", aud: API },
  );
  await server.server.store.removeConsent({ sub, client_id: client.client_id }, server.now());
  assert.equal(await introspect(access_token), null);
});

test("the code blocks compile in a strict project", () => {
  for (const doc of ["docs/embedding.md", "docs/protect-an-api.md", "docs/sdk-client.md"]) {
    const folder = project(doc, {});
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: resolve("tsconfig.json"),
        compilerOptions: { types: ["node"], typeRoots: [resolve("node_modules/@types")] },
        include: ["*.ts", resolve("src/people/*.d.ts")],
        exclude: [],
      }),
    );
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const checked = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"]);
    assert.equal(checked.stdout.toString(), "");
  }
});

const FLAGS = ["--conditions=valetkey-source"];

const run = (folder: string, file: string): string =>
  execFileSync(process.execPath, [...FLAGS, file], { cwd: folder, encoding: "utf8" });

/** A browser for the server in `file`, once that answers. */
async function start(folder: string, file: string, origin: string) {
  const child = spawn(process.execPath, [...FLAGS, file], { cwd: folder, stdio: "inherit" });
  children.push(child);
  const ended = once(child, "exit").then(([code]) => assert.fail(`${file} ended with ${code}`));
  ended.catch(() => {});
  const answers = async (): Promise<void> => {
    for (;;) {
      const up = await fetch(`${origin}/healthz`).catch(() => null);
      if (up?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.race([answers(), ended]);
  return testBrowser({
    issuer: origin,
    fetch: (request) => fetch(request, { redirect: "manual" }),
  });
}
