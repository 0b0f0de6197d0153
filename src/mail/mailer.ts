/** The mail of a server, as its configuration describes it. */
import type { Log } from "../context.ts";
import type { Mailer, MailSender } from "../mail_sender.ts";
import { parseMailAddress } from "./mail_address.ts";
import { parseSmtpAddress } from "./smtp_address.ts";
import { smtpSender } from "./smtp_sender.ts";
import { visitorsQueue } from "./visitors_queue.ts";

/** The checked `mail` of the configuration: it has one of `smtp` and `sender`. */
export interface MailConfig {
  readonly from: string;
  readonly smtp?: string | undefined;
  readonly sender?: MailSender | undefined;
}

export interface MailRuntime {
  log: Log;
  clock: () => number;
  /** Left out: `VALETKEY_SMTP_PASSWORD`. */
  smtp_password?: string | undefined;
}

/**
 * Nothing is connected, and nothing is loaded, before the first mail.
 * @returns null when mail is not configured
 */
export function createMailer(
  { mail, theme }: { mail?: MailConfig | undefined; theme: { product_name: string } },
  runtime: MailRuntime,
): Mailer | null {
  if (!mail) return null;
  const from = parseMailAddress(mail.from);
  // The configuration was checked before.
  if (!from) throw new Error("mail.from is no address");
  const sender = senderOf(mail, runtime.smtp_password);
  return {
    from: { ...from, name: from.name || theme.product_name },
    sender,
    ...visitorsQueue(sender, runtime),
  };
}

export function senderOf({ smtp, sender }: MailConfig, given?: string): MailSender {
  if (sender) return sender;
  const password = given ?? process.env.VALETKEY_SMTP_PASSWORD ?? null;
  return smtpSender(parseSmtpAddress(smtp ?? ""), { password });
}
