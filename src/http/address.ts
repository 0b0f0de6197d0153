/** Pages answer only under the issuer's own origin: cookies and links belong to one name. */
import type { Context } from "../context.ts";
import { remember } from "../oauth/remember.ts";
import { wrongAddressPage } from "../pages/wrong_address.ts";
import { type HttpRequest, type HttpResponse, redirect } from "./message.ts";
import { pageResponse, viewOf } from "./page.ts";
import { noteRefusal } from "./refusal.ts";

const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;

const parsed = remember((issuer) => new URL(issuer));

/** Null when the address is right; otherwise a redirect, or a page that explains the problem. */
export function checkAddress(request: HttpRequest, ctx: Context): HttpResponse | null {
  const expected = parsed(ctx.issuer);
  if (request.origin === expected.origin) return null;
  const received = new URL(request.origin);
  const search = request.query === "" ? "" : `?${request.query}`;
  const href = expected.origin + request.path + search;
  const own = LOOPBACK.test(expected.hostname) && LOOPBACK.test(received.hostname);
  if (own && request.method === "GET") return redirect(href);
  const addresses = { received: request.origin, expected: expected.origin };
  const event = "page requested under another address";
  const why = "the page is not of this origin";
  noteRefusal({ event, error: "wrong_address", why, fields: addresses, level: "warn" }, ctx);
  const view = viewOf(request, ctx);
  const proto = (url: URL) => url.protocol.slice(0, -1);
  const page = wrongAddressPage(
    {
      href: request.method === "GET" ? href : ctx.issuer,
      host: expected.host,
      proxy: {
        received: { proto: proto(received), host: received.host },
        expected: { proto: proto(expected), host: expected.host },
      },
    },
    view,
  );
  return pageResponse(page, view, { status: 421 });
}
