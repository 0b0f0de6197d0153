/** The browser that a request in progress and each form are bound to: those of strangers do nothing here. */
import type { Context } from "../context.ts";
import { equalSecrets, hmacSha256, randomText } from "../crypto/hash.ts";
import type { DerivedKeys } from "../crypto/server_secret.ts";
import type { Params } from "../oauth/params.ts";
import { readCookie, setCookie } from "./cookies.ts";
import type { HeaderList, HttpRequest } from "./message.ts";
import { PageError } from "./page.ts";

export interface Browser {
  /** Random; known to this browser and to us. It proves nothing about a person. */
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

/** A cookie of the window would be gone when two tabs are restored at once, and they would become two browsers. */
const A_YEAR = 31_536_000;

/** Each form carries it. Pages send no referrer, and then browsers send `Origin: null` with our own forms. */
export const csrfToken = (browser: Browser, { secrets, issuer }: Context): string =>
  tokenUnder(secrets.current, browser, issuer);

/** It names its secret, so that a node which already has a new one accepts the forms of the other nodes. */
const tokenUnder = ({ secret_id, form }: DerivedKeys, { id }: Browser, issuer: string): string =>
  `${secret_id}.${hmacSha256(form, `csrf ${issuer} ${id}`).toString("base64url")}`;

function isOwnForm(token: string, browser: Browser, { secrets, issuer }: Context): boolean {
  const keys = secrets.find(token.slice(0, token.indexOf(".")), "form");
  return keys !== null && equalSecrets(token, tokenUnder(keys, browser, issuer));
}

/** @throws PageError 403 when the form did not come from a page of ours in this browser */
export function checkForm(
  request: HttpRequest,
  params: Params,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): void {
  const foreign = request.header("sec-fetch-site") === "cross-site";
  // A browser without our cookie can't have been shown a form. That tells of blocked cookies more often than of an attack.
  const kind = !foreign && browser.headers.length > 0 ? "cookies" : "form";
  if (foreign || !isOwnForm(params.get("csrf") ?? "", browser, ctx))
    throw new PageError(kind, { status: 403, reason: { foreign } });
}
