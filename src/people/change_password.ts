/** New passwords: chosen by the person, or set by an operator. */
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { AccountRecord, JobRecord, SessionRecord } from "../store/records.ts";
import type { Ends } from "../store/store.ts";
import { loginsOf } from "./account.ts";
import { keepsPeople, markOf, replacePassword } from "./built_in_users.ts";
import { hashPassword } from "./password.ts";
import type { PeopleEnv, Users } from "./users.ts";

export interface PasswordChange {
  password: string;
  /** The mark of the verified password; null: the people are kept elsewhere and have no marks. */
  mark: string | null;
  /** The asking session. It goes on; all others of the person end. */
  session: SessionRecord;
  /** Also ends the access of every app; consents stay. */
  revoke: boolean;
  /** Written with the change, such as a notice. */
  jobs?: readonly JobRecord[];
}

/**
 * Changes the password of the person whose session it is.
 * @returns null when another password is in force by now or the session has ended, and nothing was changed; else a
 * function that tells whether the new password is still in force
 * @throws TooBusy when too many passwords are being hashed
 */
export async function changePassword(
  { password, mark, session, revoke, jobs = [] }: PasswordChange,
  by: Actor,
  env: PeopleEnv,
): Promise<{ holds(): Promise<boolean> } | null> {
  const { users, store } = env;
  const { sub, session_id, secret_hash } = session;
  const ends = (): Ends => ({
    now: secondsNow(env),
    sessions: { except: session_id },
    grants: revoke,
  });
  const events = () => [eventOf("password_changed", { by, sub, details: ended(revoke) }, env)];
  if (keepsPeople(users)) {
    const password_hash = await hashPassword(password);
    const change = { sub, password_hash, mark };
    const alongside = () => ({ session, ends: ends(), events: events(), jobs });
    if (!(await replacePassword(change, alongside, store))) return null;
    return holding(sub, markOf(password_hash), users);
  }
  // With people kept elsewhere this can't be one transaction. Sessions end first and again at the end, so that they
  // also end when something in between fails. The same holds for sign-ins in progress, which carry the version.
  if ((await store.findSession(session_id))?.secret_hash !== secret_hash) return null;
  await store.endPerson(sub, ends());
  await store.raiseFactorVersion(sub);
  if (!(await users.changePassword?.(sub, password, { mark }))) return null;
  await store.raiseFactorVersion(sub);
  await store.endPerson(sub, ends(), { events: events(), jobs });
  return holding(sub, (await users.passwordMark?.(sub)) ?? null, users);
}

const holding = (sub: string, mark: string | null, users: Users) => ({
  holds: async () => ((await users.passwordMark?.(sub)) ?? null) === mark,
});

const ended = (revoke: boolean) => ({
  ended: revoke ? ["sessions", "grants"] : ["sessions"],
});

/** Few processes change an account at the same time: after so many tries, something else is wrong. */
const MOST_TRIES = 20;

/**
 * Sets the password of an account. The operator's password always wins. All sessions of the person end.
 * @param input.revoke also ends the access of every app
 * @returns the account, or null when it no longer exists
 */
export async function setPassword(
  { sub, password, revoke }: { sub: string; password: string; revoke: boolean },
  by: Actor,
  env: Env,
): Promise<AccountRecord | null> {
  const { store } = env;
  const password_hash = await hashPassword(password);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await store.findAccount(sub);
    if (!before) return null;
    const account = { ...before, password_hash };
    const ends = { now: secondsNow(env), sessions: true, grants: revoke } as const;
    const events = [eventOf("password_changed", { by, sub, details: ended(revoke) }, env)];
    // Concurrent changes of other members are kept.
    if (await store.updateAccount(account, loginsOf(before), { before, ends, events }))
      return account;
  }
  throw new Error("the account was changed by others again and again");
}
