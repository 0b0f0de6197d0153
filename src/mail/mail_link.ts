/**
 * The link of a mailed code. In the browser where it began it leads to the form with the code filled in, by a cookie; in
 * another browser it shows the digits. It is opened by GET, so it uses nothing up: scanners of mail follow links.
 */
import type { Context } from "../context.ts";
import { seal, unseal } from "../crypto/seal.ts";
import { readCookie, setCookie } from "../http/cookies.ts";
import type { HttpRequest } from "../http/message.ts";
import type { MailPurpose, MailTicket } from "./mail_ticket.ts";

/** What the link holds. */
export interface MailLink {
  purpose: MailPurpose;
  ticket_id: string;
  code: string;
  expires_at: number;
}

const PURPOSE = "mail link";

export const sealLink = (
  { purpose, ticket_id, code, expires_at }: MailLink,
  ctx: Context,
): string => seal([ticket_id, code, expires_at].join(" "), `${PURPOSE} ${purpose}`, ctx);

/** Null: it is not genuine, or has expired. */
export function openLink(sealed: string, purpose: MailPurpose, ctx: Context): MailLink | null {
  const text = unseal(sealed, `${PURPOSE} ${purpose}`, ctx);
  if (text === null) return null;
  const [ticket_id = "", code = "", expires = ""] = text.split(" ");
  const expires_at = Number(expires);
  return expires_at > ctx.now ? { purpose, ticket_id, code, expires_at } : null;
}

/** The form that this browser waits at: its ticket, and the fields that lead on. */
export interface Waiting {
  ticket_id: string;
  purpose: MailPurpose;
  sealed: string;
  hidden: Readonly<Record<string, string>>;
}

/** Characters of a cookie; browsers take 4096 bytes with its name. A longer way on is left out: the digits are shown. */
const LONGEST = 3600;

export function rememberTicket(
  { ticket_id, expires_at }: MailTicket,
  waiting: Pick<Waiting, "purpose" | "sealed" | "hidden">,
  ctx: Context,
): (readonly [string, string])[] {
  const value = seal(JSON.stringify({ ticket_id, ...waiting }), "mail waiting", ctx);
  const fits = value.length <= LONGEST;
  const { issuer } = ctx;
  const max_age = fits ? expires_at - ctx.now : 0;
  return [setCookie("mail", fits ? value : "", { issuer, max_age })];
}

export function waitingHere(request: HttpRequest, ctx: Context): Waiting | null {
  const sealed = readCookie(request, "mail", ctx.issuer);
  const text = sealed === null ? null : unseal(sealed, "mail waiting", ctx);
  // The server sealed it, so its shape is known.
  return text === null ? null : (JSON.parse(text) as Waiting);
}
