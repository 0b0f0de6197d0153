/** The code blocks of docs/sdk-web.md, run as a reader would. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Auth, SessionStore } from "../../../src/sdk/client/web/web.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { type DemoBrowser, demoBrowser } from "../../support/demo_browser.ts";
import { project } from "../../support/doc_project.ts";
import { freePort } from "../../support/postgres.ts";
import { googleServer } from "../../support/providers/google.ts";
import { listening } from "./listening.ts";
import { CLIENT, registeredAt, SECRET } from "./scene.ts";

const DOC = "docs/sdk-web.md";
const port = await freePort();
const http = await listening();
const client = {
  ...registeredAt(http.origin),
  redirect_uris: [port, new URL(http.origin).port].map((each) => callbackAt(each)),
  post_logout_redirect_uris: [`http://localhost:${port}/`, `${http.origin}/`],
};
const issuer = await startIssuer({ clients: [client] });
after(async () => {
  await issuer.close();
  await http[Symbol.asyncDispose]();
});
const api_port = await freePort();
const folder = project(DOC, { "3000": String(port), "3001": String(api_port) });
const env = {
  ...{ SECRET, OIDC_ISSUER: issuer.issuer },
  ...{ OIDC_CLIENT_ID: CLIENT.clientId, OIDC_CLIENT_SECRET: CLIENT.clientSecret },
};
Object.assign(process.env, env, { GITHUB_CLIENT_ID: "the-client", GOOGLE_CLIENT_ID: "x" });
Object.assign(process.env, { GITHUB_CLIENT_SECRET: "the-secret-of-the-client" });
Object.assign(process.env, { GOOGLE_CLIENT_SECRET: "y" });

function callbackAt(each: number | string): string {
  const host = each === port ? "localhost" : "127.0.0.1";
  return `http://${host}:${each}/auth/callback`;
}
const load = (file: string) => import(pathToFileURL(join(folder, file)).href);

test("the page begins with ten working lines", () => {
  const [, first = ""] = /^# .*\n\n```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length > 5 && lines.length <= 10, `${lines.length} lines`);
});

test("app.ts: people sign in and out", async () => {
  const app = spawn(process.execPath, ["--conditions=valetkey-source", "app.ts"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit"],
  });
  try {
    const origin = `http://localhost:${port}`;
    while (!(await fetch(`${origin}/`).catch(() => null)))
      await new Promise((resolve_) => setTimeout(resolve_, 50));
    const browser = demoBrowser();
    assert.equal((await browser.get(`${origin}/`)).html, '{"hello":"stranger"}');
    assert.equal((await browser.get(`${origin}/auth/login`)).html, '{"hello":"Ada Lovelace"}');
    const page = await browser.get(`${origin}/auth/logout`);
    await browser.submit(page, "/auth/logout");
    assert.equal((await browser.get(`${origin}/`)).html, '{"hello":"stranger"}');
  } finally {
    app.kill();
  }
});

test("pages.ts: a page for people who are signed in, an API, and the way out", async () => {
  const { app } = await load("pages.ts");
  http.serve(app);
  const browser = demoBrowser();
  const page = await browser.get(`${http.origin}/photos`);
  assert.match(page.html, /^\{"name":"Ada Lovelace","told":\{.*"email":"ada@example\.com"/);
  await browser.submit(await browser.get(`${http.origin}/`), "/auth/logout");
  assert.equal(await isIn(browser), false);
});

test("hono.ts: the same in Hono", async () => {
  const { app } = await load("hono.ts");
  http.serve(app.fetch);
  const browser = demoBrowser();
  assert.equal((await browser.get(`${http.origin}/`)).html, '{"hello":"stranger"}');
  assert.match((await browser.get(`${http.origin}/photos`)).html, /"email":"ada@example\.com"/);
});

test("ask_again.ts: a person who allowed less is asked on the page of the provider", async () => {
  const api = createServer((_request, response) => response.writeHead(403).end());
  await new Promise<void>((resolve_) => api.listen(api_port, "localhost", resolve_));
  try {
    await load("ask_again.ts");
    const { app } = await load("pages.ts");
    http.serve(app);
    const browser = demoBrowser();
    await browser.get(`${http.origin}/photos`);
    const way = await browser.request(new URL("/photos", http.origin), { method: "POST" });
    assert.match(way.headers.get("location") ?? "", /[?&]prompt=consent&/);
  } finally {
    api.close();
  }
});

test("fetch.ts: without an adapter", async () => {
  const { answer } = await load("fetch.ts");
  http.serve(answer);
  const browser = demoBrowser();
  assert.equal((await browser.get(`${http.origin}/any`)).html, "Hello Ada Lovelace");
});

async function isIn(browser: DemoBrowser): Promise<boolean> {
  const { auth }: { auth: Auth } = await load("pages.ts");
  const cookies = [...browser.cookiesOf("127.0.0.1")].map((pair) => pair.join("="));
  const headers = { cookie: cookies.join("; ") };
  return (await auth.user(new Request(`${http.origin}/`, { headers }))) !== null;
}

test("providers.ts: GitHub and Google, with an account of the app", async () => {
  await using _ = await googleServer();
  const { auth }: { auth: Auth } = await load("providers.ts");
  const at = (path: string, cookie = "") =>
    auth.handle(new Request(`https://app.example.com${path}`, { headers: { cookie } }));
  const login = await at("/auth/login?provider=google");
  assert.match(login?.headers.get("location") ?? "", /^https:\/\/accounts\.google\.com\//);
  const github = await at("/auth/login?provider=github");
  const url = new URL(github?.headers.get("location") ?? "");
  assert.equal(
    url.searchParams.get("redirect_uri"),
    "https://app.example.com/auth/callback/github",
  );
});

test("store.ts: sessions in a table", async () => {
  const { store }: { store: SessionStore } = await load("store.ts");
  const until = Math.floor(Date.now() / 1000) + 60;
  const index = { sub: "ada", until };
  assert.equal(await store.get("1"), null);
  assert.equal(await store.put("1", "a", 1, index), false);
  assert.equal(await store.put("1", "a", 0, { ...index, sid: "s" }), true);
  assert.equal(await store.put("1", "b", 0, index), false);
  assert.equal(await store.put("1", "b", 1, index), true);
  assert.deepEqual(await store.get("1"), { value: "b", rev: 2 });
  for (const [id, sub] of Object.entries({ 2: "ada", 3: "bob", 4: "bob" }))
    await store.put(id, id, 0, { sub, sid: `sid ${id}`, until });
  await store.end({ id: "1" });
  await store.end({ sub: "ada" });
  await store.end({ sid: "sid 3" });
  const left = ["1", "2", "3", "4"].map((id) => store.get(id));
  assert.deepEqual(
    (await Promise.all(left)).map((row) => row?.value),
    [undefined, undefined, undefined, "4"],
  );
  await store.put("5", "a", 0, { sub: "ada", until: until - 61 });
  assert.equal(await store.get("5"), null);
});

test("signed_in.ts: a test with somebody who is signed in", () => {
  const flags = ["--conditions=valetkey-source", "signed_in.ts"];
  execFileSync(process.execPath, flags, { cwd: folder, encoding: "utf8" });
});

test("the snippets have types", () => {
  symlinkSync(resolve("node_modules/@types"), join(folder, "node_modules/@types"));
  const compilerOptions = {
    ...{ strict: true, module: "nodenext", target: "esnext", noEmit: true, types: ["node"] },
    ...{ allowImportingTsExtensions: true, skipLibCheck: true, erasableSyntaxOnly: true },
    // As strict as the sources, which are compiled along.
    ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    customConditions: ["valetkey-source"],
  };
  const include = ["*.ts", resolve("src/people/*.d.ts")];
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
  const tsc = resolve("node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", "."], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    assert.fail(error instanceof Error && "stdout" in error ? String(error.stdout) : String(error));
  }
});
