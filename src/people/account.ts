/** Records of accounts that Valetkey keeps: how they are created, described, and turned into a person. */
import { uuidv7 } from "../crypto/hash.ts";
import type { Members } from "../store/audit.ts";
import type { AccountRecord } from "../store/records.ts";
import { foldLogin } from "./login.ts";
import type { NewAccount, Person } from "./users.ts";

/** An unconfirmed address can't sign in, so `login_email` is passed apart from the claim. */
export function newAccount(
  { username, email, name, is_admin }: Omit<NewAccount, "password" | "only_as_first">,
  rest: { password_hash: string | null; login_email: string | null; now_ms: number },
): AccountRecord {
  return {
    sub: uuidv7(rest.now_ms),
    username: normalUsername(username),
    login_email: rest.login_email,
    claims: { ...(name && { name }), ...(email && { email, email_verified: false }) },
    password_hash: rest.password_hash,
    is_admin,
    created_at: Math.floor(rest.now_ms / 1000),
    disabled_at: null,
    ends_before: null,
    sessions_end_before: null,
  };
}

export const normalUsername = (username: string): string => username.normalize("NFKC").trim();

/** All logins of this account, folded. */
export const loginsOf = ({
  username,
  login_email,
}: Pick<AccountRecord, "username" | "login_email">): string[] =>
  [username, login_email].flatMap((login) => (login === null ? [] : (foldLogin(login) ?? [])));

export function toPerson(account: AccountRecord): Person {
  const { sub, username, claims, is_admin, disabled_at } = account;
  const { ends_before, sessions_end_before } = account;
  const preferred_username = username;
  return {
    sub,
    username,
    claims: { preferred_username, ...claims },
    is_admin,
    disabled: disabled_at !== null,
    ends_before,
    sessions_end_before,
  };
}

/** For security events: every member but the hash of the password. */
export function describeAccount(account: AccountRecord): Members {
  const { username, login_email, is_admin, disabled_at, claims } = account;
  const named = Object.entries(claims).map(([name, value]) => [`claims.${name}`, value]);
  return { username, login_email, is_admin, disabled_at, ...Object.fromEntries(named) };
}

/** Removes claims that are set to null. */
export const withoutNulls = (claims: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));

/** Only a verified address can sign in, and only a verified one is reserved for its account. */
export const verifiedEmail = ({ email, email_verified }: Record<string, unknown>): string | null =>
  typeof email === "string" && email !== "" && email_verified === true ? email : null;
