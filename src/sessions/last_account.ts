/**
 * The account that this browser used last: for each app, and for the account pages. A cookie holds it. The cookie is not
 * sealed, since it only picks one of the accounts that are signed in here.
 */
import type { Context } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import { COOKIE_KEY, readCookie, setCookie } from "../http/cookies.ts";
import type { HeaderList, HttpRequest } from "../http/message.ts";
import { remember } from "../oauth/remember.ts";

/** A short name for an account in cookies and forms. It tells apart the accounts of one browser, and proves nothing. */
export const accountKey = remember((sub) => sha256(sub).slice(0, COOKIE_KEY));

/** The account pages, which are no app. */
export const OWN_PAGES = "";

const MOST = 30;
const YEAR = 31_536_000;
const ENTRY = 2 * COOKIE_KEY;
const appKey = remember((client_id) => sha256(`app ${client_id}`).slice(0, COOKIE_KEY));

/** @param client_id of the app, or `OWN_PAGES` */
export function lastAccount(client_id: string, request: HttpRequest, ctx: Context): string | null {
  const app = appKey(client_id);
  const entry = entriesOf(request, ctx).find((each) => each.startsWith(app));
  return entry?.slice(COOKIE_KEY) ?? null;
}

/** @returns the header that remembers it; none when it is the same as before */
export function rememberAccount(
  client_id: string,
  sub: string,
  { request, ctx }: { request: HttpRequest; ctx: Context },
): HeaderList {
  const app = appKey(client_id);
  const entry = app + accountKey(sub);
  const entries = entriesOf(request, ctx);
  if (entries.includes(entry)) return [];
  const others = entries.filter((each) => !each.startsWith(app));
  const value = [entry, ...others].slice(0, MOST).join("");
  return [setCookie("accounts", value, { issuer: ctx.issuer, max_age: YEAR })];
}

function entriesOf(request: HttpRequest, { issuer }: Context): string[] {
  const text = readCookie(request, "accounts", issuer) ?? "";
  if (text.length % ENTRY !== 0 || text.length > MOST * ENTRY || !/^[A-Za-z0-9_-]*$/.test(text))
    return [];
  return Array.from({ length: text.length / ENTRY }, (_, i) =>
    text.slice(i * ENTRY, (i + 1) * ENTRY),
  );
}
