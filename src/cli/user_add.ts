/** `valetkey user add` */

import { loginsOf, newAccount } from "../people/built_in_users.ts";
import { foldLogin } from "../people/login.ts";
import { hashPassword } from "../people/password.ts";
import type { CommonFlags } from "./command.ts";
import { withNewDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { readNewPassword } from "./input.ts";
import { checkOwnPeople, checkPerson, showPerson, withoutNulls } from "./person.ts";
import { readSettings } from "./settings.ts";

export interface AddFlags {
  username: string;
  email?: string;
  name?: string;
  claims?: Record<string, unknown>;
  passwordStdin?: boolean;
  admin?: boolean;
}

export async function addUser(flags: AddFlags & CommonFlags): Promise<void> {
  const { username, email, name, claims = {}, admin = false } = flags;
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  checkPerson(flags);
  const longest = settings.full.limits.password;
  // All that can be wrong is found before a database is made for it.
  const password = await readNewPassword(flags, { whose: username, longest });
  const password_hash = await hashPassword(password);

  await withNewDatabase(settings, async ({ store }) => {
    const given = { username, is_admin: admin, ...(email && { email }), ...(name && { name }) };
    const times = { password_hash, login_email: email || null, now_ms: Date.now() };
    const made = newAccount(given, times);
    const account = { ...made, claims: withoutNulls({ ...made.claims, ...claims }) };
    if (!(await store.createAccount(account, loginsOf(account)))) throw await taken();
    showPerson(account, flags);

    async function taken(): Promise<CliError> {
      const login = foldLogin(username) ?? "";
      const what = (await store.findAccountByLogin(login)) ? username : email;
      return new CliError(
        `${what} is somebody's already`,
        "`valetkey user list` shows them all, `valetkey user update` changes one",
      );
    }
  });
}
