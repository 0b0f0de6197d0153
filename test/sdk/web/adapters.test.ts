/** The adapters of `valetkey/client/web`, each in its real framework, behind a real socket. */
import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { getRequestListener } from "@hono/node-server";
import expressApp, { type ErrorRequestHandler } from "express";
import fastifyApp, { type FastifyRequest } from "fastify";
import { Hono } from "hono";
import { express, recover as recoverExpress } from "../../../src/sdk/client/web/express.ts";
import {
  type FastifyAuth,
  fastify,
  recover as recoverFastify,
} from "../../../src/sdk/client/web/fastify.ts";
import { type HonoAuth, hono } from "../../../src/sdk/client/web/hono.ts";
import { next } from "../../../src/sdk/client/web/next.ts";
import { webRequest } from "../../../src/sdk/client/web/node_message.ts";
import { sealsOf } from "../../../src/sdk/client/web/seal.ts";
import { type Auth, createAuth } from "../../../src/sdk/client/web/web.ts";
import { startIssuer } from "../../../src/testing/testing.ts";
import { demoBrowser } from "../../support/demo_browser.ts";
import { listening } from "./listening.ts";
import { CLIENT, registeredAt, SECRET } from "./scene.ts";

/** Each app has the pages /me, /private, /token, /broken, /echo (POST) and /bye. */
const apps: Record<string, (auth: Auth) => Promise<RequestListener>> = {
  "express, before parsers": async (auth) => expressPages(auth, false),
  "express, after parsers": async (auth) => expressPages(auth, true),

  hono: async (auth) => {
    const app = new Hono<{ Variables: { auth: HonoAuth } }>();
    app.use(hono(auth));
    app.get("/me", async (c) => {
      c.header("set-cookie", "mine=1; Path=/", { append: true });
      return c.json({ user: await c.var.auth.user() });
    });
    app.get("/private", async (c) =>
      (await c.var.auth.user()) ? c.text("private") : c.var.auth.login(),
    );
    app.get("/token", async (c) => c.text(await c.var.auth.token()));
    app.get("/broken", () => broken());
    app.get("/bye", (c) => c.var.auth.logout({ local: true }));
    app.post("/echo", async (c) => c.text(await c.req.text()));
    return getRequestListener(app.fetch);
  },

  fastify: async (auth) => {
    const app = fastifyApp();
    const authOf = (request: FastifyRequest): FastifyAuth =>
      (request as FastifyRequest & { auth: FastifyAuth }).auth;
    app.register(fastify(auth));
    app.get("/me", async (request, reply) => {
      reply.header("set-cookie", "mine=1; Path=/");
      return { user: await authOf(request).user() };
    });
    app.get("/private", async (request) =>
      (await authOf(request).user()) ? "private" : authOf(request).login(),
    );
    app.get("/token", (request) => authOf(request).token());
    app.get("/broken", () => broken());
    app.setErrorHandler<Error, { Body: unknown }>((error, request) =>
      recoverFastify(error, { auth: authOf(request as FastifyRequest) }),
    );
    app.get("/bye", (request) => authOf(request).logout({ local: true }));
    app.post("/echo", async (request) => JSON.stringify(request.body));
    await app.ready();
    return (request, response) => app.routing(request, response);
  },
};

function expressPages(auth: Auth, isLate: boolean): RequestListener {
  const app = expressApp();
  const parsers = [expressApp.urlencoded({ extended: false }), expressApp.json()];
  if (isLate) app.use(parsers);
  app.use(express(auth));
  if (!isLate) app.use(parsers);
  app.get("/me", async (req, res) => {
    res.append("set-cookie", "mine=1; Path=/");
    res.json({ user: await req.auth.user() });
  });
  app.get("/private", async (req, res) => {
    if (await req.auth.user()) res.send("private");
    else await req.auth.login();
  });
  app.get("/token", async (req, res) => res.send(await req.auth.token()));
  app.get("/bye", async (req) => req.auth.logout({ local: true }));
  app.get("/broken", () => broken());
  app.post("/echo", (req, res) => res.send(JSON.stringify(req.body)));
  app.use(recoverExpress);
  const quiet: ErrorRequestHandler = (_error, _req, res, _next) => res.status(500).send("broken");
  app.use(quiet);
  return app;
}

function broken(): never {
  throw new Error("a page of the app is broken");
}

