/** `valetkey user update`, `password`, `disable`, `enable` and `remove` */

import { loginsOf } from "../people/built_in_users.ts";
import { hashPassword } from "../people/password.ts";
import type { AccountRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { type CommonFlags, hasOwnFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError, UsageError } from "./errors.ts";
import { readNewPassword } from "./input.ts";
import { printJson, say } from "./output.ts";
import {
  checkOwnPeople,
  checkPerson,
  findPerson,
  personJson,
  showPerson,
  warnWithoutAdmin,
  withoutNulls,
} from "./person.ts";
import { readSettings, type Settings } from "./settings.ts";

export interface ChangeFlags {
  username?: string;
  email?: string;
  name?: string;
  claims?: Record<string, unknown>;
  admin?: boolean;
}
export interface PasswordFlags {
  passwordStdin?: boolean;
}
type Args = readonly string[];

/** Finds the person, does the work, and says what is no longer true. */
async function withPerson(
  flags: CommonFlags,
  [name = ""]: Args,
  work: (account: AccountRecord, database: OpenDatabase, settings: Settings) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async (database) =>
    work(await findPerson(database.store, name), database, settings),
  );
}

export async function updateUser(flags: ChangeFlags & CommonFlags, args: Args): Promise<void> {
  const { username, email, admin } = flags;
  if (!hasOwnFlags(flags))
    throw new UsageError("nothing to change", "see valetkey user update --help");
  checkPerson(flags);
  await withPerson(flags, args, async (account, { store }) => {
    const changed: AccountRecord = {
      ...account,
      ...(username !== undefined && { username: username.normalize("NFKC").trim() }),
      ...(email !== undefined && { login_email: email || null }),
      ...(admin !== undefined && { is_admin: admin }),
      claims: merged(account, flags),
    };
    await write(store, changed, account);
    showPerson(changed, flags);
    if (admin === false) await warnWithoutAdmin(store);
  });
}

/** What is set to nothing goes away; an address that changes has not been verified by anybody. */
function merged(account: AccountRecord, { email, name, claims = {} }: ChangeFlags) {
  const all: Record<string, unknown> = {
    ...account.claims,
    ...(name !== undefined && { name: name || null }),
    ...(email !== undefined && {
      email: email || null,
      email_verified: email === "" ? null : account.claims.email === email && verified(account),
    }),
    ...claims,
  };
  return withoutNulls(all);
}

const verified = ({ claims }: AccountRecord): boolean => claims.email_verified === true;

/** Nothing is undone that the server or another command changed since `before` was read. */
async function write(store: Store, account: AccountRecord, before: AccountRecord): Promise<void> {
  if (await store.updateAccount(account, loginsOf(account), { before })) return;
  const now = await store.findAccount(before.sub);
  if (!now || JSON.stringify(now) !== JSON.stringify(before))
    throw new CliError("the person was changed or removed meanwhile", "run the command again");
  throw new CliError(
    "the user name or address is somebody else's",
    "`valetkey user list` shows them all",
  );
}

export const setPassword = (flags: PasswordFlags & CommonFlags, args: Args): Promise<void> =>
  withPerson(flags, args, async (account, { store }, { full }) => {
    const asked = { whose: account.username, longest: full.limits.password };
    const password_hash = await hashPassword(await readNewPassword(flags, asked));
    // Typing takes time: what others changed meanwhile stays.
    const before = await findPerson(store, account.sub);
    await write(store, { ...before, password_hash }, before);
    // Whoever knew the old one may still be signed in with it.
    await store.endSessions({ sub: account.sub, except: null });
    say(`${account.username} has a new password; all sessions have ended`);
    if (flags.json) printJson(personJson(account));
  });

export const setDisabled = (flags: CommonFlags, args: Args, disabled: boolean): Promise<void> =>
  withPerson(flags, args, async (account, { store, now }) => {
    const changed = {
      ...account,
      disabled_at: disabled ? (account.disabled_at ?? now) : null,
    };
    await write(store, changed, account);
    const { username } = account;
    say(
      disabled
        ? `${username} is disabled: sign-in, sessions and tokens stop within a second`
        : `${username} is enabled: what was not revoked holds again`,
    );
    if (flags.json) printJson(personJson(changed));
    if (disabled && account.is_admin) await warnWithoutAdmin(store);
  });

export const removeUser = (flags: CommonFlags, args: Args): Promise<void> =>
  withPerson(flags, args, async (account, { store, now }) => {
    await store.removeAccount(account.sub, now);
    say(`${account.username} is removed, with sessions, consents and own apps`);
    if (flags.json) printJson({ sub: account.sub, removed: true });
    if (account.is_admin) await warnWithoutAdmin(store);
  });
