/** The way on after a sign-in or a proof: back to the request in progress, to an account page, or to a change. */
import { goOnAs, openTransaction, type Transaction } from "../authorization/transaction.ts";
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { PageVisit } from "../http/browser.ts";
import { pathOf } from "../http/paths.ts";
import type { Params } from "../oauth/params.ts";
import { ACCOUNT_PAGES, type AccountPage, accountPages, NEW_PASSWORD } from "../pages/paths.ts";

export interface ReturnTo {
  tx: Transaction | null;
  /** The person who has to prove it before a change; null: anybody may sign in. */
  confirms: string | null;
  /** Hidden fields that carry it to the next page. */
  hidden: Readonly<Record<string, string>>;
  /** The address to go to, for the person who has signed in. */
  on(sub: string): string;
}

/** The way on to a page of ours. */
export const toPath = (path: string): ReturnTo => ({
  ...{ tx: null, confirms: null, hidden: {} },
  on: () => path,
});

/** The way on to an account page. */
export const toPage = (
  ctx: Context,
  page: AccountPage,
  query: Readonly<Record<string, string>> = {},
): ReturnTo => toPath(pathOf(ctx, ACCOUNT_PAGES[page], query));

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
    const reset = params.get("reset");
    // A new password comes before the request in progress.
    if (reset !== undefined && openReset(reset, visit) !== null) {
      const hidden = { continue: sealed, reset };
      const on = () => pathOf(visit.ctx, NEW_PASSWORD, hidden);
      return { tx, confirms: null, hidden, on };
    }
    const hidden = { continue: sealed };
    return { tx, confirms: null, hidden, on: (sub) => goOnAs(tx, sub, visit.ctx) };
  }
  const confirm = params.get("confirm");
  const confirming = confirm === undefined ? null : openConfirming(confirm, visit);
  if (confirm !== undefined && confirming) {
    const { sub, path } = confirming;
    return { tx: null, confirms: sub, hidden: { confirm }, on: () => path };
  }
  const reset = params.get("reset");
  if (reset !== undefined && openReset(reset, visit) !== null) {
    const on = () => pathOf(visit.ctx, NEW_PASSWORD, { reset });
    return { tx: null, confirms: null, hidden: { reset }, on };
  }
  // One of the account pages, and never an address that a stranger chose.
  const page = accountPages.find((each) => ACCOUNT_PAGES[each] === params.get("to"));
  const hidden: Record<string, string> = page ? { to: ACCOUNT_PAGES[page] } : {};
  const path = pathOf(visit.ctx, ACCOUNT_PAGES[page ?? "connected_apps"]);
  return { tx: null, confirms: null, hidden, on: () => path };
}

/** The way to a new password, for a person who has proved themselves by a code. */
interface Reset {
  sub: string;
  /** Of the person's factors. A new password raises it, so that one proof gives one password. */
  version: number;
  browser: string;
  /** When the code was typed: the proof is not older. */
  at: number;
  expires_at: number;
}

const RESET = "way to a new password";

export function sealReset(
  { sub, version }: Pick<Reset, "sub" | "version">,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): string {
  const expires_at = ctx.now + ctx.settings.email_code_life;
  const reset: Reset = { sub, version, browser: browser.id, at: ctx.now, expires_at };
  return seal(JSON.stringify(reset), RESET, ctx);
}

/** Null: it is not genuine, has expired, or belongs to another browser. */
export function openReset(
  sealed: string,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): Reset | null {
  const text = unseal(sealed, RESET, ctx);
  // The server sealed it, so its shape is known.
  const reset = text === null ? null : (JSON.parse(text) as Reset);
  return reset && reset.browser === browser.id && reset.expires_at > ctx.now ? reset : null;
}
