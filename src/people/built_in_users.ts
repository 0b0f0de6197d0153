/** The people that Valetkey keeps itself. */
import { sha256 } from "../crypto/hash.ts";
import type { AccountRecord, SessionRecord } from "../store/records.ts";
import type { Alongside, Ends, Store } from "../store/store.ts";
import { loginsOf, newAccount, toPerson } from "./account.ts";
import { foldLogin } from "./login.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import type { Person, Users } from "./users.ts";

export type AccountStore = Pick<
  Store,
  "findAccount" | "findAccountByLogin" | "createAccount" | "updateAccount"
>;

export interface BuiltInUsers extends Required<Omit<Users, "setEmail" | "createProven">> {
  /** Accounts are in the same database as everything else: a change and its event are one transaction. */
  readonly in_store: true;
  /** One read, never from the cache: no node may accept an old password. */
  findWithPassword(login: string): Promise<PersonWithPassword | null>;
}

export interface PersonWithPassword {
  person: Person;
  /** A PHC string; null: the account has no password. */
  password_hash: string | null;
}

/** False: an embedding app keeps its people elsewhere. */
export const keepsPeople = (users: Users): users is BuiltInUsers =>
  "in_store" in users && users.in_store === true;

/** A refused write empties the cache, so that the next try begins with the stored account. */
const MOST_TRIES = 5;

export function builtInUsers(store: AccountStore, now_ms: () => number): BuiltInUsers {
  return {
    in_store: true,

    async find(sub) {
      const account = await store.findAccount(sub);
      return account && toPerson(account);
    },

    async findByLogin(login) {
      const folded = foldLogin(login);
      const account = folded === null ? null : await store.findAccountByLogin(folded);
      return account && toPerson(account);
    },

    async findByVerifiedEmail(address) {
      const folded = foldLogin(address);
      const account = folded === null ? null : await store.findAccountByLogin(folded);
      // The same login may be a user name, which proves nothing about an address.
      const is_theirs = account?.login_email != null && foldLogin(account.login_email) === folded;
      return is_theirs ? toPerson(account) : null;
    },

    async findWithPassword(login) {
      // No account has the empty login, which is asked for all the same: each name costs one read.
      const account = await store.findAccountByLogin(foldLogin(login) ?? "");
      return account && { person: toPerson(account), password_hash: account.password_hash };
    },

    async verifyPassword(person, password, from) {
      const account = person && (await storedAccount(person.sub, store));
      return verifyPassword(account?.password_hash ?? null, password, from);
    },

    async passwordMark(sub) {
      const account = sub === null ? null : await storedAccount(sub, store);
      return markOf(account?.password_hash ?? null);
    },

    async changePassword(sub, password, { mark }) {
      const password_hash = await hashPassword(password);
      return replacePassword({ sub, password_hash, mark }, () => ({}), store);
    },

    async create(account) {
      const password_hash = await hashPassword(account.password);
      const record = newAccount(account, { password_hash, login_email: null, now_ms: now_ms() });
      const created = await store.createAccount(record, loginsOf(record), {
        only_as_first: account.only_as_first,
      });
      return created ? toPerson(record) : "taken";
    },
  };
}

/** A mark that identifies a password without revealing anything about it. */
export const markOf = (password_hash: string | null): string | null =>
  password_hash === null ? null : sha256(password_hash);

/** Bypasses the cache, which finds by `sub` alone: no node may accept an old password. */
async function storedAccount(
  sub: string,
  store: Pick<AccountStore, "findAccount" | "findAccountByLogin">,
): Promise<AccountRecord | null> {
  const known = await store.findAccount(sub);
  const [login] = known ? loginsOf(known) : [];
  const found = login === undefined ? null : await store.findAccountByLogin(login);
  return found?.sub === sub ? found : null;
}

/**
 * Writes a new password if the verified one is still in force, the account is enabled, and the asking session is live,
 * with its secret. Concurrent changes of other members, such as the name, are kept.
 * @param alongside sessions and grants that end with it, and the events and jobs about them; called at each try
 * @returns false when one of these no longer holds, and nothing was changed
 */
export async function replacePassword(
  { sub, password_hash, mark }: { sub: string; password_hash: string; mark: string | null },
  alongside: () => { session?: SessionRecord; ends?: Ends } & Alongside,
  store: Pick<AccountStore, "findAccount" | "findAccountByLogin" | "updateAccount">,
): Promise<boolean> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await storedAccount(sub, store);
    if (before === null || markOf(before.password_hash) !== mark) return false;
    if (before.disabled_at !== null) return false;
    const { session, ...rest } = alongside();
    // On a distributed database the session's row is on another node than the account, and may outlive its end a
    // little.
    if (session?.proofs.some(({ at }) => at < (before.sessions_end_before ?? 0))) return false;
    const change = { before, ...(session && { session }), ...rest };
    if (await store.updateAccount({ ...before, password_hash }, loginsOf(before), change))
      return true;
  }
  return false;
}
