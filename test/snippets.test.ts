/** The programs that the page after registering shows, each run with the real library by a person with a browser. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { connectionOf } from "../src/clients/connection.ts";
import type { ClientMetadata } from "../src/oauth/client_metadata.ts";
import { launchBrowser } from "./browser/chromium.ts";
import { type DemoBrowser, demoBrowser, type Visited } from "./support/demo_browser.ts";
import { freePort } from "./support/postgres.ts";
import { PASSWORD } from "./support/server.ts";
import { webServer } from "./support/web.ts";

const folders: string[] = [];
const children: ChildProcess[] = [];
const server = await webServer();
await server.addUser("ada", { claims: { name: "Ada Lovelace", email: "ada@example.com" } });
after(async () => {
  for (const child of children) child.kill();
  for (const folder of folders) rmSync(folder, { recursive: true });
  await server.close();
});

async function connection(metadata: Partial<ClientMetadata>) {
  const { record, client_secret } = await server.addClient({ client_name: "My app", ...metadata });
  return connectionOf(record, client_secret ?? null, server.server.catalogue);
}

/** The program as a process, in a folder where the library is installed, with its `.env` file. */
function run({ env, snippet }: { env: string; snippet: string | null }): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), "valetkey-snippet-"));
  folders.push(folder);
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, ".env"), env);
  writeFileSync(join(folder, "app.mjs"), snippet ?? "");
  const child = spawn(process.execPath, ["--env-file=.env", "app.mjs"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

async function signIn(browser: DemoBrowser, page: Visited): Promise<Visited> {
  const consent = await browser.submit(page, "/sign-in", { username: "ada", password: PASSWORD });
  assert.match(consent.text, /My app/);
  return browser.submit(consent, "/consent", { decision: "allow" });
}

/** The lines of a program, from its first one on. */
async function linesOf({ stdout }: ChildProcess): Promise<readonly string[]> {
  assert.ok(stdout);
  const lines: string[] = [];
  const printed = createInterface({ input: stdout });
  printed.on("line", (line) => lines.push(line));
  await once(printed, "line");
  return lines;
}

async function assertSignedIn(child: ChildProcess, lines: readonly string[]): Promise<void> {
  const [code] = await once(child, "exit");
  assert.equal(code, 0);
  assert.match(lines.join("\n"), /name: 'Ada Lovelace'/);
}

test("the program for a web app with a server signs a person in", async () => {
  const origin = `http://localhost:${await freePort()}`;
  run(await connection({ redirect_uris: [`${origin}/callback`] }));
  while (!(await fetch(origin, { redirect: "manual" }).catch(() => null)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const browser = demoBrowser();
  const back = await signIn(browser, await browser.get(`${origin}/`));
  assert.equal(JSON.parse(back.html).name, "Ada Lovelace");
  const stray = await fetch(`${origin}/callback?code=x`);
  assert.equal(stray.status, 400);
  assert.equal((await fetch(origin, { redirect: "manual" })).status, 303, "it goes on");
});

test("the program for a terminal signs a person in, on any port", async () => {
  const child = run(
    await connection({
      redirect_uris: ["http://127.0.0.1/callback"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    }),
  );
  const lines = await linesOf(child);
  const [, address = ""] = /(http\S+)/.exec(lines[0] ?? "") ?? [];
  const browser = demoBrowser();
  const back = await signIn(browser, await browser.get(address));
  assert.match(back.text, /close this window/);
  await assertSignedIn(child, lines);
});

test("the program for a device signs a person in on another screen", async () => {
  const child = run(
    await connection({
      grant_types: ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    }),
  );
  const lines = await linesOf(child);
  const [, address = "", user_code = ""] =
    /Open (http\S+) and enter (\S+)/.exec(lines[0] ?? "") ?? [];
  const browser = demoBrowser();
  const asked = await browser.submit(await browser.get(address), "/device", { user_code });
  const done = await signIn(browser, asked);
  assert.match(done.text, /My app/);
  await assertSignedIn(child, lines);
});

test("the program for an app in the browser signs a person in", async () => {
  const origin = `http://localhost:${await freePort()}`;
  const { snippet } = await connection({
    redirect_uris: [`${origin}/callback`],
    token_endpoint_auth_method: "none",
    application_type: "web",
  });
  const imports = {
    "openid-client": "/node_modules/openid-client/build/index.js",
    oauth4webapi: "/node_modules/oauth4webapi/build/index.js",
    "jose/": "/node_modules/jose/dist/webapi/",
    "jose/errors": "/node_modules/jose/dist/webapi/util/errors.js",
    "jose/jwe/compact/decrypt": "/node_modules/jose/dist/webapi/jwe/compact/decrypt.js",
  };
  const page = `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">import { finishSignIn, signIn } from "/app.js";
if (location.search === "") signIn();
else document.title = (await finishSignIn()).name + location.search;</script>`;
  const site = createServer((request, response) => {
    const path = request.url ?? "/";
    const isScript = path.startsWith("/node_modules/") || path === "/app.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      path === "/app.js" ? snippet : isScript ? readFileSync(join(".", resolve("/", path))) : page,
    );
  });
  await new Promise<void>((done) => site.listen(Number(new URL(origin).port), "localhost", done));
  const chromium = await launchBrowser();
  try {
    const tab = await chromium.newPage();
    await tab.goto(`${origin}/`);
    await tab.fill("input[name=username]", "ada");
    await tab.fill("input[name=password]", PASSWORD);
    await tab.click("button.main");
    await tab.click("button[value=allow]");
    await tab.waitForFunction('document.title !== ""');
    assert.equal(await tab.title(), "Ada Lovelace", "and the code is gone from the address");
  } finally {
    await chromium.close();
    site.closeAllConnections();
    site.close();
  }
});
