/** The code blocks of docs/sdk-client.md, run as a reader would. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { exportJWK } from "jose";
import { createClient, type Tokens } from "../../src/sdk/client/client.ts";
import { startIssuer } from "../../src/testing/testing.ts";
import { demoBrowser } from "../support/demo_browser.ts";
import { project } from "../support/doc_project.ts";
import { freePort } from "../support/postgres.ts";
import { P8 } from "../support/providers/apple.ts";
import { githubServer, OCTOCAT } from "../support/providers/github.ts";
import {
  bearer,
  CLIENT,
  isClient,
  loopback,
  memory,
  redirect,
  wrongRequest,
} from "../support/providers/loopback.ts";
import { microsoftServer } from "../support/providers/microsoft.ts";
import { signIn } from "../support/providers/sign_in.ts";
import { failure } from "./failure.ts";

const DOC = "docs/sdk-client.md";
const port = await freePort();
const redirectUri = `http://localhost:${port}/callback`;
const registered = { client_id: "app", client_secret: "the secret of the app" };
const issuer = await startIssuer({
  clients: [{ ...registered, redirect_uris: [redirectUri] }],
  people: "ask",
  config: { scopes: { "photos.read": "See your photos" } },
});
const folder = project(DOC, { "http://localhost:4000": issuer.issuer, "3000": String(port) });
const env = {
  OIDC_ISSUER: issuer.issuer,
  OIDC_CLIENT_ID: registered.client_id,
  OIDC_CLIENT_SECRET: registered.client_secret,
};
Object.assign(process.env, env);
const app = spawn(process.execPath, ["--conditions=valetkey-source", "app.ts"], {
  cwd: folder,
  stdio: ["ignore", "inherit", "pipe"],
});
after(async () => {
  app.kill();
  await issuer.close();
});

const load = (file: string) => import(pathToFileURL(join(folder, file)).href);

test("the page begins with ten working lines", () => {
  const [, first = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync(DOC, "utf8")) ?? [];
  const lines = first.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length <= 10, `${lines.length} lines`);
});

test("app.ts signs a person in, and no callback of another browser", async () => {
  const origin = `http://localhost:${port}`;
  while (!(await fetch(`${origin}/favicon.ico`).catch(() => null)))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const browser = demoBrowser();
  const page = await browser.get(`${origin}/`);
  const consent = await browser.submit(page, "/sign-in", {
    username: "ada",
    password: issuer.password,
  });
  const done = await browser.submit(consent, "/consent", { decision: "allow" });
  assert.equal(done.html, "Hello Ada Lovelace");
  const stranger = demoBrowser();
  await stranger.get(`${origin}/`);
  assert.equal((await stranger.get(done.url.href)).status, 400);
  assert.equal((await fetch(done.url)).status, 400, "without a cookie");
});

test("stay.ts refreshes when it is time, and only session_over ends the session", async (t) => {
  const { client } = await load("sign_in.ts");
  const { fresh } = await load("stay.ts");
  const begun = await client.begin({
    redirectUri,
    scope: "openid offline_access",
  });
  const callback = await issuer.callbackFor(begun.url, "ada");
  const tokens: Tokens = await client.finish(callback, begun);
  assert.equal(await fresh(tokens), tokens, "they are still good");
  const old = { ...tokens, expiresAt: Date.now() / 1000 + 59 };
  const renewed: Tokens = await fresh(old);
  assert.notEqual(renewed.accessToken, tokens.accessToken);
  const down = t.mock.method(globalThis, "fetch", () => Promise.reject(new TypeError("down")));
  await assert.rejects(fresh(old), failure("issuer_unreachable", /down/, { retryable: true }));
  down.mock.restore();
  await client.revoke(renewed.refreshToken);
  assert.equal(await fresh({ ...renewed, expiresAt: 0 }), null);
});

test("traced.ts tells of each request", async (t) => {
  const { client } = await load("traced.ts");
  const log = t.mock.method(console, "log", () => {});
  await client.begin({ redirectUri });
  assert.deepEqual(
    log.mock.calls.flatMap(({ arguments: said }) => said),
    [`GET ${issuer.issuer}/.well-known/openid-configuration 200`],
  );
});

test("service.ts gets a token with a key", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: "ES256", use: "sig", kid: "1" }] };
  const token_endpoint_auth_method = "private_key_jwt";
  const { client_id } = await issuer.addClient({ token_endpoint_auth_method, jwks });
  const program = 'import { token } from "./service.ts"; console.log(await token());';
  const flags = ["--conditions=valetkey-source", "--input-type=module", "-e", program];
  const options = { cwd: folder, env: { ...process.env, OIDC_CLIENT_ID: client_id } };
  const child = spawn(process.execPath, flags, {
    ...options,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const printed = Buffer.concat(await child.stdout.toArray()).toString();
  assert.match(printed, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
});

test("providers.ts: three of the rows", async () => {
  Object.assign(process.env, {
    ...{ GITHUB_CLIENT_ID: CLIENT.clientId, GITHUB_CLIENT_SECRET: CLIENT.clientSecret },
    ...{ MICROSOFT_CLIENT_ID: CLIENT.clientId, MICROSOFT_CLIENT_SECRET: CLIENT.clientSecret },
    ...{ APPLE_CLIENT_ID: CLIENT.clientId, APPLE_PRIVATE_KEY: P8 },
    ...{ APPLE_TEAM_ID: "DEF123GHIJ", APPLE_KEY_ID: "ABC123DEFG" },
  });
  const { withGithub, withMicrosoft, withApple } = await load("providers.ts");
  assert.equal(typeof withApple.begin, "function");
  {
    await using _ = await githubServer({ app: "oauth", person: OCTOCAT, emails: "hidden" });
    assert.equal((await withGithub.user(await signIn(withGithub))).username, "octocat");
  }
  await using _ = await microsoftServer({ tenant: "11111111-1111-4111-8111-111111111111" });
  assert.equal((await withMicrosoft.user(await signIn(withMicrosoft))).name, "Ada Lovelace");
});

test("acme.ts: a provider of one's own in about 20 lines", async () => {
  const { acme } = await load("acme.ts");
  const code = readFileSync(join(folder, "acme.ts"), "utf8");
  const lines = code.split("\n").filter((line) => line.trim() !== "" && !/^\s*\/[/*]/.test(line));
  assert.ok(lines.length <= 25, `${lines.length} lines`);
  const { codeFor, redeem } = memory();
  await using _ = await loopback(["acme.example"], async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/oauth/authorize") {
      assert.equal(wrongRequest(searchParams), null);
      assert.equal(searchParams.get("scope"), "profile:read,photos");
      const state = searchParams.get("state");
      return redirect(searchParams.get("redirect_uri") ?? "", {
        code: codeFor(searchParams),
        state,
      });
    }
    if (pathname === "/api/me")
      return bearer(request) === "acme-token"
        ? Response.json({ id: 7, display_name: "Ada", mail: "ada@example.com" })
        : new Response(null, { status: 401 });
    const form = new URLSearchParams(await request.text());
    assert.ok(isClient(form, "post", request.headers));
    return typeof redeem(form) === "string"
      ? new Response("reason=code_used")
      : Response.json({ access_token: "acme-token", token_type: "bearer" });
  });
  const client = createClient({ provider: acme, ...CLIENT });
  const { raw: _raw, ...user } = await client.user(
    await signIn(client, { scope: "profile:read photos" }),
  );
  assert.deepEqual(user, {
    ...{ id: "7", issuer: "https://acme.example", name: "Ada" },
    ...{ email: "ada@example.com", emailVerified: false },
  });
  const begun = await client.begin({
    redirectUri: "https://app.test/auth/callback",
    scope: "profile:read photos",
  });
  const callback = new URLSearchParams({ code: "an-old-code", state: begun.state });
  await assert.rejects(
    client.finish(callback, begun),
    failure("login_expired", /acme answered invalid_grant: reason=code_used/, { provider: "acme" }),
  );
});
