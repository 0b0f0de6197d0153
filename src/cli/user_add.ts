/** `valetkey user add` */

import { createAccount } from "../people/create_person.ts";
import { foldLogin } from "../people/login.ts";
import { checkPerson } from "../people/rules.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withNewDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { readNewPassword } from "./input.ts";
import { checkOwnPeople, type EmailFlags, emailFrom, showPerson, warnOfUnsent } from "./person.ts";
import { readSettings } from "./settings.ts";

export interface AddFlags extends EmailFlags {
  username: string;
  name?: string;
  claims?: Record<string, unknown>;
  passwordStdin?: boolean;
  admin?: boolean;
}

export async function addUser(flags: AddFlags & CommonFlags): Promise<void> {
  const { username, name, claims = {}, admin = false } = flags;
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  const { email, email_verified = false } = emailFrom(flags);
  // All input is checked before a database is created for it.
  checkPerson({
    username,
    login_email: email_verified ? (email ?? null) : null,
    claims: { ...claims, ...(email !== undefined && { email }) },
  });
  const longest = settings.full.limits.password;
  const password = await readNewPassword(flags, { whose: username, longest });

  await withNewDatabase(settings, async ({ store, env, by }) => {
    const input = {
      ...{ username, password, claims, is_admin: admin, only_as_first: false, email_verified },
      ...(email !== undefined && { email }),
      ...(name !== undefined && { name }),
    };
    const account = await createAccount(input, by, env);
    if (account === "taken") throw await taken(store);
    showPerson(account, flags);
    warnOfUnsent(claims, settings);
  });

  async function taken(store: OpenDatabase["store"]): Promise<CliError> {
    const login = foldLogin(username) ?? "";
    const what = (await store.findAccountByLogin(login)) ? username : email;
    return new CliError(
      `${what} is somebody's already`,
      "`valetkey user list` shows them all, `valetkey user update` changes one",
    );
  }
}
