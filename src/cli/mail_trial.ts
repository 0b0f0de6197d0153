/** `valetkey mail test` */

import { silentLog } from "../context.ts";
import { randomText } from "../crypto/hash.ts";
import { canReceiveMail } from "../mail/mail_address.ts";
import { createMailer } from "../mail/mailer.ts";
import { writeMail } from "../mail/write_mail.ts";
import { fillText, languages } from "../pages/texts.ts";
import { createTheme } from "../pages/theme.ts";
import type { CommonFlags } from "./command.ts";
import { CliError } from "./errors.ts";
import { print, printJson, say, visible } from "./output.ts";
import { readSettings } from "./settings.ts";

/** @throws CliError with the server's reason */
export async function testMail(flags: CommonFlags, [to = ""]: readonly string[]): Promise<void> {
  const { full } = await readSettings(flags);
  const mail = createMailer(full, { log: silentLog, clock: Date.now });
  if (!mail)
    throw new CliError("mail is not configured", "docs/configuration.md#mail shows the two lines");
  if (!canReceiveMail(to))
    throw new CliError(`${visible(to)} is not a mail address`, "it is like ada@example.com");
  const theme = createTheme(full.theme);
  const [language] = languages(full.texts);
  if (!language) throw new Error("there is no language");
  const { texts } = language;
  const names = { product: theme.product_name };
  const content = {
    subject: fillText(texts.mail_test_subject, names),
    paragraphs: [fillText(texts.mail_test, names)],
    link: { label: theme.product_name, href: full.issuer },
  };
  const server = { mail, theme, issuer: full.issuer };
  const written = writeMail(content, { address: to, language, mail_id: randomText(16) }, server);
  if (!written) throw new Error("the mail was not written");
  const answer = await mail.sender.send(written).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(why, hintFor(why), { cause });
  });
  const said = typeof answer === "string" ? answer : null;
  if (flags.json) return printJson({ to, from: mail.from.address, answer: said });
  print(said === null ? "sent" : visible(said));
  say(`The mail server has taken the mail to ${to}. Look there, and in the spam folder.`);
}

/** By the words of nodemailer's errors and by the reply codes of RFC 5321 §4.2.3 and RFC 4954 §6. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/name and password|\b53[0-5]\b/, "look at the user in mail.smtp and at VALETKEY_SMTP_PASSWORD"],
  [
    /certificate|self-signed|altnames/i,
    "the certificate has to be valid for the host in mail.smtp: use the name that the provider gives",
  ],
  [/STARTTLS|TLS/, "try smtps:// with port 465; without TLS mail is sent on this computer only"],
  [/ENOTFOUND|EAI_AGAIN/, "the host in mail.smtp has no address: look at its spelling, and at DNS"],
  [/ECONNREFUSED/, "nothing listens there: look at host and port in mail.smtp"],
  [
    /the wait|timeout/i,
    "it does not answer: a firewall, or another port (465, 587); many hosts block 25",
  ],
  [/\b55[0-4]\b/, "the mail server takes no mail from mail.from, or none to this address"],
  [/\b4\d\d\b/, "it says that it may be over soon: try again in a few minutes"],
];

const hintFor = (why: string): string =>
  HINTS.find(([pattern]) => pattern.test(why))?.[1] ?? "the log of the mail server says more";
