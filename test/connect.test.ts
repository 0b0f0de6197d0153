/** The recipes of docs/connect, each run with the real library, by a person with a browser. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { type DemoBrowser, demoBrowser, type Visited } from "./support/demo_browser.ts";
import { freePort } from "./support/postgres.ts";
import { PASSWORD } from "./support/server.ts";
import { webServer } from "./support/web.ts";

const folders: string[] = [];
const children: ChildProcess[] = [];
const servers: { close(): Promise<void> }[] = [];
after(async () => {
  for (const child of children) child.kill();
  for (const folder of folders) rmSync(folder, { recursive: true });
  for (const server of servers) await server.close();
});

/** The page's `app.ts` as a process, for an app that is registered by the page's own redirect URI. */
async function connected(page: string, options: { require_pkce?: boolean } = {}) {
  const server = await webServer();
  servers.push(server);
  await server.addUser("ada", { claims: { name: "Ada Lovelace", email: "ada@example.com" } });
  const text = readFileSync(`docs/connect/${page}.md`, "utf8");
  const port = await freePort();
  const own = (words: string) =>
    words
      .replaceAll("https://id.example.com", server.issuer)
      .replaceAll("localhost:3000", `localhost:${port}`)
      .replaceAll("listen(3000)", `listen(${port}, "localhost")`);
  const [, redirect_uri = ""] = /--redirect-uri (\S+)/.exec(text) ?? [];
  const metadata = { client_name: "My app", redirect_uris: [own(redirect_uri)] };
  const client = await server.addClient(metadata, options);
  const [, code = ""] = /```ts\n\/\/ app\.ts\n([\s\S]*?)```/.exec(text) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "valetkey-connect-"));
  folders.push(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "app.ts"), own(code));
  const { client_id, client_secret } = client;
  const secrets = { AUTH_SECRET: "s".repeat(43), SESSION_SECRET: "s".repeat(43) };
  const child = spawn(process.execPath, ["app.ts"], {
    cwd: folder,
    env: { ...process.env, ...secrets, CLIENT_ID: client_id, CLIENT_SECRET: client_secret },
    stdio: "inherit",
  });
  children.push(child);
  const origin = `http://localhost:${port}`;
  while (!(await fetch(origin).catch(() => null)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  return { origin, browser: demoBrowser() };
}

async function signIn(browser: DemoBrowser, page: Visited): Promise<Visited> {
  assert.match(page.text, /Sign in/);
  const consent = await browser.submit(page, "/sign-in", { username: "ada", password: PASSWORD });
  assert.match(consent.text, /My app/);
  return browser.submit(consent, "/consent", { decision: "allow" });
}

test("authjs.md: the session of Auth.js has name and e-mail", async () => {
  const { origin, browser } = await connected("authjs");
  const choice = await browser.get(`${origin}/auth/signin`);
  const back = await signIn(browser, await browser.submit(choice, "/auth/signin/valetkey"));
  assert.equal(new URL(back.url).origin, origin);
  const { user } = JSON.parse((await browser.get(`${origin}/`)).html);
  assert.deepEqual([user.name, user.email], ["Ada Lovelace", "ada@example.com"]);
});

test("passport.md: the profile has id, name and e-mail", async () => {
  const { origin, browser } = await connected("passport", { require_pkce: false });
  const back = await signIn(browser, await browser.get(`${origin}/login`));
  const profile = JSON.parse(back.html);
  assert.equal(profile.displayName, "Ada Lovelace");
  assert.equal(profile.emails[0].value, "ada@example.com");
  assert.ok(profile.id);
});

test("openid-client.md: the claims of the ID token have name and e-mail", async () => {
  const { origin, browser } = await connected("openid-client");
  const back = await signIn(browser, await browser.get(`${origin}/login`));
  const claims = JSON.parse(back.html);
  assert.deepEqual([claims.name, claims.email], ["Ada Lovelace", "ada@example.com"]);
});
