/** The browser that a request in progress and each form are bound to: forms of strangers have no effect. */
import type { Context } from "../context.ts";
import { equalSecrets, hmacSha256, randomText } from "../crypto/hash.ts";
import type { DerivedKeys } from "../crypto/server_secret.ts";
import type { Params } from "../oauth/params.ts";
import { readCookie, setCookie } from "./cookies.ts";
import type { HeaderList, HttpRequest } from "./message.ts";
import { PageError } from "./page.ts";

export interface Browser {
  /** Random; known to this browser and the server. It proves nothing about a person. */
  id: string;
  /** Sets the cookie, when this is the browser's first visit. */
  headers: HeaderList;
}

/** A request that a page answers, or a form of a page. */
export interface PageVisit {
  request: HttpRequest;
  ctx: Context;
  browser: Browser;
}

export const visitOf = (request: HttpRequest, ctx: Context): PageVisit => ({
  request,
  ctx,
  browser: browserOf(request, ctx),
});

export function browserOf(request: HttpRequest, { issuer }: Context): Browser {
  const known = readCookie(request, "browser", issuer);
  if (known !== null && /^[A-Za-z0-9_-]{22}$/.test(known)) return { id: known, headers: [] };
  const id = randomText(16);
  return { id, headers: [setCookie("browser", id, { issuer, max_age: A_YEAR })] };
}

/** A session cookie would be lost when two tabs are restored at once, and they would count as two browsers. */
const A_YEAR = 31_536_000;

/**
 * The token in each form. `Origin` can't replace it: pages send no referrer, so browsers send `Origin: null` with the
 * server's own forms.
 */
export const csrfToken = (browser: Browser, { secrets, issuer }: Context): string =>
  tokenUnder(secrets.current, browser, issuer);

/** The token names its secret, so that a node with a new secret accepts forms of the other nodes. */
const tokenUnder = ({ secret_id, form }: DerivedKeys, { id }: Browser, issuer: string): string =>
  `${secret_id}.${hmacSha256(form, `csrf ${issuer} ${id}`).toString("base64url")}`;

function isOwnForm(token: string, browser: Browser, { secrets, issuer }: Context): boolean {
  const keys = secrets.find(token.slice(0, token.indexOf(".")), "form");
  return keys !== null && equalSecrets(token, tokenUnder(keys, browser, issuer));
}

/** @throws PageError 403 when the form did not come from a page of this server in this browser */
export function checkForm(
  request: HttpRequest,
  params: Params,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): void {
  const foreign = request.header("sec-fetch-site") === "cross-site";
  // A browser without the cookie can't have got a form. Blocked cookies are a more likely cause than an attack.
  const kind = !foreign && browser.headers.length > 0 ? "cookies" : "form";
  if (foreign || !isOwnForm(params.get("csrf") ?? "", browser, ctx))
    throw new PageError(kind, { status: 403, reason: { foreign } });
}
