/** A person, as commands find, check and show them. */
import { RESERVED_CLAIMS } from "../oauth/claims.ts";
import { foldLogin, isEmail, refuseUsername } from "../people/login.ts";
import type { AccountRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { CliError } from "./errors.ts";
import { printFields, printJson, warn, when } from "./output.ts";
import type { Settings } from "./settings.ts";

/** @param name user name, address or sub. @throws CliError when it is nobody's */
export async function findPerson(store: Store, name: string): Promise<AccountRecord> {
  const login = foldLogin(name);
  const found =
    (await store.findAccount(name)) ??
    (login === null ? null : await store.findAccountByLogin(login));
  if (!found) throw new CliError(`there is no user ${name}`, "`valetkey user list` shows them all");
  return found;
}

/** @throws CliError when people are kept elsewhere, where no command of ours can reach them */
export function checkOwnPeople({ full }: Settings): void {
  if (full.users !== null)
    throw new CliError(
      "the configuration keeps people elsewhere (its key users)",
      "add and change them there",
    );
}

/** @throws CliError for a name or an address that can't sign in, or a claim that is not theirs to have */
export function checkPerson(fields: {
  username?: string;
  email?: string;
  claims?: Readonly<Record<string, unknown>>;
}): void {
  const { username, email, claims = {} } = fields;
  const refused = username === undefined ? null : refuseUsername(username);
  if (refused !== null) throw new CliError(`--username ${username} can't be a user name`, refused);
  if (email && !isEmail(email)) throw new CliError(`--email ${email} is not an e-mail address`);
  const reserved = Object.keys(claims).filter((name) => RESERVED_CLAIMS.has(name));
  if (reserved.length > 0)
    throw new CliError(
      `--claims: ${reserved.join(", ")} is set by the server`,
      "a person's claims are such as name, locale or address",
    );
}

/** A claim that is set to null is taken away. */
export const withoutNulls = (claims: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));

/** Everything but the hash of the password. */
export function personJson({ password_hash: _, ...account }: AccountRecord): object {
  return { ...account, disabled: account.disabled_at !== null };
}

export function showPerson(account: AccountRecord, { json = false }: { json?: boolean }): void {
  if (json) {
    printJson(personJson(account));
    return;
  }
  const { sub, username, login_email, claims, is_admin, created_at, disabled_at } = account;
  printFields({
    sub,
    username,
    email: login_email,
    admin: is_admin ? "yes" : null,
    created: when(created_at),
    disabled: disabled_at === null ? null : `since ${when(disabled_at)}`,
    claims: Object.keys(claims).length > 0 ? JSON.stringify(claims) : null,
  });
}

export async function warnWithoutAdmin(store: Store): Promise<void> {
  const accounts = await store.listAccounts({ limit: 1000 });
  if (!accounts.some(({ is_admin, disabled_at }) => is_admin && disabled_at === null))
    warn("no administrator is left: valetkey user update USER --admin makes one");
}
