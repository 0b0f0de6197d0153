/** A request in progress: sealed, bound to a browser, expiring; it travels with the pages and adds no row. */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import { PageError } from "../http/page.ts";
import type { AuthorizationRequest } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Agreement } from "../oauth/next_step.ts";

const PURPOSE = "authorization request";
/** Bytes of a request in progress: sealed, they are 8 KB of text. */
const LARGEST = 6100;

export interface Pending {
  /** UUIDv7; becomes the id of the grant, so that the request can be granted once. */
  id: string;
  request: AuthorizationRequest;
  ui_locales: string[];
  hinted_sub: string | null;
  /** Sealed with the request, so that no change of the configuration makes it live again. */
  expires_at: number;
  /** Null until a browser comes with it: a cross-site POST brings no cookies. */
  browser: string | null;
  /** What the person answered on the consent page. */
  answer: (Agreement & { sub: string }) | null;
}

/**
 * Checked when a request arrives, and only then: what is added on the way names nothing that the request does not,
 * and must not fail a person who has agreed.
 * @throws OAuthError `invalid_request` when the request is too large to travel
 */
export function checkSize(pending: Pending): Pending {
  if (Buffer.byteLength(JSON.stringify(pending)) > LARGEST)
    throw new OAuthError("invalid_request", "the authorization request is too large");
  return pending;
}

export const sealPending = (pending: Pending, ctx: Context): string =>
  seal(JSON.stringify(pending), PURPOSE, ctx);

/**
 * @param visit `unbound`: where a request that no browser has come with yet may begin, and nowhere else
 * @throws PageError when it is not ours, has expired, or belongs to another browser
 */
export function openPending(
  sealed: string | undefined,
  { browser, ctx, unbound = false }: { browser: Browser; ctx: Context; unbound?: boolean },
): Pending {
  const text = sealed === undefined ? null : unseal(sealed, PURPOSE, ctx);
  if (text === null)
    throw new PageError("request", { detail: "the request in progress could not be read" });
  // What we sealed ourselves has the shape that we gave it.
  const pending = JSON.parse(text) as Pending;
  if (pending.expires_at <= ctx.now) throw new PageError("expired");
  const bound = pending.browser !== null || !unbound;
  if (bound && pending.browser !== browser.id) throw new PageError("browser");
  return pending;
}
