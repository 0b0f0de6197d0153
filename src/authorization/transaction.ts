/**
 * A transaction: an authorization request in progress, from any origin. It is sealed, bound to a browser and expires;
 * it travels with the pages and needs no row.
 */
import type { Context } from "../context.ts";
import { uuidv7 } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";
import { PageError } from "../http/page.ts";
import { pathOf } from "../http/paths.ts";
import type { Asked, RedirectRequest } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Agreement } from "../oauth/next_step.ts";

const PURPOSE = "authorization request";
/** Bytes of a transaction, which become 8 KB of sealed text. */
const LARGEST = 6100;

/** The part of a device's request that travels while a person answers. */
export interface DeviceFrom {
  kind: "device";
  /** Id of the stored transaction. */
  id: string;
  user_code: string;
  /** The address that the device's request came from. */
  address: string;
  begun_at: number;
  expires_at: number;
}

/** The origin of the request, which is the target of the answer. */
export type From = ({ kind: "redirect" } & RedirectRequest) | DeviceFrom;

export interface Transaction {
  /** UUIDv7. With the place of the person it becomes the id of the grant, so that a request is granted once. */
  id: string;
  /**
   * The first id of the request. It shows that a sign-in was made for this request, even if another account has
   * answered since.
   */
  request_id: string;
  asked: Asked;
  from: From;
  /** `documentOf` the client when the request began. */
  document: string | null;
  ui_locales: string[];
  /** The person that an `id_token_hint` or a `sub` in `claims` names, as the client sees them. */
  hinted_sub: string | null;
  /** Sealed with the request, so that no change of the configuration revives it. */
  expires_at: number;
  /** Null until a browser presents it: a cross-site POST brings no cookies. */
  browser: string | null;
  /** The account that the person chose or signed in with, or that a hint selected. Null until then. */
  account_sub: string | null;
  /** The account that it was last shown to. For another account it begins anew. */
  sub: string | null;
  /** The person's answer on the consent page, with the `faceId` of the app as it was shown. */
  answer: (Agreement & { sub: string; client: string | null }) | null;
  /** The person went on without the proof that the request would like or needs. */
  declined: boolean;
}

/** Bytes that JSON takes for one character of a text, at most (`\u0000`), and for everything else of a request. */
const MOST_BYTES = 6;
const SCAFFOLD = 1500;

/** Whether the request can't be too large, without the cost of making its JSON. */
function isSmall({ asked, from, ui_locales, hinted_sub }: Transaction): boolean {
  if (from.kind !== "redirect") return false;
  const texts = [
    ...[asked.client_id, asked.login_hint, hinted_sub, from.redirect_uri, from.state, from.nonce],
    ...[from.code_challenge, ...asked.permissions, ...asked.left_out, ...ui_locales],
    ...[...asked.claims.userinfo, ...asked.claims.id_token],
  ];
  // A list takes three more for each text.
  const characters = texts.reduce((sum, text) => sum + (text?.length ?? 0) + 1, 0);
  return characters * MOST_BYTES + SCAFFOLD <= LARGEST;
}

/** @throws OAuthError `invalid_request` when the request is too large to travel */
export function beginTransaction(
  given: Pick<Transaction, "asked" | "from" | "browser"> &
    Partial<
      Pick<Transaction, "id" | "expires_at" | "ui_locales" | "hinted_sub" | "sub" | "document">
    >,
  ctx: Context,
): Transaction {
  const { id = uuidv7(ctx.now_ms) } = given;
  const expires_at = given.expires_at ?? ctx.now + ctx.settings.lifetimes.authorization_request;
  const begun = {
    id,
    request_id: id,
    expires_at,
    account_sub: null,
    answer: null,
    declined: false,
  };
  const none = { document: null, ui_locales: [], hinted_sub: null, sub: null };
  const tx = { ...none, ...given, ...begun };
  // The size is checked only here. Later additions are bounded by the request, and must not fail a person who has
  // agreed.
  if (!isSmall(tx) && Buffer.byteLength(JSON.stringify(tx)) > LARGEST)
    throw new OAuthError("invalid_request", "the authorization request is too large");
  return tx;
}

/**
 * The transaction for this account. Another account than before begins a transaction of its own, since one answer leads
 * to one code. A request that waits at the server keeps its id: one account claims it there.
 */
export function forAccount(given: Transaction, sub: string, { now_ms }: Context): Transaction {
  const tx = { ...given, account_sub: sub };
  if (tx.sub === sub) return tx;
  if (tx.sub === null) return { ...tx, sub };
  const id = tx.from.kind === "device" ? tx.id : uuidv7(now_ms);
  return { ...tx, sub, id, answer: null, declined: false };
}

/** Back to the authorization endpoint, which goes on with this account. */
export const goOnAs = (tx: Transaction, account_sub: string, ctx: Context): string =>
  pathOf(ctx, "/authorize", { continue: carry({ ...tx, account_sub }, ctx) });

/** The transaction as text, for forms and URLs of this server. */
export const carry = (tx: Transaction, ctx: Context): string =>
  seal(JSON.stringify(tx), PURPOSE, ctx);

/**
 * Reads a sealed transaction without checking its expiry or its browser, so it grants nothing. Null when the seal is
 * not genuine.
 */
export function readCarried(carried: string | undefined, ctx: Context): Transaction | null {
  const text = carried === undefined ? null : unseal(carried, PURPOSE, ctx);
  // The server sealed it, so its shape is known.
  return text === null ? null : (JSON.parse(text) as Transaction);
}

/**
 * @param unbound accepts a transaction that no browser has presented yet; only for the page where requests begin
 * @throws PageError when the seal is not genuine, or the transaction has expired or belongs to another browser
 */
export function openTransaction(
  carried: string | undefined,
  { browser, ctx, unbound = false }: { browser: Browser; ctx: Context; unbound?: boolean },
): Transaction {
  // A page that was opened directly: no app has asked for anything.
  if (carried === undefined) throw new PageError("not_found", { status: 404 });
  const tx = readCarried(carried, ctx);
  // Altered, or sealed before a restore or a change of the secret. The app is not to blame.
  if (tx === null)
    throw new PageError("expired", { detail: "the request in progress could not be read" });
  if (tx.expires_at <= ctx.now) throw new PageError("expired");
  const bound = tx.browser !== null || !unbound;
  if (bound && tx.browser !== browser.id) throw new PageError("browser");
  return tx;
}
