/** The adapters of `valetkey/resource-server`, each in a server that runs: the same answers everywhere. */
import assert from "node:assert/strict";
import { createServer, get, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { serve } from "@hono/node-server";
import createExpress from "express";
import createFastify from "fastify";
import { Hono } from "hono";
import * as express from "../../../src/sdk/resource_server/express.ts";
import * as fastify from "../../../src/sdk/resource_server/fastify.ts";
import * as hono from "../../../src/sdk/resource_server/hono.ts";
import * as next from "../../../src/sdk/resource_server/next.ts";
import type { Access } from "../../../src/sdk/resource_server/options.ts";
import { accessOf } from "../../../src/sdk/resource_server/protect.ts";
import { failure } from "../failure.ts";
import { fakeIssuer } from "./fake_issuer.ts";
import { paramsOf, protect, SNAPS, scene } from "./scene.ts";

const { options, token } = await scene();
const guard = protect({ ...options, scopes: ["photos.read"] });
const write = { scopes: ["photos.write"] };
const shown = ({ clientId, scopes }: Access) => ({ clientId, scopes });

interface Running {
  origin: string;
  close(): unknown;
}

async function listening(listener: RequestListener): Promise<Running> {
  const http = createServer(listener);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => http.close() };
}

const servers: Record<string, () => Promise<Running>> = {
  async Express() {
    const app = createExpress();
    app.use(express.metadata(guard));
    app.use("/photos", express.express(guard));
    app.get("/photos", (req, res) => {
      assert.equal(Reflect.get(req, "access"), accessOf(req));
      res.json(shown(accessOf(req)));
    });
    app.post("/photos", express.express(guard, write), (req, res) => {
      res.json(shown(accessOf(req)));
    });
    return listening(app);
  },
  async Fastify() {
    const app = createFastify();
    app.register(fastify.metadata(guard));
    app.get("/photos", { onRequest: fastify.fastify(guard) }, async (request) => {
      assert.equal(Reflect.get(request, "access"), accessOf(request));
      return shown(accessOf(request));
    });
    app.post("/photos", { onRequest: fastify.fastify(guard, write) }, async (request) =>
      shown(accessOf(request)),
    );
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    return { origin, close: () => app.close() };
  },
  async Hono() {
    const app = new Hono<{ Variables: { access: Access } }>();
    app.use(hono.metadata(guard));
    app.use("/photos", hono.hono(guard));
    app.get("/photos", (c) => {
      assert.equal(c.get("access"), accessOf(c.req.raw));
      return c.json(shown(c.get("access")));
    });
    app.post("/photos", hono.hono(guard, write), (c) => c.json(shown(c.get("access"))));
    const { promise, resolve } = Promise.withResolvers<number>();
    const http = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(port),
    );
    return { origin: `http://127.0.0.1:${await promise}`, close: () => http.close() };
  },
  async "Next.js, and bare fetch"() {
    const handler = (request: Request, access: Access) => {
      assert.equal(access, accessOf(request));
      return Response.json(shown(access));
    };
    const app = new Hono();
    const GET = next.next(guard, {}, handler);
    const POST = next.next(guard, write, handler);
    app.get("/photos", (c) => GET(c.req.raw));
    app.post("/photos", (c) => POST(c.req.raw));
    const document = next.metadata(guard);
    app.on(["GET", "OPTIONS"], "/.well-known/*", (c) => document(c.req.raw));
    const { promise, resolve } = Promise.withResolvers<number>();
    const http = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(port),
    );
    return { origin: `http://127.0.0.1:${await promise}`, close: () => http.close() };
  },
};

for (const [name, start] of Object.entries(servers))
  test(`${name}: a token opens the API, is refused with a challenge, and the metadata is there`, async () => {
    const { origin, close } = await start();
    after(() => close());
    const ask = (method: string, authorization?: string) =>
      fetch(`${origin}/photos?a=b`, { method, headers: authorization ? { authorization } : {} });
    const read = await token();
    const good = await ask("GET", `Bearer ${read}`);
    assert.deepEqual(await good.json(), { clientId: "valetkey-testing", scopes: ["photos.read"] });
    const none = await ask("GET");
    assert.equal(none.status, 401);
    assert.deepEqual(paramsOf(none.headers.get("www-authenticate") ?? ""), {
      scope: "photos.read",
      resource_metadata: "https://snaps.test/.well-known/oauth-protected-resource/api",
    });
    assert.equal(none.headers.get("cache-control"), "no-store");
    const less = await ask("POST", `Bearer ${read}`);
    assert.equal(less.status, 403);
    assert.equal(Object(await less.json()).error, "insufficient_scope");
    const both = await ask("POST", `Bearer ${await token("photos.read photos.write")}`);
    assert.equal(both.status, 200);
    const document = await fetch(`${origin}/.well-known/oauth-protected-resource/api`);
    assert.equal(Object(await document.json()).resource, SNAPS);
    assert.equal(document.headers.get("access-control-allow-origin"), "*");
    const preflight = await fetch(document.url, { method: "OPTIONS" });
    assert.equal(preflight.headers.get("access-control-allow-headers"), "*");
    assert.equal((await fetch(`${origin}/.well-known/other`)).status, 404);
  });

test("an address that is no URL ends no program", async () => {
  const { origin, close } = await listening((request, response) => {
    void express.metadata(guard)(request, response, () => response.end("mine"));
  });
  after(() => close());
  const { port } = new URL(origin);
  for (const path of ["//", "//[", "http://", "*"]) {
    const text = await new Promise<string>((resolve, reject) => {
      const sent = get({ host: "127.0.0.1", port, path, agent: false }, async (response) => {
        response.setEncoding("utf8");
        resolve((await response.toArray()).join(""));
      });
      sent.setTimeout(2000, () => sent.destroy(new Error(`no answer to ${path}`)));
      sent.on("error", reject);
    });
    assert.equal(text, "mine", path);
  }
});

test("an error of the configuration reaches the error handler of the framework", async () => {
  await using fake = await fakeIssuer();
  fake.answers["/.well-known/oauth-authorization-server"] = () => ({
    body: { issuer: "https://other.test" },
  });
  const app = createExpress();
  app.use(express.express(protect(fake.options)));
  const handle: createExpress.ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(500).json({ code: error.code });
  };
  app.use(handle);
  const { origin, close } = await listening(app);
  after(() => close());
  const authorization = `Bearer ${await fake.sign(fake.claims)}`;
  const answer = await fetch(origin, { headers: { authorization } });
  assert.deepEqual([answer.status, await answer.json()], [500, { code: "issuer_mismatch" }]);
});

test("a handler without a guard before it is an error that says so", () => {
  assert.throws(() => accessOf(new Request(SNAPS)), failure("configuration", /no guard has seen/));
});
