/** The way on after a sign-in or a proof: back to the request in progress, to an account page, or to a change. */
import { goOnAs, openTransaction, type Transaction } from "../authorization/transaction.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { PageVisit } from "../http/browser.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { ACCOUNT_PAGES, type AccountPage, accountPages } from "../pages/paths.ts";

export interface ReturnTo {
  tx: Transaction | null;
  /** The person who has to prove it before a change; null: anybody may sign in. */
  confirms: string | null;
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
): ReturnTo => ({
  ...{ tx: null, confirms: null, hidden: {} },
  on: () => pathOf(ctx, ACCOUNT_PAGES[page], query),
});

/** A change that waits for a proof of its person. */
interface Confirming {
  sub: string;
  /** The page of the change, with its query. */
  path: string;
  browser: string;
  expires_at: number;
}

const PURPOSE = "page that waits for a proof";
/** Seconds that a person may take to prove it. */
const LIFE = 3600;

/** The value of `confirm`, which leads this person back to the page. */
export function sealConfirming(
  { sub, path }: Pick<Confirming, "sub" | "path">,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): string {
  const confirming: Confirming = { sub, path, browser: browser.id, expires_at: ctx.now + LIFE };
  return seal(JSON.stringify(confirming), PURPOSE, ctx);
}

function openConfirming(
  sealed: string,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): Confirming | null {
  const text = unseal(sealed, PURPOSE, ctx);
  if (text === null) return null;
  // The server sealed it, so its shape is known.
  const confirming = JSON.parse(text) as Confirming;
  const holds = confirming.browser === browser.id && confirming.expires_at > ctx.now;
  return holds ? confirming : null;
}

/** @throws PageError when the request in progress is not genuine, has expired, or belongs to another browser */
export function readReturnTo(
  params: Pick<Params, "get">,
  visit: Pick<PageVisit, "browser" | "ctx">,
): ReturnTo {
  const sealed = params.get("continue");
  if (sealed !== undefined) {
    const tx = openTransaction(sealed, visit);
    const hidden = { continue: sealed };
    return { tx, confirms: null, hidden, on: (sub) => goOnAs(tx, sub, visit.ctx) };
  }
  const confirm = params.get("confirm");
  const confirming = confirm === undefined ? null : openConfirming(confirm, visit);
  if (confirm !== undefined && confirming) {
    const { sub, path } = confirming;
    return { tx: null, confirms: sub, hidden: { confirm }, on: () => path };
  }
  // One of the account pages, and never an address that a stranger chose.
  const page = accountPages.find((each) => ACCOUNT_PAGES[each] === params.get("to"));
  const hidden: Record<string, string> = page ? { to: ACCOUNT_PAGES[page] } : {};
  const path = pathOf(visit.ctx, ACCOUNT_PAGES[page ?? "connected_apps"]);
  return { tx: null, confirms: null, hidden, on: () => path };
}
