/** Embedded in Express, whose body parsers and mount paths come before us. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { createRequire } from "node:module";
import { after, test } from "node:test";
import { createAuthorizationServer } from "valetkey";
import { testBrowser } from "../support/browser.ts";
import { basic, tokensFor } from "../support/flow.ts";
import { CONFIG, type TestServer, WEB } from "../support/server.ts";
import { webServer } from "../support/web.ts";

/** The parts of Express that are used here: the package brings no types. */
type Middleware = (...args: Parameters<RequestListener>) => void;
type App = RequestListener & { use(first: string | Middleware, ...more: Middleware[]): void };
type Express = (() => App) & {
  urlencoded(options?: { extended?: boolean; limit?: string }): Middleware;
  json(): Middleware;
  text(options: { type: string }): Middleware;
  raw(options: { type: string }): Middleware;
};
const express: Express = createRequire(import.meta.url)("express");
const FORM = "application/x-www-form-urlencoded";

const behind =
  (...parsers: Middleware[]) =>
  (server: TestServer): RequestListener => {
    const app = express();
    for (const parser of parsers) app.use(parser);
    app.use((request, response) => server.node(request, response));
    return app;
  };

const PARSERS: [string, Middleware[]][] = [
  ["urlencoded and json", [express.urlencoded(), express.json()]],
  ["urlencoded with nested names", [express.urlencoded({ extended: true })]],
  ["text", [express.text({ type: FORM })]],
  ["raw", [express.raw({ type: FORM })]],
];

for (const [name, parsers] of PARSERS)
  test(`behind the body parsers ${name}, sign-in, consent and tokens work, and the log says so once`, async () => {
    await using server = await webServer({}, { app: behind(...parsers) });
    await server.addUser("ada");
    const client = await server.addClient(WEB);
    const { access_token, refresh_token } = await tokensFor(server, client);
    assert.ok(access_token && refresh_token);
    const told = server.lines.filter(({ event }) => event === "body parsed by the app");
    assert.deepEqual(
      told.map(({ level }) => level),
      ["warn"],
    );
  });

test("a parsed JSON body is taken, and one with another type of value is refused as always", async () => {
  await using server = await webServer({}, { app: behind(express.json()) });
  const client = await server.addClient({ ...WEB, grant_types: ["client_credentials"] });
  const ask = (body: object) =>
    fetch(`${server.issuer}/token`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: basic(client) },
      body: JSON.stringify(body),
    });
  assert.equal((await ask({ grant_type: "client_credentials" })).status, 200);
  assert.equal((await ask({ grant_type: ["client_credentials"] })).status, 400);
});

test("a parameter that comes twice stays one too many, and a body above the limit is too large", async () => {
  const parsers = [express.urlencoded({ limit: "1mb" })];
  await using server = await webServer({}, { app: behind(...parsers) });
  const client = await server.addClient(WEB);
  const post = (body: string) =>
    fetch(`${server.issuer}/token`, {
      method: "POST",
      headers: { "content-type": FORM, authorization: basic(client) },
      body,
    });
  const twice = await post("grant_type=refresh_token&grant_type=refresh_token");
  assert.equal(twice.status, 400);
  assert.match(await twice.text(), /repeated/);
  assert.equal((await post(`grant_type=${"x".repeat(70_000)}`)).status, 413);
});

test("a body that was read and not left is answered with 500 at once, and the log says why", async () => {
  const swallow: Middleware = (request, _response, ...rest) => {
    const [next] = rest as unknown as [() => void];
    request.resume().on("end", next);
  };
  await using server = await webServer({}, { app: behind(swallow) });
  const answer = await fetch(`${server.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  assert.equal(answer.status, 500);
  assert.ok(server.lines.some(({ fields }) => /body was read before/.test(String(fields.why))));
});

test("fetch: a body that was used is answered with 500, and the log says why", async () => {
  await using server = await webServer();
  const { lines } = server;
  const request = new Request(`${server.issuer}/token`, { method: "POST", body: "a=b" });
  await request.text();
  const answer = await server.direct(request);
  assert.equal(answer.status, 500);
  assert.ok(lines.some(({ fields }) => /body was read before/.test(String(fields.why))));
});

test("mounted by Express below the path of the issuer, all addresses work", async () => {
  const app = (server: TestServer) => {
    const own = express();
    own.use("/id", (request, response) => server.node(request, response));
    return own;
  };
  await using server = await webServer({}, { path: "/id", app });
  await server.addUser("ada");
  const client = await server.addClient(WEB);
  assert.ok((await tokensFor(server, client)).access_token);
  for (const path of ["/.well-known/openid-configuration", "/jwks", "/sign-in", "/healthz"])
    assert.equal((await fetch(server.issuer + path)).status, 200, path);
});

test("when the path of the issuer was taken away on the way, the log says so", async () => {
  const app =
    (server: TestServer): RequestListener =>
    (request, response) => {
      request.url = (request.url ?? "").replace(/^\/id/, "");
      server.node(request, response);
    };
  await using server = await webServer({}, { path: "/id", app });
  assert.equal((await fetch(`${server.issuer}/jwks`)).status, 404);
  const hints = server.lines.map(({ fields }) => String(fields.hint));
  assert.ok(hints.some((hint) => hint.includes("/id") && hint.includes("taken away")));
});

test("without a log, failures of an embedded server go to stderr", async (t) => {
  const told = t.mock.method(console, "error", () => {});
  const users = {
    find: async () => null,
    findByLogin: async () => {
      throw new Error("the table is locked");
    },
    verifyPassword: async () => false,
  };
  const config = { ...CONFIG, users };
  const server = createAuthorizationServer(config, { secret: "A".repeat(43) });
  after(() => server.close());
  const browser = testBrowser(server);
  assert.equal((await browser.signIn(await browser.get("/sign-in"), "ada")).status, 500);
  const lines = told.mock.calls.map(({ arguments: [line] }) => JSON.parse(String(line)));
  assert.ok(lines.some(({ level, why }) => level === "error" && why === "the table is locked"));
});
