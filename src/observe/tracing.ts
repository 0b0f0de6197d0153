/**
 * OpenTelemetry traces, for processes in which a provider is registered. Without one this code does not run, and
 * OpenTelemetry is not loaded. The provider exports the traces.
 */
import { createRequire } from "node:module";
import type { TextMapGetter } from "@opentelemetry/api";
import type { Observer } from "../context.ts";
import type { HttpRequest, HttpResponse } from "../http/message.ts";
import type { StoreWatch } from "../store/observed_store.ts";
import { silentObserver } from "./observer.ts";

type Answer = (request: HttpRequest) => Promise<HttpResponse>;

export interface Tracing {
  observer: Observer;
  store_watch: StoreWatch;
  /** One server span for each request, in the trace of the caller if the request carries one. */
  traced(answer: Answer): Answer;
}

/** The place where every copy of the API finds the registered provider. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");
const METHODS = new Set(["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"]);
const HEADERS: TextMapGetter<HttpRequest> = {
  keys: () => ["traceparent", "tracestate"],
  get: (request, name) => request.header(name.toLowerCase()),
};

/** Null: no provider is registered. */
export function tracingIfRegistered(): Tracing | null {
  const registered: unknown = Reflect.get(globalThis, REGISTERED);
  if (typeof registered !== "object" || registered === null || !("trace" in registered))
    return null;
  const require = createRequire(import.meta.url);
  const api: typeof import("@opentelemetry/api") = require("@opentelemetry/api");
  const { context, propagation, SpanKind, SpanStatusCode, trace } = api;
  const tracer = trace.getTracer("valetkey");
  return {
    observer: {
      ...silentObserver,
      answered({ event_id, route, method, status }) {
        const span = trace.getActiveSpan();
        if (!span?.isRecording()) return;
        const verb = METHODS.has(method) ? method : "HTTP";
        span.updateName(route === null ? verb : `${verb} ${route}`);
        span.setAttributes({
          "http.request.method": verb === "HTTP" ? "_OTHER" : verb,
          "http.response.status_code": status,
          "valetkey.event_id": event_id,
          ...(route !== null && { "http.route": route }),
        });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      },
    },
    store_watch(operation) {
      // Outside of a request, and in one that is not sampled, there is no parent span.
      if (!trace.getActiveSpan()?.isRecording()) return null;
      const span = tracer.startSpan(`database ${operation}`, { kind: SpanKind.CLIENT });
      return (error) => {
        if (error !== null) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
    traced: (answer) => async (request) => {
      const caller = propagation.extract(context.active(), request, HEADERS);
      const span = tracer.startSpan("HTTP", { kind: SpanKind.SERVER }, caller);
      try {
        return await context.with(trace.setSpan(caller, span), () => answer(request));
      } finally {
        span.end();
      }
    },
  };
}
