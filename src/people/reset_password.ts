/** A new password for a person who has proved themselves without the old one. */
import { type Actor, eventOf, secondsNow } from "../operation.ts";
import type { JobRecord, SessionRecord } from "../store/records.ts";
import type { Ends } from "../store/store.ts";
import { keepsPeople, replacePassword } from "./built_in_users.ts";
import { hashPassword } from "./password.ts";
import type { PeopleEnv } from "./users.ts";

/**
 * All other sessions and the access of all apps end; consents stay. The write requires the password of before, so that one
 * of several at once counts.
 * @param input.session the session of the proof: it has to be live when the password is written
 * @param input.jobs written with the change, such as a notice
 * @returns false when the session has ended, or the account was disabled or changed meanwhile: nothing was changed
 * @throws TooBusy when too many passwords are being hashed
 */
export async function resetPassword(
  input: { password: string; session: SessionRecord; jobs: readonly JobRecord[] },
  by: Actor,
  env: PeopleEnv,
): Promise<boolean> {
  const { password, session, jobs } = input;
  const { users, store } = env;
  const { sub, session_id, secret_hash } = session;
  const mark = (await users.passwordMark?.(sub)) ?? null;
  const ends = (): Ends => ({
    ...{ now: secondsNow(env), grants: true },
    sessions: { except: session_id },
  });
  const details = { ended: ["sessions", "grants"], by_mail: true };
  const events = () => [eventOf("password_changed", { by, sub, details }, env)];
  if (keepsPeople(users)) {
    const password_hash = await hashPassword(password);
    const alongside = () => ({ session, ends: ends(), events: events(), jobs });
    return replacePassword({ sub, password_hash, mark }, alongside, store);
  }
  // With people kept elsewhere this can't be one transaction.
  if ((await store.findSession(session_id))?.secret_hash !== secret_hash) return false;
  if (!(await users.changePassword?.(sub, password, { mark }))) return false;
  await store.raiseFactorVersion(sub);
  await store.endPerson(sub, ends(), { events: events(), jobs });
  return true;
}
