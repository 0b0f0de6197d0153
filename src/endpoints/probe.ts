/**
 * `/probe`: what arrives here of a request, told to who has the server's secret. `valetkey doctor` looks at proxies
 * with it. For everybody else it is not there.
 */
import type { Context } from "../context.ts";
import { isGenuineProbe, PROBE_HEADER } from "../crypto/probe.ts";
import { type HttpRequest, type HttpResponse, json } from "../http/message.ts";
import { PageError } from "../http/page.ts";

/** It tells the asker about their own request, asks no database and writes nothing. */
export async function probe(request: HttpRequest, ctx: Context): Promise<HttpResponse> {
  if (!isGenuineProbe(request.header(PROBE_HEADER) ?? "", ctx))
    throw new PageError("not_found", { status: 404 });
  const received = (name: string) => request.header(name) ?? null;
  return json({
    address: request.address,
    origin: request.origin,
    forwarded_for: received("x-forwarded-for"),
    forwarded_host: received("x-forwarded-host"),
    forwarded_proto: received("x-forwarded-proto"),
  });
}
