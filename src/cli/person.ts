/** Finds, checks and shows people, for commands. */
import { claimsOfScope, SCOPE_CLAIMS } from "../oauth/claims.ts";
import { foldLogin } from "../people/login.ts";
import { everyRecord } from "../store/pages.ts";
import type { AccountRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { CommonFlags } from "./command.ts";
import { type OpenDatabase, withDatabase } from "./database.ts";
import { CliError } from "./errors.ts";
import { printFields, printJson, warn, when } from "./output.ts";
import { readSettings, type Settings } from "./settings.ts";

/** @param name user name, address or sub. @throws CliError when nobody has it */
export async function findPerson(store: Store, name: string): Promise<AccountRecord> {
  const login = foldLogin(name);
  const found =
    (await store.findAccount(name)) ??
    (login === null ? null : await store.findAccountByLogin(login));
  if (!found) throw new CliError(`there is no user ${name}`, "`valetkey user list` shows them all");
  return found;
}

/** @throws CliError when people are kept elsewhere, where commands can't reach them */
export function checkOwnPeople({ full }: Settings): void {
  if (full.users !== null)
    throw new CliError(
      "the configuration keeps people elsewhere (its key users)",
      "add and change them there",
    );
}

/** A person whom a command names. */
export interface Named {
  sub: string;
  called: string;
  /** Whether the account has a password; null: the person is kept elsewhere. */
  password: boolean | null;
}

/** People that are kept elsewhere are named by `sub`, since their names are unknown here. */
export async function whose(
  name: string,
  { store }: Pick<OpenDatabase, "store">,
  { full }: Settings,
): Promise<Named> {
  if (full.users !== null) return { sub: name, called: name, password: null };
  const { sub, username, password_hash } = await findPerson(store, name);
  return { sub, called: username, password: password_hash !== null };
}

export interface EmailFlags {
  email?: string;
  emailUnverified?: boolean;
}

/** An address from an operator counts as verified, unless a flag says otherwise. */
export function emailFrom({ email, emailUnverified }: EmailFlags): {
  email?: string;
  email_verified?: boolean;
} {
  if (email === undefined) return emailUnverified ? { email_verified: false } : {};
  return { email, email_verified: email !== "" && !emailUnverified };
}

/** Finds the person, does the work, and prints the outcome. */
export async function withPerson(
  flags: CommonFlags,
  [name = ""]: readonly string[],
  work: (account: AccountRecord, database: OpenDatabase, settings: Settings) => Promise<void>,
): Promise<void> {
  const settings = await readSettings(flags);
  checkOwnPeople(settings);
  await withDatabase(settings, async (database) =>
    work(await findPerson(database.store, name), database, settings),
  );
}

/** Everything except the hash of the password and internal members. */
export function personJson(account: AccountRecord): object {
  const { password_hash: _, ends_before: __, sessions_end_before: ___, ...shown } = account;
  return { ...shown, disabled: shown.disabled_at !== null };
}

/** Only a verified address can be used to sign in. */
function emailShown({ login_email, claims }: AccountRecord): string | null {
  if (login_email !== null) return login_email;
  return typeof claims.email === "string" ? `${claims.email} (not verified)` : null;
}

export function showPerson(account: AccountRecord, { json = false }: { json?: boolean }): void {
  if (json) {
    printJson(personJson(account));
    return;
  }
  const { sub, username, claims, is_admin, created_at, disabled_at } = account;
  printFields({
    sub,
    username,
    email: emailShown(account),
    admin: is_admin ? "yes" : null,
    created: when(created_at),
    disabled: disabled_at === null ? null : `since ${when(disabled_at)}`,
    claims: Object.keys(claims).length > 0 ? JSON.stringify(claims) : null,
  });
}

/**
 * Warns of a claim that no scope gives, which reaches no app. Without a configuration file, the server's scopes are
 * unknown here.
 */
export function warnOfUnsent(claims: Readonly<Record<string, unknown>>, settings: Settings): void {
  const { full, config_file } = settings;
  if (config_file === null) return;
  const sent = [...Object.keys(SCOPE_CLAIMS), ...Object.keys(full.scopes)].flatMap((name) =>
    claimsOfScope(name, full),
  );
  const lost = Object.keys(claims).filter((name) => claims[name] !== null && !sent.includes(name));
  if (lost.length > 0)
    warn(
      `no scope gives ${lost.join(", ")}, so no app can learn it: ${config_file} may say scopes: { "${lost[0]}": { "text": "…", "claims": ["${lost[0]}"] } }`,
    );
}

/** Reads page by page, up to the first administrator. */
export async function warnWithoutAdmin(store: Store): Promise<void> {
  const accounts = everyRecord<AccountRecord>((page) => store.listAccounts(page));
  for await (const { is_admin, disabled_at } of accounts)
    if (is_admin && disabled_at === null) return;
  warn("no administrator is left: valetkey user update USER --admin makes one");
}
