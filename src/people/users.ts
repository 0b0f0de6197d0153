/** People, as the server needs them. The built-in store is one implementation; an app may bring its own. */
import type { Claims } from "../oauth/claims.ts";
import type { Env } from "../operation.ts";

export interface Person {
  /** Never reused, never a client id; at most 255 ASCII characters (OpenID Connect Core §2). */
  sub: string;
  /** What pages call the account. */
  username: string;
  claims: Claims;
  is_admin: boolean;
  /** Nothing is issued for a disabled person, and their sessions are void. */
  disabled: boolean;
  /** Seconds: grants that were made earlier no longer hold. Absent or null: all of them may. */
  ends_before?: number | null;
  /** Seconds: sessions whose last sign-in was earlier no longer hold. */
  sessions_end_before?: number | null;
}

export interface Users {
  find(sub: string): Promise<Person | null>;
  /** @param login as typed: a user name or an e-mail address */
  findByLogin(login: string): Promise<Person | null>;
  /** For `null` it must take as long as for a person: who has an account is nobody's business. */
  verifyPassword(person: Person | null, password: string): Promise<boolean>;
  /**
   * Names the password in force, and changes with it; read anew each time. A sign-in that was judged by an earlier
   * password then ends at once. Absent: a change of the password ends only the sessions that stand at that moment.
   */
  passwordMark?(sub: string): Promise<string | null>;
  /**
   * Sets a new password, if the one that was verified is still in force. Absent: pages do not offer it.
   * @param verified.mark what `passwordMark` said when the present password was verified; null without `passwordMark`
   * @returns false when another password is in force by now, and nothing was changed
   */
  changePassword?(sub: string, password: string, verified: VerifiedPassword): Promise<boolean>;
  /** Absent: pages do not offer it. `taken`: the user name or address has an account already. */
  create?(account: NewAccount): Promise<Person | "taken">;
}

export interface VerifiedPassword {
  mark: string | null;
}

export interface NewAccount {
  username: string;
  email?: string;
  name?: string;
  password: string;
  is_admin: boolean;
  /** Only if there is no account at all: the first administrator. */
  only_as_first: boolean;
}

/** What operations work with that concern people who may be kept elsewhere. */
export interface PeopleEnv extends Env {
  readonly users: Users;
}
