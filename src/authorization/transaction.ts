/**
 * A transaction: an authorization request in progress, whatever it began with. Sealed, bound to a browser and expiring, it
 * travels with the pages and adds no row.
 */
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import { PageError } from "../http/page.ts";
import type { Asked, CodeRequest } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Agreement } from "../oauth/next_step.ts";

const PURPOSE = "authorization request";
/** Bytes of a transaction: sealed, they are 8 KB of text. */
const LARGEST = 6100;

/** What travels of the request of a device, while a person answers. */
export interface DeviceFrom {
  kind: "device";
  /** Of the stored transaction. */
  id: string;
  user_code: string;
  /** Where the device is, as its request came. */
  address: string;
  begun_at: number;
  expires_at: number;
}

/** Where the request came from, and so where the answer goes. */
export type From = ({ kind: "redirect" } & CodeRequest) | DeviceFrom;

export interface Transaction {
  /** UUIDv7; with the place of the person it becomes the id of the grant, so that a request is granted once. */
  id: string;
  /** The id that the request began with: a sign-in was made for this request, though another account has answered. */
  request_id: string;
  asked: Asked;
  from: From;
  ui_locales: string[];
  /** The person that an `id_token_hint` names. */
  hinted_sub: string | null;
  /** Sealed with the request, so that no change of the configuration makes it live again. */
  expires_at: number;
  /** Null until a browser comes with it: a cross-site POST brings no cookies. */
  browser: string | null;
  /** The account that it was last shown to: for another one it begins anew. */
  sub: string | null;
  /** What the person answered on the consent page. */
  answer: (Agreement & { sub: string }) | null;
}

/** @throws OAuthError `invalid_request` when the request is too large to travel */
export function beginTransaction(
  given: Pick<Transaction, "asked" | "from" | "browser"> &
    Partial<Pick<Transaction, "id" | "expires_at" | "ui_locales" | "hinted_sub">>,
  ctx: Context,
): Transaction {
  const { id = uuidv7(ctx.now_ms) } = given;
  const expires_at = given.expires_at ?? ctx.now + ctx.settings.lifetimes.authorization_request;
  const begun = { id, request_id: id, expires_at, sub: null, answer: null };
  const tx = { ui_locales: [], hinted_sub: null, ...given, ...begun };
  // Checked here, and only here: what is added on the way names nothing that the request does not, and must not fail a
  // person who has agreed.
  if (Buffer.byteLength(JSON.stringify(tx)) > LARGEST)
    throw new OAuthError("invalid_request", "the authorization request is too large");
  return tx;
}

/**
 * For this account: another one than before begins a transaction of its own, since one answer leads to one code. What
 * waits at the server keeps its id: there one account claims it.
 */
export function forAccount(tx: Transaction, sub: string, { now_ms }: Context): Transaction {
  if (tx.sub === sub) return tx;
  if (tx.sub === null) return { ...tx, sub };
  return { ...tx, sub, id: tx.from.kind === "device" ? tx.id : uuidv7(now_ms), answer: null };
}

/** The transaction as text, for a form or an address of ours. */
export const carry = (tx: Transaction, ctx: Context): string =>
  seal(JSON.stringify(tx), PURPOSE, ctx);

/**
 * @param unbound where a request that no browser has come with yet may begin, and nowhere else
 * @throws PageError when it is not ours, has expired, or belongs to another browser
 */
export function openTransaction(
  carried: string | undefined,
  { browser, ctx, unbound = false }: { browser: Browser; ctx: Context; unbound?: boolean },
): Transaction {
  const text = carried === undefined ? null : unseal(carried, PURPOSE, ctx);
  if (text === null)
    throw new PageError("request", { detail: "the request in progress could not be read" });
  // What we sealed ourselves has the shape that we gave it.
  const tx = JSON.parse(text) as Transaction;
  if (tx.expires_at <= ctx.now) throw new PageError("expired");
  const bound = tx.browser !== null || !unbound;
  if (bound && tx.browser !== browser.id) throw new PageError("browser");
  return tx;
}
