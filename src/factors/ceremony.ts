/**
 * Ceremonies with passkeys in progress (WebAuthn Level 3 §7). The challenge travels sealed in the form of its page, bound
 * to the browser and to a purpose, so that a visitor adds no row. A response uses it up.
 */
import type { Context } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { seal, unseal } from "../crypto/seal.ts";
import type { Browser } from "../http/browser.ts";

/** `sign_in`: of anybody. `prove`: of a person who is known already. `register`: a new passkey. */
export type CeremonyPurpose = "sign_in" | "prove" | "register";

export interface Ceremony {
  /** BASE64URL of 32 random bytes. */
  challenge: string;
  browser: string;
  /** The person whom it is for; null: anybody. */
  sub: string | null;
  /** The handle that a new passkey keeps (`FactorState`); null: none is made. */
  user_handle: string | null;
  /** Seconds since the epoch. */
  expires_at: number;
}

/** Seconds that a ceremony may take. Browsers are told the first half of it. */
const LIFE = 600;
export const TIMEOUT_MS = (LIFE / 2) * 1000;

const purposeOf = (purpose: CeremonyPurpose): string => `passkey to ${purpose}`;

export interface CeremonyOf {
  browser: Browser;
  sub: string | null;
  user_handle?: string | null;
}

/** @returns the challenge, and the ceremony for a hidden field */
export function beginCeremony(
  purpose: CeremonyPurpose,
  { browser, sub, user_handle = null }: CeremonyOf,
  ctx: Context,
): { challenge: string; sealed: string } {
  const challenge = randomText(32);
  const bound = { browser: browser.id, sub, user_handle };
  const ceremony: Ceremony = { challenge, ...bound, expires_at: ctx.now + LIFE };
  return { challenge, sealed: seal(JSON.stringify(ceremony), purposeOf(purpose), ctx) };
}

/** Null: it is not genuine, is over, or began in another browser, for another person or purpose. */
export function openCeremony(
  sealed: string | undefined,
  purpose: CeremonyPurpose,
  { browser, sub, ctx }: { browser: Browser; sub: string | null; ctx: Context },
): Ceremony | null {
  const text = unseal(sealed ?? "", purposeOf(purpose), ctx);
  if (text === null) return null;
  // The server sealed it, so its shape is known.
  const ceremony = JSON.parse(text) as Ceremony;
  const mine = ceremony.browser === browser.id && ceremony.sub === sub;
  return mine && ceremony.expires_at > ctx.now ? ceremony : null;
}

/** False: a response has used it up before. Called when everything else was found right. */
export const useUp = ({ challenge, expires_at }: Ceremony, { store, now }: Context) =>
  store.claimOnce("passkey", challenge, { now, expires_at });
