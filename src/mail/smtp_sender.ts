/** Sends mail by SMTP (RFC 5321), with TLS everywhere but on loopback. */
import type { Transporter } from "nodemailer";
import { type Mail, MailRefused, type MailSender } from "../mail_sender.ts";
import { canReceiveMail } from "./mail_address.ts";
import type { SmtpAddress } from "./smtp_address.ts";

export interface SmtpOptions {
  password: string | null;
  /** Milliseconds until the connection stands, until the greeting, and without a byte. */
  timeouts?: Readonly<Record<"connect" | "greeting" | "silence", number>>;
  /** PEM: an authority besides those of the system, for tests. */
  ca?: string;
}

const TIMEOUTS = { connect: 10_000, greeting: 10_000, silence: 20_000 };
/** Characters of an answer that are kept. */
const LONGEST = 200;

export function smtpSender(address: SmtpAddress, options: SmtpOptions): Required<MailSender> {
  let opened: Promise<Transporter> | null = null;
  // nodemailer is loaded with the first mail: a start without mail does not wait for it.
  const transport = () => {
    opened ??= openTransport(address, options);
    return opened;
  };
  return {
    async send(mail) {
      if (!canReceiveMail(mail.to)) throw new MailRefused("no mail goes to such an address");
      try {
        // Resolves with the answer to the whole message (RFC 5321 §4.1.1.4).
        const { response } = await (await transport()).sendMail(messageOf(mail));
        return String(response);
      } catch (cause) {
        throw explained(cause, mail.to);
      }
    },
    async check() {
      try {
        await (await transport()).verify();
      } catch (cause) {
        throw explained(cause, "");
      }
    },
  };
}

async function openTransport(
  { host, port, implicit_tls, is_loopback, user }: SmtpAddress,
  { password, timeouts = TIMEOUTS, ca }: SmtpOptions,
): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    host,
    port,
    secure: implicit_tls,
    requireTLS: !is_loopback,
    // A program that catches mail on this computer offers STARTTLS with a certificate that nobody knows.
    ignoreTLS: is_loopback,
    tls: { minVersion: "TLSv1.2", ...(ca !== undefined && { ca }) },
    ...(user !== null && { auth: { user, pass: password ?? "" } }),
    connectionTimeout: timeouts.connect,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.silence,
    dnsTimeout: timeouts.connect,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** Addresses are passed as values, and never as text that would be read again. */
const messageOf = ({ message_id, from, to, subject, text, html, language }: Mail) => ({
  messageId: message_id,
  from: { name: from.name, address: from.address },
  to: { name: "", address: to },
  envelope: { from: from.address, to: [to] },
  subject,
  text,
  html,
  headers: {
    // No out-of-office reply comes back (RFC 3834 §5).
    "Auto-Submitted": "auto-generated",
    "Content-Language": language,
  },
});

/** The reason without the address, since it is logged and stored. */
function explained(cause: unknown, to: string): Error {
  const { message, code, command, response, responseCode } = fieldsOf(cause);
  const said = (response || message).replaceAll(/\s+/g, " ");
  const why = (to === "" ? said : said.replaceAll(to, "…")).slice(0, LONGEST);
  const asked = { EAUTH: "name and password", ETLS: "TLS", ETIMEDOUT: "the wait" }[code];
  const told = `the mail server: ${asked ? `${asked}: ` : ""}${why}`;
  // Only an answer to the recipient or to the message is about this mail; others are about the set-up.
  const about_mail = command === "RCPT TO" || command === "DATA" || code === "EMESSAGE";
  const is_final = responseCode >= 500 && responseCode < 600 && about_mail;
  return is_final ? new MailRefused(told, { cause }) : new Error(told, { cause });
}

function fieldsOf(cause: unknown) {
  const fields = new Map<string, unknown>(Object.entries(Object(cause)));
  const text = (name: string) => String(fields.get(name) ?? "");
  return {
    message: cause instanceof Error ? cause.message : String(cause),
    code: text("code"),
    command: text("command"),
    response: text("response"),
    responseCode: Number(fields.get("responseCode") ?? 0),
  };
}
