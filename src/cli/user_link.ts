/** `valetkey user link` and `user invite` */
import { eventOf } from "../operation.ts";
import { createAccount } from "../people/create_person.ts";
import { newPersonLink } from "../people/person_link.ts";
import { removeAllFactors } from "../people/remove_factor.ts";
import type { AccountRecord } from "../store/records.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withNewDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { printFields, printJson, say, when } from "./output.ts";
import { checkOwnPeople, type EmailFlags, emailFrom, withPerson } from "./person.ts";
import { readSettings, type Settings } from "./settings.ts";

export interface LinkFlags {
  withoutFactors?: boolean;
}

export interface InviteFlags extends EmailFlags {
  username: string;
  name?: string;
  admin?: boolean;
}

export async function linkUser(
  flags: LinkFlags & CommonFlags,
  args: readonly string[],
): Promise<void> {
  await withPerson(flags, args, async (account, database, settings) => {
    const { sub, username, disabled_at } = account;
    if (disabled_at !== null)
      throw new CliError(
        `${username} is disabled`,
        `let them back in first: user enable ${username}`,
      );
    if (flags.withoutFactors) {
      const removed = await removeAllFactors(sub, database.by, database.env);
      say(`removed ${removed} of ${username}: passkeys, apps for codes and recovery codes`);
    }
    await printLink(account, { database, settings }, flags);
  });
}

/** A new account without a password, and the link by which its person chooses one. */
export async function inviteUser(flags: InviteFlags & CommonFlags): Promise<void> {
  const { username, name, admin = false } = flags;
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  const { email, email_verified = false } = emailFrom(flags);
  await withNewDatabase(settings, async (database) => {
    const input = {
      ...{ username, password: null, is_admin: admin, only_as_first: false, email_verified },
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
    };
    const account = await createAccount(input, database.by, database.env);
    if (account === "taken")
      throw new CliError(
        `${username}${email === undefined ? "" : ` or ${email}`} is somebody's already`,
        "`valetkey user list` shows them all; `valetkey user link` makes a link for one",
      );
    await printLink(account, { database, settings }, flags);
  });
}

async function printLink(
  { sub, username }: AccountRecord,
  { database, settings }: { database: OpenDatabase; settings: Settings },
  { json = false }: CommonFlags,
): Promise<void> {
  const { store, now, secrets, by, env } = database;
  const { issuer } = settings.full;
  await store.appendAudit([eventOf("user_link_made", { by, sub }, env)]);
  const { version } = await store.loadFactors(sub);
  const { epoch } = await store.readState();
  const about = { sub, version, now };
  const { link, sealed } = newPersonLink(about, { secrets: secrets(), epoch, issuer });
  const address = `${issuer}/sign-in/link?${new URLSearchParams({ link: sealed })}`;
  if (json) return printJson({ sub, username, link: address, expires_at: link.expires_at });
  printFields({ sub, username, link: address, until: when(link.expires_at) });
  say("it works once; a new password or another change of how they sign in ends it");
}
