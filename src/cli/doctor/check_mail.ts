/** Checks that mail can be sent: connection, TLS, name and password. Nothing is sent. */
import { silentLog } from "../../context.ts";
import { createMailer } from "../../mail/mailer.ts";
import type { Settings } from "../settings.ts";
import { type Finding, leftOut, ok, problem } from "./finding.ts";

/** `no_check`: a sender in code without the function. Null: mail is not configured. */
export type MailFacts = "ready" | "no_check" | { failed: string } | null;

export async function inspectMail({ full }: Settings): Promise<MailFacts> {
  const mail = createMailer(full, { log: silentLog, clock: Date.now });
  if (!mail) return null;
  if (!mail.sender.check) return "no_check";
  try {
    await mail.sender.check();
    return "ready";
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns null where mail is off */
export function checkMail(mail: MailFacts): Finding | null {
  if (mail === null) return null;
  if (mail === "ready")
    return ok("mail", "the mail server is reached, and takes name and password");
  if (mail === "no_check") return leftOut("mail", "mail.sender has no function check");
  return problem(
    "mail",
    `no mail can be sent: ${mail.failed}`,
    "look at mail.smtp and VALETKEY_SMTP_PASSWORD; valetkey mail test ADDRESS sends one",
  );
}