for (const [name, make] of Object.entries(apps))
  test(`${name}: sign in, stay signed in, sign out`, async () => {
    await using http = await listening();
    await using issuer = await startIssuer({ clients: [registeredAt(http.origin)] });
    const auth = createAuth({
      ...{ secret: SECRET, issuer: issuer.issuer, ...CLIENT },
      onError: () => new Response("refused", { status: 400 }),
    });
    http.serve(await make(auth));
    assert.match((await demoBrowser().get(`${http.origin}/token`)).html, /^ey/, "recovered");
    assert.equal((await fetch(`${http.origin}/broken`)).status, 500);

    const browser = demoBrowser();
    const page = await browser.get(`${http.origin}/private?a=1`);
    assert.equal(page.url.pathname + page.url.search, "/private?a=1", page.text);
    assert.equal(page.html, "private");
    const me = await browser.request(new URL("/me", http.origin));
    assert.deepEqual(me.headers.getSetCookie(), ["mine=1; Path=/"]);
    assert.match(await me.text(), /ada@example\.com/);

    issuer.clock.advance(3700);
    const later = await browser.request(new URL("/me", http.origin));
    const names = later.headers.getSetCookie().map((line) => line.split("=")[0]);
    assert.deepEqual(names.sort(), ["mine", `vk_session_${new URL(http.origin).port}`]);
    assert.equal(later.headers.get("cache-control"), "no-store");
    await later.text();
    assert.match((await browser.get(`${http.origin}/token`)).html, /^ey/);

    const echo = await browser.request(new URL("/echo", http.origin), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a":"b"}',
    });
    assert.equal(await echo.text(), '{"a":"b"}', "the app's own bodies are untouched");

    // As Apple sends it: a form from another site, without cookies.
    const form = await fetch(`${http.origin}/auth/callback`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ state: "s", code: "c" }),
    });
    assert.equal(form.status, 303, await form.text());
    assert.match(form.headers.get("location") ?? "", /^\/auth\/callback\?form=ey[\w.-]+$/);

    const missing = await browser.request(new URL("/auth/missing", http.origin));
    assert.equal(missing.status, 404);
    await missing.text();
    const refused = await browser.request(new URL("/auth/callback?state=x", http.origin));
    assert.equal(refused.status, 303, "somebody is signed in: they go on");
    await refused.text();

    const ask = await browser.get(`${http.origin}/bye`);
    assert.match(ask.html, /Sign out\?/);
    const out = await browser.request(new URL("/auth/logout", http.origin), {
      method: "POST",
      headers: { origin: http.origin },
    });
    assert.equal(out.status, 303);
    await out.text();
    assert.equal((await browser.get(`${http.origin}/me`)).html, '{"user":null}');
    const again = await browser.request(new URL("/auth/callback?state=x", http.origin));
    assert.deepEqual([again.status, await again.text()], [400, "refused"]);
  });

test("express: a form of another site, whoever has read it", async () => {
  const auth = createAuth({ secret: SECRET, issuer: "https://as.test", ...CLIENT });
  const parsers = {
    none: [],
    simple: [expressApp.urlencoded({ extended: false })],
    extended: [expressApp.urlencoded({ extended: true })],
    json: [expressApp.json()],
    text: [expressApp.text({ type: "*/*" })],
    raw: [expressApp.raw({ type: "*/*" })],
  };
  for (const [name, parser] of Object.entries(parsers)) {
    await using http = await listening();
    const app = expressApp();
    app.use(...[...parser, express(auth)]);
    http.serve(app);
    const body = new URLSearchParams("code=1&code=2&state=s");
    const answer = await fetch(`${http.origin}/auth/callback`, {
      ...{ method: "POST", redirect: "manual", body },
    });
    const to = new URL(answer.headers.get("location") ?? "", http.origin);
    const opened = await sealsOf([SECRET]).open("form", to.searchParams.get("form") ?? "");
    assert.equal(opened?.value, `${body}`, name);
  }
});

test("a method that no Request can have is the app's to answer", () => {
  for (const method of ["TRACE", "CONNECT", "trace"]) {
    const given = { url: "/x", method, headers: {}, async *[Symbol.asyncIterator]() {} };
    assert.equal(webRequest(given).method, "OPTIONS");
  }
});

test("a Host with a path is no path", () => {
  for (const host of ["127.0.0.1/auth/logout?", "a@b", "a\\b", "a#", undefined]) {
    const given = { url: "/x", headers: { host }, async *[Symbol.asyncIterator]() {} };
    const { pathname, hostname } = new URL(webRequest(given).url);
    assert.deepEqual([pathname, hostname === "127.0.0.1"], ["/x", false], String(host));
  }
});

test("an address that looks like another host is a path", async () => {
  await using http = await listening();
  await using issuer = await startIssuer();
  const auth = createAuth({ secret: SECRET, issuer: issuer.issuer, clientId: "x", prefix: "/a" });
  const seen: string[] = [];
  const app = expressApp();
  app.use(express(auth));
  app.use((req, res) => {
    seen.push(req.url);
    res.send("mine");
  });
  http.serve(app);
  const { connect } = await import("node:net");
  const socket = connect(Number(new URL(http.origin).port), "127.0.0.1");
  socket.write("GET //evil.test/a/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const [answer] = await Promise.all([new Response(socketBody(socket)).text()]);
  assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*mine/);
  assert.deepEqual(seen, ["//evil.test/a/login"]);
});

async function* socketBody(socket: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  for await (const part of socket) yield part;
}

