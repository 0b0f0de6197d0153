/** The demo sends no mail: it prints each one to the terminal, so that codes and links can be tried. */
import type { MailSender } from "../src/mail_sender.ts";

export const printedMail = (log: (text: string) => void): MailSender => ({
  async send({ to, subject, text }) {
    const lines = text.trimEnd().split("\n");
    log(`\n── A mail to ${to}: ${subject}\n${lines.map((line) => `│ ${line}`).join("\n")}\n──`);
  },
});
