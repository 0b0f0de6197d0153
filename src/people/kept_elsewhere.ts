/** An embedding app tells what it has changed at its own people, so that everything here that rests on it ends. */
import { type Actor, eventOf, secondsNow } from "../operation.ts";
import type { PersonEnds } from "../store/store.ts";
import { keepsPeople } from "./built_in_users.ts";
import type { PeopleEnv } from "./users.ts";

/** For an app that keeps its own people (`users`). Each call is safe to repeat. */
export interface PeopleElsewhere {
  /**
   * To be called after the app has changed the password or the state of a person itself. All sessions of the person end,
   * and so does a sign-in, a link or a code that is in progress. Apps keep their access.
   * @throws Error when Valetkey keeps the people itself; DatabaseUnavailable
   */
  changed(sub: string): Promise<void>;
  /**
   * To be called after the app has deleted a person. Sessions, grants, consents, passkeys, app codes and recovery codes
   * are gone for good. No other person may ever get this `sub` (OpenID Connect Core §2). Apps that the person registered
   * stay.
   * @throws Error when Valetkey keeps the people itself; DatabaseUnavailable
   */
  removed(sub: string): Promise<void>;
}

const BY: Actor = { kind: "operator", id: null, via: "code" };

export const peopleElsewhere = (env: PeopleEnv, ready: Promise<void>): PeopleElsewhere => ({
  async changed(sub) {
    await mayTell(env, ready);
    // The version goes first: a sign-in in progress then finds that it was judged by an earlier one.
    await env.store.raiseFactorVersion(sub);
    await end(sub, { sessions: true }, env, "user_changed");
  },
  async removed(sub) {
    await mayTell(env, ready);
    await env.store.removeFactors(sub);
    await end(sub, { sessions: true, grants: true, consents: true }, env, "user_removed");
  },
});

async function mayTell({ users }: PeopleEnv, ready: Promise<void>): Promise<void> {
  await ready;
  if (keepsPeople(users))
    throw new Error("server.people is for people that the app keeps (users of the configuration)");
}

async function end(
  sub: string,
  which: Omit<PersonEnds, "now">,
  env: PeopleEnv,
  event: "user_changed" | "user_removed",
): Promise<void> {
  const ended = Object.keys(which);
  const events = [eventOf(event, { by: BY, sub, details: { ended } }, env)];
  await env.store.endPerson(sub, { now: secondsNow(env), ...which }, { events });
  env.wakeJobs?.();
}
