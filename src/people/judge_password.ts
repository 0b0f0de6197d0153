/**
 * The person of a typed name, and the judgement of the password that was typed with it. For all names, known or not, the
 * same statements and one hash.
 */
import { type BuiltInUsers, keepsPeople, markOf } from "./built_in_users.ts";
import { verifyPassword } from "./password.ts";
import type { Person, Users } from "./users.ts";

export interface Judgement {
  fits: boolean;
  /** The mark of the judged password, if the people's store has marks. */
  mark: string | null;
}

export interface Candidate {
  /** Null: nobody has this name. */
  person: Person | null;
  /**
   * @param asked.as_nobody the password is judged as that of an unknown name, which takes as long
   * @throws TooBusy when too many passwords are being checked
   */
  judge(password: string, asked: { as_nobody: boolean; is_known: boolean }): Promise<Judgement>;
}

export const findCandidate = (login: string, users: Users): Promise<Candidate> =>
  keepsPeople(users) ? builtIn(login, users) : elsewhere(login, users);

/**
 * One read finds the person and the password, never from the cache. A second read would tell known names from unknown
 * ones, by its time or by its statement.
 */
async function builtIn(login: string, users: BuiltInUsers): Promise<Candidate> {
  const found = await users.findWithPassword(login);
  return {
    person: found?.person ?? null,
    async judge(password, { as_nobody, is_known }) {
      const password_hash = (as_nobody ? null : found?.password_hash) ?? null;
      const fits = await verifyPassword(password_hash, password, { is_known });
      return { fits, mark: markOf(password_hash) };
    },
  };
}

async function elsewhere(login: string, users: Users): Promise<Candidate> {
  const person = await users.findByLogin(login);
  return {
    person,
    async judge(password, { as_nobody, is_known }) {
      const asked = as_nobody ? null : person;
      // The mark comes first: a password that is replaced in between then has another mark.
      const mark = (await users.passwordMark?.(asked?.sub ?? null)) ?? null;
      const fits = await users.verifyPassword(asked, password, { is_known });
      return { fits, mark };
    },
  };
}
