/**
 * A mailed code in progress: a ticket, sealed into forms and addresses. Nothing is stored: the code is a MAC over the
 * ticket, and the ticket's id is claimed when the code is used.
 */
import type { Context } from "../context.ts";
import { equalSecrets, hmacSha256, randomText } from "../crypto/hash.ts";
import { seal, secretIdOf, unseal } from "../crypto/seal.ts";
import { spend } from "../http/budget.ts";

/** A code for one purpose is of no use for another. */
export type MailPurpose = "sign_in" | "sign_up" | "reset";

export interface MailTicket {
  ticket_id: string;
  /** As typed; shown on the page. */
  address: string;
  /** The person whose address it is; null: nobody's, or it is not known yet. */
  sub: string | null;
  /** Changes with each change of a factor, address or password of the person, and ends the ticket. */
  mark: string | null;
  /** The browser in which the code is to be typed. */
  browser: string;
  /** Seconds since the epoch. */
  sent_at: number;
  expires_at: number;
}

/** Wrong codes for one ticket. */
const MOST_TRIES = 5;

export function newTicket(
  about: Pick<MailTicket, "address" | "sub" | "mark" | "browser">,
  { now, settings }: Context,
): MailTicket {
  const expires_at = now + settings.lifetimes.email_code;
  return { ticket_id: randomText(12), ...about, sent_at: now, expires_at };
}

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

/** Six digits. The secret is the one that sealed the ticket, so that a change of it spoils no code. */
export function codeOf(
  ticket: MailTicket,
  { sealed, purpose }: { sealed: string; purpose: MailPurpose },
  { secrets }: Pick<Context, "secrets">,
): string | null {
  const keys = secrets.find(secretIdOf(sealed), "mail_code");
  if (!keys) return null;
  const { ticket_id, sub, address } = ticket;
  const mac = hmacSha256(keys.mail_code, JSON.stringify([purpose, ticket_id, sub, address]));
  return String(mac.readUIntBE(0, 6) % 1_000_000).padStart(6, "0");
}

export type CodeProblem = "wrong" | "too_many" | "used" | "expired";

/**
 * Judges a typed code, and uses it up if it is right. The try is counted before, so that parallel tries get no further
 * than sequential ones.
 * @param fits.holds whether the code, if right, may count: a code that nobody was sent is always wrong
 */
export async function tryCode(
  typed: string,
  { sealed, purpose, browser }: { sealed: string; purpose: MailPurpose; browser: { id: string } },
  ctx: Context,
): Promise<{ ticket: MailTicket } | { problem: CodeProblem }> {
  const ticket = openTicket(sealed, purpose, { browser, ctx });
  if (!ticket) return { problem: "expired" };
  const { ticket_id, expires_at } = ticket;
  const window = ctx.settings.lifetimes.email_code;
  const tries = { kind: "mail_code", name: ticket_id, most: MOST_TRIES, window } as const;
  if ((await spend([tries], ctx)) > 0) return { problem: "too_many" };
  const code = codeOf(ticket, { sealed, purpose }, ctx);
  if (code === null || !equalSecrets(typed.replaceAll(/\s/g, ""), code))
    return { problem: "wrong" };
  const first = await ctx.store.claimOnce("mail code", ticket_id, { now: ctx.now, expires_at });
  return first ? { ticket } : { problem: "used" };
}
