/** Addresses that mail may be sent to. Stricter than those that sign in: no mail program may read two of them. */
import type { MailAddress } from "../mail_sender.ts";
import { isEmail } from "../people/login.ts";

/** Characters by which one text becomes several addresses, a comment or a quoted name (RFC 5322 §3.4). */
const SPECIAL = /[()<>[\]:;,"\\\p{C}]/u;

export const canReceiveMail = (address: string): boolean =>
  isEmail(address) && !SPECIAL.test(address);

/** `Name <address>` or an address alone. Null: it is neither. */
export function parseMailAddress(text: string): MailAddress | null {
  const [, name = "", bracketed, bare] =
    /^(?:([^<>]*)<([^<>]*)>|([^<>]*))$/.exec(text.trim()) ?? [];
  const address = (bracketed ?? bare ?? "").trim();
  const plain = name.trim().replace(/^"(.*)"$/, "$1");
  return canReceiveMail(address) && !/\p{C}/u.test(plain) ? { name: plain, address } : null;
}

/** The part behind the @. */
export const domainOf = (address: string): string => address.slice(address.lastIndexOf("@") + 1);
