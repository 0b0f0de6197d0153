/** The way on after a sign-in: back to the request in progress, or to an account page. */
import { goOnAs, openTransaction, type Transaction } from "../authorization/transaction.ts";
import type { Context } from "../context.ts";
import type { PageVisit } from "../http/browser.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { ACCOUNT_PAGES, type AccountPage, accountPages } from "../pages/paths.ts";

export interface ReturnTo {
  tx: Transaction | null;
  /** Hidden fields that carry it to the next page. */
  hidden: Readonly<Record<string, string>>;
  /** The address to go to, for the person who has signed in. */
  on(sub: string): string;
}

/** The way on to an account page. */
export const toPage = (
  ctx: Context,
  page: AccountPage,
  query: Readonly<Record<string, string>> = {},
): ReturnTo => ({ tx: null, hidden: {}, on: () => pathOf(ctx, ACCOUNT_PAGES[page], query) });

/** @throws PageError when the request in progress is not genuine, has expired, or belongs to another browser */
export function readReturnTo(
  params: Pick<Params, "get">,
  visit: Pick<PageVisit, "browser" | "ctx">,
): ReturnTo {
  const sealed = params.get("continue");
  if (sealed !== undefined) {
    const tx = openTransaction(sealed, visit);
    const hidden = { continue: sealed };
    return { tx, hidden, on: (sub) => goOnAs(tx, sub, visit.ctx) };
  }
  // One of the account pages, and never an address that a stranger chose.
  const page = accountPages.find((each) => ACCOUNT_PAGES[each] === params.get("to"));
  const hidden: Record<string, string> = page ? { to: ACCOUNT_PAGES[page] } : {};
  const path = pathOf(visit.ctx, ACCOUNT_PAGES[page ?? "connected_apps"]);
  return { tx: null, hidden, on: () => path };
}
