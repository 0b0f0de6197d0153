/** People, as the server needs them. The built-in store is one implementation; an app may bring its own. */
import type { Claims } from "../oauth/claims.ts";
import type { Env } from "../operation.ts";

export interface Person {
  /** Never reused, never a client id; at most 255 ASCII characters (OpenID Connect Core §2). */
  sub: string;
  /** The name of the account on pages. */
  username: string;
  claims: Claims;
  is_admin: boolean;
  /** Nothing is issued for a disabled person, and their sessions are void. */
  disabled: boolean;
  /** Seconds since the epoch: earlier grants no longer hold. Absent or null: no such limit. */
  ends_before?: number | null;
  /** Seconds since the epoch: sessions whose last sign-in was earlier no longer hold. */
  sessions_end_before?: number | null;
}

export interface Users {
  find(sub: string): Promise<Person | null>;
  /** @param login as typed: a user name or an e-mail address */
  findByLogin(login: string): Promise<Person | null>;
  /**
   * Finds people by an address that is proven to be theirs, and by no other. Their claims hold it as `email`, with
   * `email_verified: true`. Absent: codes by mail and new passwords by mail are not offered.
   * @param address as typed
   */
  findByVerifiedEmail?(address: string): Promise<Person | null>;
  /**
   * For `null` it must take as long as for a person, so that the time does not reveal whether an account exists.
   * @param from.is_known the person has signed in from this browser before, so a queue may serve this try first
   */
  verifyPassword(
    person: Person | null,
    password: string,
    from?: { is_known: boolean },
  ): Promise<boolean>;
  /**
   * A mark of the password in force, which changes with it; never cached. It ends a sign-in at once that was judged by
   * an earlier password. Absent: a change of the password ends only the sessions that exist at that moment.
   * @param sub null: nobody has the typed name; it must take as long as for a person
   */
  passwordMark?(sub: string | null): Promise<string | null>;
  /**
   * Sets a new password, if the verified one is still in force. Absent: pages do not offer it.
   * @param verified.mark the result of `passwordMark` when the present password was verified; null without
   * `passwordMark`
   * @returns false when another password is in force by now, and nothing was changed
   */
  changePassword?(sub: string, password: string, verified: VerifiedPassword): Promise<boolean>;
  /**
   * Sets the address of a person, or takes it away with null. Absent: people can't change it on the pages.
   * @param email.verified the person has proved that it is theirs
   * @returns `taken`: it is the verified address of somebody else, and nothing was changed
   */
  setEmail?(
    sub: string,
    email: { address: string; verified: boolean } | null,
  ): Promise<"done" | "taken">;
  /** Absent: pages do not offer it. `taken`: the user name or address belongs to an account already. */
  create?(account: NewAccount): Promise<Person | "taken">;
  /**
   * Creates an account for an address that was proved by a mailed code. One call of several at once succeeds. The
   * address belongs to nobody else then: an account that only claims it, unproven, does not stand in the way. Absent:
   * people sign up without a proof. It needs `findByVerifiedEmail`.
   * @returns `taken`: somebody has the user name, or has proved the address before
   */
  createProven?(account: ProvenAccount): Promise<Person | "taken">;
}

export interface VerifiedPassword {
  mark: string | null;
}

/** An account that a visitor creates with a proven address. */
export interface ProvenAccount {
  /** It holds no @. */
  username: string;
  /** As typed, and proven. */
  email: string;
  name?: string;
  password: string;
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

/** The environment of operations on people, who may be kept elsewhere. */
export interface PeopleEnv extends Env {
  readonly users: Users;
}
