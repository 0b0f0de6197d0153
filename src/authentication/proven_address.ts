/** An address that was proved by a mailed code, on its way to the account: sealed, bound to the browser, and short. */
import { seal, unseal } from "../crypto/seal.ts";
import type { PageVisit } from "../http/browser.ts";
import { foldLogin } from "../people/login.ts";

interface ProvenAddress {
  /** As typed. */
  address: string;
  browser: string;
  /** Seconds since the epoch. */
  expires_at: number;
}

const PURPOSE = "proven address";

export function sealProvenAddress(
  address: string,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): string {
  const expires_at = ctx.now + ctx.settings.email_code_life;
  const proven: ProvenAddress = { address, browser: browser.id, expires_at };
  return seal(JSON.stringify(proven), PURPOSE, ctx);
}

/** The address; null: the proof is not genuine, has expired, or belongs to another browser. */
export function openProvenAddress(
  sealed: string | undefined,
  { browser, ctx }: Pick<PageVisit, "browser" | "ctx">,
): string | null {
  const text = sealed === undefined ? null : unseal(sealed, PURPOSE, ctx);
  // The server sealed it, so its shape is known.
  const proven = text === null ? null : (JSON.parse(text) as ProvenAddress);
  if (!proven || proven.browser !== browser.id || proven.expires_at <= ctx.now) return null;
  return proven.address;
}

/**
 * Whether a new account may have this address. Its login takes all addresses that fold to the same text, so an address
 * in unusual letters could take the login of somebody else's mailbox: only upper and lower case may differ.
 */
export const isPlainAddress = (address: string): boolean =>
  foldLogin(address) === address.toLowerCase();
