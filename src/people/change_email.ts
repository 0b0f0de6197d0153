/** A new address of a person, which they have proved to be theirs. */
import type { Actor } from "../operation.ts";
import type { JobRecord } from "../store/records.ts";
import { keepsPeople } from "./built_in_users.ts";
import { changePerson } from "./change_person.ts";
import { foldLogin } from "./login.ts";
import type { PeopleEnv } from "./users.ts";

/** Few processes change an account at the same time. */
const MOST_TRIES = 20;

/**
 * The address signs in from now on, in place of the one before. A user name that was the old address becomes the new one.
 * @param input.jobs written with the change, such as a notice
 * @returns `taken`: somebody else has the address; `gone`: there is no such account. Nothing was changed then.
 */
export async function changeEmail(
  { sub, address, jobs }: { sub: string; address: string; jobs: readonly JobRecord[] },
  by: Actor,
  env: PeopleEnv,
): Promise<"done" | "taken" | "gone"> {
  const { users, store } = env;
  if (!keepsPeople(users)) {
    const outcome = (await users.setEmail?.(sub, { address, verified: true })) ?? "gone";
    if (outcome !== "done") return outcome;
    await store.raiseFactorVersion(sub);
    if (jobs.length > 0) await store.addJobs(jobs);
    return "done";
  }
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const account = await store.findAccount(sub);
    if (!account) return "gone";
    const is_name = foldLogin(account.username) === foldLogin(account.login_email ?? "");
    const renamed = is_name && account.login_email !== null ? { username: address } : {};
    const change = { email: address, email_verified: true, ...renamed };
    const changed = await changePerson({ account, change, jobs }, by, env);
    if (changed === "taken") return "taken";
    if (changed !== "changed_meanwhile") return "done";
  }
  throw new Error("the account was changed by others again and again");
}
