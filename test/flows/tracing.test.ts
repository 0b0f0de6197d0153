/** Traces: with a registered provider each request is a span; without one nothing is loaded. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, test } from "node:test";
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { introspect, post, tokensFor } from "../support/flow.ts";
import { ISSUER, SERVICE, testServer, WEB } from "../support/server.ts";

const exporter = new InMemorySpanExporter();
const spanProcessors = [new SimpleSpanProcessor(exporter)];
const withParent = {
  fields: () => ["traceparent"],
  inject() {},
  extract: ((given, carrier, getter) => {
    const found = getter.get(carrier, "traceparent");
    const [, traceId = "", spanId = ""] = String(found ?? "").split("-");
    if (traceId === "") return given;
    return trace.setSpanContext(given, { traceId, spanId, traceFlags: 1, isRemote: true });
  }) satisfies Parameters<typeof propagation.setGlobalPropagator>[0]["extract"],
};

function register(options: ConstructorParameters<typeof BasicTracerProvider>[0]): void {
  trace.disable();
  trace.setGlobalTracerProvider(new BasicTracerProvider(options));
  exporter.reset();
}
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(withParent);
after(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

test("a request is one server span with route, status and event id, and database spans below it", async () => {
  register({ spanProcessors });
  await using server = await testServer();
  const client = await server.addClient(WEB);
  await server.addUser("ada");
  const { access_token } = await tokensFor(server, client);
  exporter.reset();
  await introspect(server, client, access_token);
  const spans = exporter.getFinishedSpans();
  const [request, ...others] = spans.filter(({ kind }) => kind === SpanKind.SERVER);
  assert.equal(others.length, 0);
  assert.equal(request?.name, "POST /introspect");
  const { attributes } = request;
  assert.equal(attributes["http.route"], "/introspect");
  assert.equal(attributes["http.response.status_code"], 200);
  const logged = server.lines.at(-1)?.fields.event_id;
  assert.equal(attributes["valetkey.event_id"], logged);
  const children = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
  assert.ok(children.some(({ name }) => name === "database loadGrant"));
  for (const { parentSpanContext } of children)
    assert.equal(parentSpanContext?.spanId, request.spanContext().spanId);
  assert.ok(!JSON.stringify(spans.map((span) => span.attributes)).includes(access_token));
});

test("a request continues the caller's trace, and an unknown path is not a span name", async () => {
  register({ spanProcessors });
  await using server = await testServer();
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  await server.fetch(new Request(`${ISSUER}/some/secret/path`, { headers }));
  const [span] = exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
  assert.equal(span?.spanContext().traceId, traceId);
  assert.equal(span.name, "GET");
  assert.equal(span.attributes["http.route"], undefined);
});

test("an unsampled request has no database spans", async () => {
  register({ sampler: new AlwaysOffSampler(), spanProcessors });
  await using server = await testServer();
  const client = await server.addClient(SERVICE);
  const { status } = await post(server, "/token", { client, grant_type: "client_credentials" });
  assert.equal(status, 200);
  assert.equal(exporter.getFinishedSpans().length, 0);
});

test("without a provider no OpenTelemetry module is loaded", () => {
  const program = `
    import { createRequire } from "node:module";
    import { createAuthorizationServer } from "./src/index.ts";
    const server = createAuthorizationServer({ database: "sqlite::memory:" });
    await server.ready;
    await server.fetch(new Request("http://127.0.0.1:4000/jwks"));
    await server.close();
    const loaded = Object.keys(createRequire(import.meta.url).cache ?? {});
    console.log(loaded.some((file) => /opentelemetry|prom-client/.test(file)));
  `;
  const flags = ["--input-type=module-typescript", "--eval", program];
  assert.equal(execFileSync(process.execPath, flags, { encoding: "utf8" }).trim(), "false");
});
