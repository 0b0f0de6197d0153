import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type TestContext, test } from "node:test";
import { failure } from "../../test/sdk/failure.ts";
import { boundedFetch } from "./fetch.ts";
import { checkIssuer, metadataOf } from "./metadata.ts";

const fetch = boundedFetch();
const DOCUMENT = "/.well-known/openid-configuration";

/** An issuer whose answer a test changes, and a clock that stands still. */
async function scene(t: TestContext) {
  let now = 1_000_000;
  const asked: string[] = [];
  const state = {
    asked,
    issuer: "",
    answer(_request: IncomingMessage, response: ServerResponse): void {
      response.end(JSON.stringify({ issuer: state.issuer, n: asked.length }));
    },
    /** Calls until this request has been sent, which no call waits for. The one before may still be under way. */
    async wasAsked(times: number, call: () => Promise<unknown>): Promise<void> {
      while (asked.length < times) {
        await call();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.equal(asked.length, times);
    },
    advance(seconds: number): void {
      now += seconds * 1000;
    },
  };
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    state.answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === "object" && address);
  state.issuer = `http://127.0.0.1:${address.port}`;
  t.mock.method(performance, "now", () => now);
  return state;
}

test("metadata is kept for an hour, and concurrent calls share a request", async (t) => {
  const server = await scene(t);
  const metadata = metadataOf(server.issuer, { fetch });
  const all = await Promise.all([metadata(), metadata(), metadata()]);
  assert.deepEqual(
    all.map(({ n }) => n),
    [1, 1, 1],
  );
  server.advance(3599);
  assert.equal((await metadata()).n, 1);
  server.advance(1);
  assert.equal((await metadata()).n, 2);
  assert.deepEqual(server.asked, [DOCUMENT, DOCUMENT]);
});

test("in an outage it is used for a day, and the issuer is asked again every 30 seconds", async (t) => {
  const server = await scene(t);
  const metadata = metadataOf(server.issuer, { fetch });
  await metadata();
  const works = server.answer;
  server.answer = (_request, response) => void response.writeHead(503).end();
  server.advance(3600);
  assert.equal((await metadata()).n, 1);
  assert.equal(server.asked.length, 2);
  server.advance(29);
  assert.equal((await metadata()).n, 1);
  assert.equal(server.asked.length, 2);
  server.advance(1);
  assert.equal((await metadata()).n, 1);
  await server.wasAsked(3, metadata);
  server.advance(86_400 - 3600 - 31);
  assert.equal((await metadata()).n, 1, "a second before the day is over");
  await server.wasAsked(4, metadata);
  server.advance(1);
  await assert.rejects(
    metadata(),
    failure("issuer_unreachable", /status 503/, { retryable: true }),
  );
  server.answer = works;
  assert.equal((await metadata()).n, server.asked.length);
});

test("without metadata, an outage is an error that may be tried again", async (t) => {
  const server = await scene(t);
  const metadata = metadataOf(server.issuer, { fetch });
  for (const status of [429, 500, 503]) {
    server.answer = (_request, response) => void response.writeHead(status).end();
    await assert.rejects(metadata(), failure("issuer_unreachable", /status/, { retryable: true }));
  }
  assert.equal(server.asked.length, 3, "a failure is not kept");
});

test("the issuer is compared byte for byte, also when metadata is kept", async (t) => {
  const server = await scene(t);
  const metadata = metadataOf(server.issuer, { fetch });
  await metadata();
  server.advance(3600);
  for (const named of [`${server.issuer}/`, server.issuer.toUpperCase(), "https://b.test"]) {
    server.answer = (_request, response) => void response.end(JSON.stringify({ issuer: named }));
    await assert.rejects(metadata(), (error) => {
      assert.ok(error instanceof Error && error.message.includes(`"${named}"`));
      return failure("issuer_mismatch", new RegExp(`the configuration "${server.issuer}"`))(error);
    });
  }
});

test("the other document is asked for when the first does not exist", async (t) => {
  const server = await scene(t);
  const { answer } = server;
  const oauth = "/.well-known/oauth-authorization-server";
  server.answer = (request, response) =>
    request.url?.startsWith(oauth) ? answer(request, response) : response.writeHead(404).end();
  assert.equal((await metadataOf(server.issuer, { fetch })()).n, 2);
  assert.equal((await metadataOf(server.issuer, { fetch, first: "oauth" })()).n, 3);
  server.issuer = `${server.issuer}/tenant/1`;
  await metadataOf(server.issuer, { fetch })();
  assert.deepEqual(server.asked.slice(3), [`/tenant/1${DOCUMENT}`, `${oauth}/tenant/1`]);
  server.issuer = `${server.issuer}/`;
  await metadataOf(server.issuer, { fetch })();
  assert.deepEqual(server.asked.slice(5), [`/tenant/1${DOCUMENT}`, `${oauth}/tenant/1`]);
});

test("neither document, or a page instead of one, is an error that names the address", async (t) => {
  const server = await scene(t);
  server.answer = (_request, response) => void response.writeHead(404).end();
  await assert.rejects(
    metadataOf(server.issuer, { fetch })(),
    failure("invalid_response", /openid-configuration and .*authorization-server do not exist/),
  );
  for (const body of ["<!doctype html>", "[]", "{}", '{"issuer":1}']) {
    server.answer = (_request, response) => void response.end(body);
    await assert.rejects(
      metadataOf(server.issuer, { fetch })(),
      failure("invalid_response", /openid-configuration has no metadata/),
    );
  }
});

test("issuers are https URLs without query and fragment; http is for this machine", () => {
  for (const issuer of [
    "https://as.test",
    "https://as.test/tenant/",
    "http://localhost:4000",
    "http://127.0.0.1:4000",
    "http://[::1]:4000",
    "http://as.localhost",
  ])
    checkIssuer(issuer);
  for (const issuer of [
    "",
    "as.test",
    "http://as.test",
    "http://127.0.0.1.as.test",
    "http://localhost.as.test",
    "ftp://as.test",
    "https://as.test?x",
    "https://as.test#",
    "https://as.test/?",
  ])
    assert.throws(() => checkIssuer(issuer), failure("configuration", /the issuer/));
});

test("an empty issuer asks for the environment variable", () => {
  const hint = /is not a URL. hint: .*is an environment variable missing\?$/;
  assert.throws(() => checkIssuer(""), failure("configuration", hint));
});
