/**
 * A mailed code in progress: a ticket, sealed into forms and addresses. Nothing is stored: the code is a MAC over the
 * ticket, and the ticket's id is claimed when the code is used.
 */
import type { Context } from "../context.ts";
import { equalSecrets, hmacSha256, randomText } from "../crypto/hash.ts";
import { seal, secretIdOf, unseal } from "../crypto/seal.ts";
import { spend } from "../http/budget.ts";

/** A code for one purpose is of no use for another. */
export type MailPurpose = "sign_in" | "sign_up" | "reset" | "email";

/** It says nothing about accounts, not even by its length: known and unknown addresses have the same. */
export interface MailTicket {
  ticket_id: string;
  /** As typed; shown on the page. */
  address: string;
  /** The browser in which the code is to be typed. */
  browser: string;
  /** Seconds since the epoch. */
  sent_at: number;
  expires_at: number;
}

/** Wrong codes for one ticket. */
const MOST_TRIES = 5;

export const newTicket = (
  about: Pick<MailTicket, "address" | "browser">,
  { now, settings }: Pick<Context, "now" | "settings">,
): MailTicket => ({
  ticket_id: randomText(12),
  ...about,
  sent_at: now,
  expires_at: now + settings.email_code_life,
});

export const sealTicket = (ticket: MailTicket, purpose: MailPurpose, ctx: Context): string =>
  seal(JSON.stringify(ticket), `mail ticket ${purpose}`, ctx);

/** Null: the ticket is not genuine, has expired, or belongs to another purpose or browser. */
export function openTicket(
  sealed: string | undefined,
  purpose: MailPurpose,
  { browser, ctx }: { browser: { id: string }; ctx: Context },
): MailTicket | null {
  const text = sealed === undefined ? null : unseal(sealed, `mail ticket ${purpose}`, ctx);
  // The server sealed it, so its shape is known.
  const ticket = text === null ? null : (JSON.parse(text) as MailTicket);
  if (!ticket || ticket.browser !== browser.id || ticket.expires_at <= ctx.now) return null;
  return ticket;
}

/**
 * Six digits; null: the secret that sealed the ticket is no longer known. It is used, and not the present one, so that a
 * change of the secret spoils no code.
 * @param made.about whose code it is, and what ends it: a MAC over it changes when the person changes
 */
export function codeOf(
  { ticket_id, address }: MailTicket,
  { sealed, purpose, about }: { sealed: string; purpose: MailPurpose; about: string },
  { secrets }: Pick<Context, "secrets">,
): string | null {
  const keys = secrets.find(secretIdOf(sealed), "mail_code");
  if (!keys) return null;
  const mac = hmacSha256(keys.mail_code, JSON.stringify([purpose, ticket_id, address, about]));
  return String(mac.readUIntBE(0, 6) % 1_000_000).padStart(6, "0");
}

export type CodeProblem = "wrong" | "too_many" | "used" | "expired";

/** The one to whom an address belongs, as it is read for each try. */
export interface Addressee {
  /** Null: nobody is sent a code for this address, so each code is wrong. */
  about: string | null;
}

export interface CodeTry<T extends Addressee> {
  sealed: string | undefined;
  purpose: MailPurpose;
  browser: { id: string };
  find(address: string): Promise<T>;
}

/**
 * Judges a typed code, and uses it up if it is right. The try is counted before, so that parallel tries get no further
 * than sequential ones.
 */
export async function tryCode<T extends Addressee>(
  typed: string,
  { sealed, purpose, browser, find }: CodeTry<T>,
  ctx: Context,
): Promise<{ ticket: MailTicket; addressee: T } | { problem: CodeProblem }> {
  const ticket = openTicket(sealed, purpose, { browser, ctx });
  if (sealed === undefined || !ticket) return { problem: "expired" };
  const { ticket_id, expires_at } = ticket;
  const window = ctx.settings.email_code_life;
  const tries = { kind: "mail_code", name: ticket_id, most: MOST_TRIES, window } as const;
  if ((await spend([tries], ctx)) > 0) return { problem: "too_many" };
  const addressee = await find(ticket.address);
  const { about } = addressee;
  const code = codeOf(ticket, { sealed, purpose, about: about ?? "" }, ctx);
  const fits = code !== null && equalSecrets(typed.replaceAll(/\s/g, ""), code);
  if (!fits || about === null) return { problem: "wrong" };
  const first = await ctx.store.claimOnce("mail code", ticket_id, { now: ctx.now, expires_at });
  return first ? { ticket, addressee } : { problem: "used" };
}
