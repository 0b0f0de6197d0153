/** `valetkey user update`, `password`, `disable`, `enable` and `remove` */

import { setAppsDisabled } from "../clients/change_client.ts";
import type { Env } from "../operation.ts";
import { setPassword as set } from "../people/change_password.ts";
import { changePerson, setPersonDisabled } from "../people/change_person.ts";
import { removePerson } from "../people/end_person.ts";
import type { AccountRecord } from "../store/records.ts";
import { type CommonFlags, hasOwnFlags } from "./command.ts";
import { CliError, UsageError } from "./errors.ts";
import { readNewPassword } from "./input.ts";
import { printJson, say } from "./output.ts";
import {
  type EmailFlags,
  emailFrom,
  personJson,
  showPerson,
  warnOfUnsent,
  warnWithoutAdmin,
  withPerson,
} from "./person.ts";

export interface ChangeFlags extends EmailFlags {
  username?: string;
  name?: string;
  claims?: Record<string, unknown>;
  admin?: boolean;
}
export interface PasswordFlags {
  passwordStdin?: boolean;
  revoke?: boolean;
}
export interface StateFlags {
  withApps?: boolean;
}
type Args = readonly string[];

export async function updateUser(flags: ChangeFlags & CommonFlags, args: Args): Promise<void> {
  const { username, name, claims, admin: is_admin } = flags;
  if (!hasOwnFlags(flags))
    throw new UsageError("nothing to change", "see valetkey user update --help");
  await withPerson(flags, args, async (account, { store, env, by }, settings) => {
    const change = { username, name, claims, is_admin, ...emailFrom(flags) };
    const changed = done(await changePerson({ account, change }, by, env));
    showPerson(changed, flags);
    warnOfUnsent(claims ?? {}, settings);
    if (is_admin === false) await warnWithoutAdmin(store);
  });
}

/** Fails if the server or another command has changed the person since it was read. */
function done(outcome: AccountRecord | "taken" | "changed_meanwhile"): AccountRecord {
  if (outcome === "changed_meanwhile")
    throw new CliError("the person was changed or removed meanwhile", "run the command again");
  if (outcome === "taken")
    throw new CliError(
      "the user name or address is somebody else's",
      "`valetkey user list` shows them all",
    );
  return outcome;
}

export const setPassword = (flags: PasswordFlags & CommonFlags, args: Args): Promise<void> =>
  withPerson(flags, args, async ({ sub, username }, { env, by }, { full }) => {
    const { revoke = false } = flags;
    const asked = { whose: username, longest: full.limits.password };
    const password = await readNewPassword(flags, asked);
    const account = await set({ sub, password, revoke }, by, env);
    if (!account) throw new CliError("the person was removed meanwhile");
    say(`${username} has a new password; all sessions have ended`);
    say(
      revoke
        ? "All apps have lost their access too. Consents stay: apps get it again, without asking, after the next sign-in."
        : "Apps that the person allowed keep their access: --revoke ends that too, as does valetkey user revoke.",
    );
    if (flags.json) printJson(personJson(account));
  });

export const setDisabled = (
  flags: StateFlags & CommonFlags,
  args: Args,
  disabled: boolean,
): Promise<void> =>
  withPerson(flags, args, async (account, { store, env, by }) => {
    const changed = done(await setPersonDisabled({ account, disabled }, by, env));
    const { sub, username } = account;
    say(
      disabled
        ? `${username} is disabled: sign-in, sessions and tokens stop within a second`
        : `${username} is enabled: grants and tokens that were not revoked hold again`,
    );
    const disabled_at = disabled ? changed.disabled_at : account.disabled_at;
    if (flags.withApps) {
      const count = await setAppsDisabled({ sub, disabled, disabled_at }, by, env);
      say(`${count} of their own apps ${disabled ? "disabled" : "enabled"}, for everybody`);
    } else if (disabled) await tellOfApps(sub, env);
    if (flags.json) printJson(personJson(changed));
    if (disabled && account.is_admin) await warnWithoutAdmin(store);
  });

/** Apps of a disabled person go on, since others may rely on them; the command reports this. */
async function tellOfApps(owner_sub: string, { store }: Env): Promise<void> {
  const [app] = await store.listClients({ owner_sub, limit: 1 });
  if (app) say("Apps that they registered go on for others: --with-apps disables these too.");
}

export const removeUser = (flags: CommonFlags, args: Args): Promise<void> =>
  withPerson(flags, args, async (account, { store, env, by }) => {
    const { sub, username } = account;
    await removePerson(account, by, env);
    say(`${username} is removed, with sessions, consents and own apps`);
    if (flags.json) printJson({ sub, removed: true });
    if (account.is_admin) await warnWithoutAdmin(store);
  });
