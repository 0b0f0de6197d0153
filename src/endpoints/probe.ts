/**
 * `/probe` shows a received request to holders of the server's secret. `valetkey doctor` checks proxies with it. For
 * everybody else it is 404.
 */
import type { Context } from "../context.ts";
import { isGenuineProbe, PROBE_HEADER } from "../crypto/probe.ts";
import { type HttpRequest, type HttpResponse, json, NO_STORE } from "../http/message.ts";
import { PageError } from "../http/page.ts";

/** Characters of a requested header: the URL of a request in progress may be about as long. */
const LONGEST = 8300;

/** It describes only the caller's own request, and neither reads the database nor writes anything. */
export async function probe(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  if (!isGenuineProbe(request.header(PROBE_HEADER) ?? "", ctx))
    throw new PageError("not_found", { status: 404 });
  const received = (name: string) => request.header(name) ?? null;
  const told = {
    address: request.address,
    origin: request.origin,
    forwarded_for: received("x-forwarded-for"),
    forwarded_host: received("x-forwarded-host"),
    forwarded_proto: received("x-forwarded-proto"),
  };
  const long = request.query === "long" ? [["x-probe-filler", "x".repeat(LONGEST)] as const] : [];
  return json(told, 200, [...NO_STORE, ...long]);
}