/** An app with Next.js that finds out its own address. */
async function nextApp() {
  const origin = "http://localhost:3000";
  const issuer = await startIssuer({ clients: [registeredAt(origin)] });
  const auth = createAuth({ secret: SECRET, issuer: issuer.issuer, ...CLIENT });
  return { issuer, origin, auth, ...next(auth), [Symbol.asyncDispose]: issuer.close };
}

test("next: route handlers, and a proxy that hands a new cookie to components and browser", async () => {
  await using app = await nextApp();
  const { issuer, origin, auth, GET, proxy } = app;
  assert.equal((await GET(new Request(`${origin}/auth/missing`))).status, 404);
  const cookie = await issuer.cookieFor(auth, "ada");

  const quiet = await proxy(new Request(`${origin}/`, { headers: { cookie, "x-mine": "1" } }));
  assert.equal(quiet.headers.get("x-middleware-next"), "1");
  assert.deepEqual(quiet.headers.getSetCookie(), []);
  assert.deepEqual(quiet.headers.get("x-middleware-override-headers")?.split(",").sort(), [
    "cookie",
    "x-mine",
  ]);
  assert.equal(quiet.headers.get("x-middleware-request-cookie"), cookie);

  issuer.clock.advance(700);
  const ahead = await proxy(new Request(`${origin}/`, { headers: { cookie } }));
  const [line = "", ...more] = ahead.headers.getSetCookie();
  assert.deepEqual([line.split("=")[0], more], ["vk_session_3000", []]);
  const handed = ahead.headers.get("x-middleware-request-cookie") ?? "";
  assert.ok(handed.includes(line.split(";")[0] ?? "-"));
  assert.ok(handed.includes("vk_browser_3000="), "the others are kept");
  // A component, which can set no cookie: the token is there without a refresh.
  const asked = issuer.requests.length;
  assert.match(await auth.token(new Request(origin, { headers: { cookie: handed } })), /^ey/);
  assert.equal(issuer.requests.length, asked);

  issuer.clock.advance(700);
  issuer.fault.fail("/token", 503, 2);
  assert.equal((await proxy(new Request(origin, { headers: { cookie: handed } }))).status, 200);
  assert.equal((await proxy(new Request(origin))).headers.get("x-middleware-next"), "1");
});

test("next: a session that the provider ended is none for components, which are other copies of the module", async () => {
  await using app = await nextApp();
  const { issuer, origin, auth, proxy } = app;
  const cookie = `${await issuer.cookieFor(auth, "ada")}; mine=1`;
  const handed = async (path = "/") => {
    const answer = await proxy(new Request(origin + path, { headers: { cookie } }));
    return answer.headers.get("x-middleware-request-cookie") ?? "";
  };
  assert.match(await handed(), /vk_session_3000=/);

  issuer.clock.advance(700);
  issuer.fault.revoke("ada");
  const asked = issuer.requests.length;
  // The app's own addresses answer for themselves: a logout begins with no refresh.
  assert.equal(await handed("/auth/logout"), cookie);
  assert.equal(issuer.requests.length, asked);
  for (const _ of ["the refresh is refused", "and it is known"]) {
    assert.doesNotMatch(await handed(), /vk_session_3000=/);
    assert.match(await handed(), /vk_browser_3000=.*; mine=1$/);
  }
  const other = createAuth({ secret: SECRET, issuer: issuer.issuer, ...CLIENT });
  const component = new Request(origin, { headers: { cookie: await handed() } });
  assert.equal(await other.user(component), null);
});

test("next: an app is built without its secrets", async () => {
  let made = 0;
  const { GET, proxy } = next(() => {
    made += 1;
    return createAuth({ secret: SECRET, issuer: "https://id.example", ...CLIENT });
  });
  assert.equal(made, 0);
  assert.equal((await GET(new Request("http://localhost:3000/auth/missing"))).status, 404);
  await proxy(new Request("http://localhost:3000/"));
  assert.equal(made, 1);
});

test("next: recover and login send people to the address of the login", async () => {
  const navigation = 'export const redirect = (url) => { throw new Error("to " + url) }';
  const hooks = registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === "next/navigation"
        ? { url: `data:text/javascript,${navigation}`, shortCircuit: true }
        : nextResolve(specifier, context),
  });
  const auth = createAuth({ secret: SECRET, issuer: "https://as.test", ...CLIENT });
  const { recover, login } = next(auth);
  const error = await auth.token(new Request("http://localhost/")).catch((reason) => reason);
  const to = (query: string) => ({ message: `to /auth/login?${query}` });
  await assert.rejects(recover(error, "/a?b=c"), to("return_to=%2Fa%3Fb%3Dc&recovers=no_session"));
  await assert.rejects(recover(new Error("mine"), "/a"), { message: "mine" });
  await assert.rejects(login(), to("return_to=%2F"));
  await assert.rejects(
    login({ returnTo: "/a", provider: "github", prompt: "consent" }),
    to("return_to=%2Fa&provider=github&prompt=consent"),
  );
  hooks.deregister();
});
