/** The rules for `mail` in the configuration. */
import { parseMailAddress } from "./mail_address.ts";
import type { MailConfig } from "./mailer.ts";
import { parseSmtpAddress } from "./smtp_address.ts";

/** @returns the problems, each with its key */
export function checkMail({ from, smtp, sender }: MailConfig): string[] {
  return [
    ...(parseMailAddress(from)
      ? []
      : ["mail.from: must be an address, such as Example <id@example.com>"]),
    ...(smtp === undefined && sender === undefined
      ? ["mail.smtp: is missing; it is like smtps://user@mail.example.com"]
      : []),
    ...(smtp === undefined ? [] : smtpProblems(smtp)),
    ...(sender !== undefined && typeof Object(sender).send !== "function"
      ? ["mail.sender: has no function send"]
      : []),
    ...(sender !== undefined && smtp !== undefined
      ? ["mail.sender: replaces mail.smtp, so that only one of them may be there"]
      : []),
  ];
}

function smtpProblems(smtp: string): string[] {
  try {
    parseSmtpAddress(smtp);
    return [];
  } catch (error) {
    return [`mail.smtp: ${error instanceof Error ? error.message : String(error)}`];
  }
}
