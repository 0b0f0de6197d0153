/** The people that Valetkey keeps itself. */
import { sha256, uuidv7 } from "../crypto/hash.ts";
import type { AccountRecord } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { foldLogin } from "./login.ts";
import { hashPassword, verifyPassword } from "./password.ts";
import type { NewAccount, Person, Users } from "./users.ts";

export type AccountStore = Pick<
  Store,
  "findAccount" | "findAccountByLogin" | "createAccount" | "updateAccount"
>;

/** A refused write empties the cache, so that the next try begins with what stands. */
const MOST_TRIES = 5;

export function builtInUsers(store: AccountStore, now_ms: () => number): Required<Users> {
  /** Past the cache, which finds by `sub` alone: an old password must not be taken on any node. */
  async function stored(sub: string): Promise<AccountRecord | null> {
    const known = await store.findAccount(sub);
    const [login] = known ? loginsOf(known) : [];
    const found = login === undefined ? null : await store.findAccountByLogin(login);
    return found?.sub === sub ? found : null;
  }

  return {
    async find(sub) {
      const account = await store.findAccount(sub);
      return account && toPerson(account);
    },

    async findByLogin(login) {
      const folded = foldLogin(login);
      const account = folded === null ? null : await store.findAccountByLogin(folded);
      return account && toPerson(account);
    },

    async verifyPassword(person, password) {
      const account = person && (await stored(person.sub));
      return verifyPassword(account?.password_hash ?? null, password);
    },

    async passwordMark(sub) {
      const hash = (await stored(sub))?.password_hash ?? null;
      return hash === null ? null : sha256(hash);
    },

    async changePassword(sub, password) {
      const password_hash = await hashPassword(password);
      for (let tries = 0; tries < MOST_TRIES; tries += 1) {
        const account = await store.findAccount(sub);
        if (!account) return;
        const changed = { ...account, password_hash };
        // What an operator did meanwhile, such as disabling the account, must not be undone.
        if (await store.updateAccount(changed, loginsOf(account), { before: account })) return;
      }
      throw new Error("the account was changed by others again and again");
    },

    async create(account) {
      const password_hash = await hashPassword(account.password);
      // An address that nobody has confirmed signs nobody in: it could be somebody else's.
      const record = newAccount(account, { password_hash, login_email: null, now_ms: now_ms() });
      const created = await store.createAccount(record, loginsOf(record), {
        only_as_first: account.only_as_first,
      });
      return created ? toPerson(record) : "taken";
    },
  };
}

export function newAccount(
  { username, email, name, is_admin }: Omit<NewAccount, "password" | "only_as_first">,
  rest: { password_hash: string | null; login_email: string | null; now_ms: number },
): AccountRecord {
  return {
    sub: uuidv7(rest.now_ms),
    username: username.normalize("NFKC").trim(),
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

/** All that signs in to this account, folded. */
export const loginsOf = ({ username, login_email }: AccountRecord): string[] =>
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
