/** Answers one request: finds its route, makes its context, and turns every error into a response. */
import { type Context, type LogFields, requestContext, type Server } from "./context.ts";
import { randomText } from "./crypto/hash.ts";
import { boundedSecrets } from "./crypto/server_secret.ts";
import { checkAddress } from "./http/address.ts";
import { CORS, isPreflight, preflight } from "./http/cors.ts";
import { switchLanguage } from "./http/language.ts";
import {
  type HeaderList,
  type HttpRequest,
  type HttpResponse,
  json,
  NO_STORE,
  text,
  withHeaders,
} from "./http/message.ts";
import { PageError, pageErrorResponse } from "./http/page.ts";
import { basePath, isBelow } from "./http/paths.ts";
import { RateLimited, rateLimitHeaders, takeFromNetwork } from "./http/rate_limit.ts";
import { noteOAuthError, noteRefusal } from "./http/refusal.ts";
import type { Route } from "./http/route.ts";
import type { Match, Router } from "./http/router.ts";
import { OAuthError } from "./oauth/errors.ts";
import { TooBusy } from "./people/password.ts";
import { DatabaseUnavailable } from "./store/sql/driver.ts";

const RETRY_AFTER = "2";
/** Characters of an unknown path in the log. */
const MOST_LOGGED = 200;

type Quotas = NonNullable<Context["quotas"]>;
export type Dispatch = (request: HttpRequest) => Promise<HttpResponse>;

export function dispatcher(server: Server, router: Router): Dispatch {
  const always: HeaderList = server.issuer.startsWith("https:") ? HSTS : [];
  const withCors: HeaderList = [...always, ...CORS];
  return async (request) => {
    const match = router(request.path);
    const route = match?.route;
    const started = server.clock();
    const event_id = randomText(9);
    const began = performance.now();
    const quotas: Quotas = { tightest: null };
    const response = await respond(request, match, { server, started, event_id, quotas });
    const { method, path, address } = request;
    const { status } = response;
    const took = performance.now() - began;
    const seconds = took / 1000;
    // The pattern is the label, since a path may hold text that a stranger chose.
    const label = route?.path ?? null;
    server.observer.answered({ event_id, route: label, method, status, seconds });
    const is_quiet = route?.kind === "bare" || (route?.polled && status < 400);
    if (!is_quiet) {
      const ms = Math.round(took);
      const which = label === null ? { path: path.slice(0, MOST_LOGGED) } : { route: label };
      server.log.info("request", { event_id, method, ...which, status, ms, address });
    }
    return withHeaders(response, [
      ...rateLimitHeaders(quotas.tightest),
      ...((route ? route.cors : isWellKnown(request, server)) ? withCors : always),
    ]);
  };
}

/** A year, for this host only: Valetkey can't decide for other hosts of the domain. */
const HSTS: HeaderList = [["strict-transport-security", "max-age=31536000"]];

interface Arrival {
  server: Server;
  /** Milliseconds since the epoch. */
  started: number;
  event_id: string;
  quotas: Quotas;
}

async function respond(
  request: HttpRequest,
  match: Match | null,
  { server, started, event_id, quotas }: Arrival,
): Promise<HttpResponse> {
  const { address } = request;
  const ctx = requestContext(server, { now_ms: started, event_id, address, quotas });
  const route = match?.route;
  try {
    if (!route && isWellKnown(request, server)) return nothingThere(request);
    const switched = !route || route.kind === "page" ? switchLanguage(request, ctx) : null;
    if (switched) return switched;
    if (!match || !route) throw notFound(request, server);
    const method = methodFor(request, route);
    // With an embedded server, a stranger can send any word as method, even `constructor`.
    const handler = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    if (!handler) return otherMethod(request, route, ctx);
    if (route.kind === "bare") return await handler(request, ctx, match.params);
    if (route.limited) takeFromNetwork("address", ctx);
    // The context so far is enough for an error response when the database does not answer.
    const { epoch, secrets: since } = await server.store.currentState();
    ctx.epoch = epoch;
    const { now } = ctx;
    ctx.secrets = boundedSecrets(server.secrets, { since, now, bounds: server.secret_bounds });
    if (!route.outlasts_database) checkFresh(server);
    const elsewhere = route.kind === "page" ? checkAddress(request, ctx) : null;
    if (elsewhere) return elsewhere;
    return await handler(request, ctx, match.params);
  } catch (error) {
    return refuse(error, { request, route, ctx });
  }
}

/**
 * The cached clients and people are as old as the last read of their versions. After `directory_stale` they are not
 * used any more: another node may have disabled a client meanwhile, or removed a key.
 * @throws DatabaseUnavailable
 */
function checkFresh({ store, settings }: Server): void {
  const seconds = store.staleFor();
  if (seconds > settings.directory_stale)
    throw new DatabaseUnavailable(
      `the versions of clients, people and keys were last seen ${Math.round(seconds)} s ago`,
    );
}

