/** `valetkey mail`: declares the commands; the code of each is loaded when it is called. */
import type { Command } from "commander";
import { complete } from "./command.ts";

export function declareMail(mail: Command): void {
  mail.description("Try the mail server, and look after mails that wait.");
  const trial = mail
    .command("test")
    .description("Send a mail the way that all mails go, and print the mail server's answer.")
    .argument("<address>", "to which it goes");
  complete(
    trial,
    ["valetkey mail test ada@example.com --config valetkey.config.ts"],
    async (flags, args) => (await import("./mail_trial.ts")).testMail(flags, args),
  );

  const list = mail
    .command("list")
    .description("List the mails that wait in the database, the oldest first; never their text.");
  complete(list, ["valetkey mail list"], async (flags) =>
    (await import("./mail_waiting.ts")).listMail(flags),
  );

  const retry = mail
    .command("retry")
    .description("Let a running server try a waiting mail at once, or all of them.")
    .argument("[id]", "as `valetkey mail list` shows it; left out: all");
  complete(retry, ["valetkey mail retry", "valetkey mail retry 0193f2…"], async (flags, args) =>
    (await import("./mail_waiting.ts")).retryMail(flags, args),
  );
}
