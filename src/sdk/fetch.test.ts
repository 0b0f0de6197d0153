import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { failure } from "../../test/sdk/failure.ts";
import { boundedFetch, readJson } from "./fetch.ts";

const fetch = boundedFetch();

/** The origin of a server that answers this way. */
async function serve(t: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  return `http://127.0.0.1:${address.port}`;
}

test("an answer arrives with status, headers and its whole body", async (t) => {
  const origin = await serve(t, (request, response) => {
    response.writeHead(418, { "x-agent": request.headers["user-agent"] });
    response.end();
  });
  const response = await fetch(origin);
  assert.deepEqual([response.status, response.headers.get("x-agent")], [418, "valetkey"]);
  const own = await fetch(origin, { headers: { "user-agent": "mine" } });
  assert.equal(own.headers.get("x-agent"), "mine");
  const asked = await fetch(new Request(origin, { headers: { "user-agent": "yours" } }));
  assert.equal(asked.headers.get("x-agent"), "yours");
});

test("a compressed body is decoded, and bounded after decoding", async (t) => {
  const origin = await serve(t, (request, response) => {
    response.setHeader("content-encoding", "gzip");
    response.end(gzipSync(request.url === "/large" ? "x".repeat(300_000) : '{"a":1}'));
  });
  const response = await fetch(`${origin}/small`);
  assert.deepEqual(await readJson(response), { a: 1 });
  assert.equal(response.headers.get("content-encoding"), null);
  await assert.rejects(fetch(`${origin}/large`), failure("invalid_response", /262144/));
});

test("256 KB are read and one byte more is not", async (t) => {
  const origin = await serve(t, ({ url }, response) => {
    response.end("x".repeat(Number(url?.slice(1))));
  });
  assert.equal((await (await fetch(`${origin}/262144`)).text()).length, 262_144);
  await assert.rejects(fetch(`${origin}/262145`), failure("invalid_response", /262144/));
});

test("a redirect is an error that names its target without the query", async (t) => {
  let followed = false;
  const origin = await serve(t, ({ url }, response) => {
    followed ||= url !== "/old";
    response.writeHead(302, { location: "/new?code=s3cret" }).end();
  });
  await assert.rejects(fetch(`${origin}/old`), (error) => {
    assert.doesNotMatch(String(error), /s3cret/);
    return failure("invalid_response", /\/old redirects to http:.*\/new\./)(error);
  });
  assert.equal(followed, false);
});

test("no answer within 8 seconds is an error, also in the middle of a body", async (t) => {
  const origin = await serve(t, ({ url }, response) => {
    if (url === "/body") response.write("{");
  });
  for (const path of ["/", "/body"]) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const answer = fetch(origin + path);
    const refused = assert.rejects(
      answer,
      failure("issuer_unreachable", /did not answer within 8 s/, { retryable: true }),
    );
    t.mock.timers.tick(7999);
    const early = await Promise.race([answer.then(String, String), pause()]);
    assert.equal(early, "waiting");
    t.mock.timers.tick(1);
    await refused;
    t.mock.timers.reset();
  }
});

/** Long enough for the first bytes on loopback; the timers of the test stand still. */
async function pause(): Promise<string> {
  const until = performance.now() + 50;
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
  return "waiting";
}

test("a refused connection and an unknown name are outages", async () => {
  await assert.rejects(
    fetch("http://127.0.0.1:1/"),
    failure("issuer_unreachable", /ECONNREFUSED|bad port/, { retryable: true }),
  );
  await assert.rejects(
    fetch("https://no-such-host.invalid/"),
    failure("issuer_unreachable", /no-such-host/, { retryable: true }),
  );
});

test("the caller's signal stops it", async (t) => {
  const origin = await serve(t, () => {});
  const stop = new AbortController();
  const answer = fetch(origin, { signal: stop.signal });
  stop.abort();
  await assert.rejects(answer, failure("cancelled", /was stopped/));
  const never = boundedFetch(() => assert.fail("the request was sent"));
  await assert.rejects(never(origin, { signal: stop.signal }), failure("cancelled", /was stopped/));
});

test("a function of the app sends the requests, and the bounds hold around it", async (t) => {
  const origin = await serve(t, ({ url }, response) => {
    if (url === "/old") response.writeHead(302, { location: "/new" }).end();
    else response.end("x".repeat(300_000));
  });
  const asked: unknown[] = [];
  const own = boundedFetch(async (input, init) => {
    asked.push([input, new Headers(init?.headers).get("user-agent")]);
    return globalThis.fetch(input, { ...init, redirect: "follow" });
  });
  await assert.rejects(own(`${origin}/large`), failure("invalid_response", /262144/));
  await assert.rejects(
    own(`${origin}/old`),
    failure("invalid_response", /redirects to http.*\/new/),
  );
  assert.deepEqual(asked, [
    [`${origin}/large`, "valetkey"],
    [`${origin}/old`, "valetkey"],
  ]);
});

test("a function of the app that never answers is not waited for longer than 8 seconds", async (t) => {
  const endless = new ReadableStream({ pull: () => new Promise(() => {}) });
  for (const sent of [new Promise<never>(() => {}), Promise.resolve(new Response(endless))]) {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const answer = boundedFetch(() => sent)("https://as.test/");
    const refused = assert.rejects(
      answer,
      failure("issuer_unreachable", /within 8 s/, { retryable: true }),
    );
    t.mock.timers.tick(8000);
    await refused;
    t.mock.timers.reset();
  }
});

test("without one, it is the global fetch, also one that was replaced later", async (t) => {
  t.mock.method(globalThis, "fetch", async () => new Response("mine"));
  assert.equal(await (await fetch("https://as.test/")).text(), "mine");
});

test("https at a server that speaks http is named", async (t) => {
  const origin = await serve(t, (_, response) => response.end());
  await assert.rejects(
    fetch(origin.replace("http:", "https:")),
    failure("issuer_unreachable", /hint: what answers there speaks http, and not https/, {
      retryable: true,
    }),
  );
});

test("JSON is recognised by its content", async () => {
  const json = new Response('{"error":"x"}', {
    status: 500,
    headers: { "content-type": "text/html" },
  });
  assert.deepEqual(await readJson(json), { error: "x" });
  const page = { headers: { "content-type": "application/json" } };
  assert.equal(await readJson(new Response("<!doctype html>", page)), undefined);
  assert.equal(await readJson(new Response(null, { status: 204 })), undefined);
});