/**
 * If an embedding app mounts the server below a path and removes the path, every request ends here: the log explains
 * what is missing.
 */
function notFound({ path }: HttpRequest, { issuer }: Server): PageError {
  const base = basePath(issuer);
  const hint = `the path of the issuer, ${base}, was taken away from the address before it came here`;
  const taken = !isBelow(path, base) && !path.startsWith("/.well-known/");
  return new PageError("not_found", { status: 404, ...(taken && { reason: { hint } }) });
}

const isWellKnown = ({ path }: HttpRequest, { issuer }: Server): boolean =>
  path.startsWith("/.well-known/") || path.startsWith(`${basePath(issuer)}/.well-known/`);

/** Clients in browsers try several of these addresses, and can read the answer only with the headers of CORS. */
const nothingThere = (request: HttpRequest): HttpResponse =>
  isPreflight(request) ? preflight(request, "GET") : json({ error: "not_found" }, 404);

/** HEAD is GET without a body, for public documents only. Elsewhere it is refused, so that it consumes nothing. */
function methodFor({ method }: HttpRequest, { kind, methods }: Route): string {
  const document = kind !== "page" && !("POST" in methods);
  return method === "HEAD" && document ? "GET" : method;
}

function otherMethod(request: HttpRequest, { cors, methods }: Route, ctx: Context): HttpResponse {
  const allow = Object.keys(methods).join(", ");
  if (cors && isPreflight(request)) return preflight(request, allow);
  const why = "method not allowed";
  const { method } = request;
  noteRefusal({ event: "refused", error: "method_not_allowed", why, fields: { method } }, ctx);
  return text(`${why}\n`, 405, [["allow", allow], ...NO_STORE]);
}

interface Refused {
  request: HttpRequest;
  route: Route | undefined;
  ctx: Context;
}

function refuse(error: unknown, { request, route, ctx }: Refused): HttpResponse {
  const page = route === undefined || route.kind === "page";
  if (error instanceof PageError) {
    const { kind, status, message: why, reason } = error;
    const fields = { kind, status, ...reason };
    noteRefusal({ event: "page refused", error: kind, why, fields }, ctx);
    return wantsHtml(request) ? pageErrorResponse(error, request, ctx) : bareError(error);
  }
  if (error instanceof OAuthError && !page) {
    noteOAuthError(error, {}, ctx);
    return oauthErrorResponse(error);
  }
  if (error instanceof OAuthError) {
    const { status, message: detail, reason } = error;
    const shown = new PageError("unreadable", { status, detail, reason });
    return refuse(shown, { request, route, ctx });
  }
  if (error instanceof RateLimited && page) {
    const { message: detail, retry_after } = error;
    const reason = limitOf(error);
    const shown = new PageError("too_many", { status: 429, detail, retry_after, reason });
    return refuse(shown, { request, route, ctx });
  }
  if (error instanceof RateLimited) return tooMany(error, ctx);
  const busy = error instanceof DatabaseUnavailable || error instanceof TooBusy;
  const status = busy ? 503 : 500;
  const retry: HeaderList = busy ? [["retry-after", RETRY_AFTER]] : [];
  const code = busy ? "temporarily_unavailable" : "server_error";
  const { why, ...fields } = describe(error);
  const event = busy ? "unavailable" : "failed";
  noteRefusal({ event, error: code, why, fields, level: "error" }, ctx);
  if (!page) return json({ error: code }, status, [...NO_STORE, ...retry]);
  const shown = new PageError(busy ? "busy" : "server", { status });
  return withHeaders(pageErrorResponse(shown, request, ctx), retry);
}

function tooMany(error: RateLimited, ctx: Context): HttpResponse {
  const { message: why } = error;
  const fields = limitOf(error);
  noteRefusal({ event: "rate limited", error: "rate_limited", why, fields }, ctx);
  const retry: HeaderList = [...NO_STORE, ["retry-after", String(error.retry_after)]];
  return json({ error: "temporarily_unavailable", error_description: error.message }, 429, retry);
}

const limitOf = ({ kind, hint }: RateLimited) => ({ kind, ...(hint !== undefined && { hint }) });

/** RFC 6749 §5.2 */
const oauthErrorResponse = ({ error, message, status, headers }: OAuthError): HttpResponse =>
  json({ error, error_description: message }, status, [...NO_STORE, ...headers]);

const wantsHtml = (request: HttpRequest): boolean =>
  request.method === "GET" || request.method === "POST";
const bareError = ({ status, message }: PageError): HttpResponse => text(`${message}\n`, status);

function describe(error: unknown): LogFields & { why: string } {
  if (!(error instanceof Error)) return { why: String(error) };
  const { name, message, stack, cause } = error;
  return { name, why: message, stack, ...(cause instanceof Error && { cause: cause.message }) };
}
