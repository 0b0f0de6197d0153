/** A request in progress: sealed, bound to a browser, expiring; it travels with the pages and adds no row. */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import { PageError } from "../http/page.ts";
import type { AuthorizationRequest } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Agreement } from "../oauth/next_step.ts";

const PURPOSE = "authorization request";
/** Characters of the sealed request. */
const LONGEST = 8192;

export interface Pending {
  /** UUIDv7; becomes the id of the grant, so that the request can be granted once. */
  id: string;
  request: AuthorizationRequest;
  ui_locales: string[];
  hinted_sub: string | null;
  started_at: number;
  /** Null until a browser comes with it: a cross-site POST brings no cookies. */
  browser: string | null;
  /** What the person answered on the consent page. */
  answer: (Agreement & { sub: string }) | null;
}

/** @throws OAuthError `invalid_request` when the request is too large to travel */
export function sealPending(pending: Pending, ctx: Context): string {
  const sealed = seal(JSON.stringify(pending), PURPOSE, ctx);
  if (sealed.length > LONGEST)
    throw new OAuthError("invalid_request", "the authorization request is too large");
  return sealed;
}

/** @throws PageError when it is not ours, has expired, or belongs to another browser */
export function openPending(
  sealed: string | undefined,
  { browser, ctx }: { browser: Browser; ctx: Context },
): Pending {
  const text = sealed === undefined ? null : unseal(sealed, PURPOSE, ctx);
  if (text === null)
    throw new PageError("request", { detail: "the request in progress could not be read" });
  // What we sealed ourselves has the shape that we gave it.
  const pending = JSON.parse(text) as Pending;
  if (pending.started_at + ctx.settings.lifetimes.authorization_request <= ctx.now)
    throw new PageError("expired");
  if (pending.browser !== null && pending.browser !== browser.id) throw new PageError("browser");
  return pending;
}
