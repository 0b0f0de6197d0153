/** Ends the access of a person, or removes the account itself. */
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import type { AccountRecord } from "../store/records.ts";
import { describeAccount, loginsOf } from "./account.ts";

export interface Revocation {
  sub: string;
  /** Ends the access of this client only; the person stays signed in. */
  client_id?: string | undefined;
  /**
   * Also forgets the person's consents. Otherwise apps get access again without asking when the person next signs in.
   */
  forget: boolean;
}

/** Few processes change an account at the same time: after so many tries, something else is wrong. */
const MOST_TRIES = 20;

/**
 * Ends a person's sessions, grants and tokens, and deletes nothing else. The person may be kept elsewhere, where the
 * server can't tell whether this `sub` exists.
 */
export async function revokePerson(
  { sub, client_id, forget }: Revocation,
  by: Actor,
  env: Env,
): Promise<void> {
  const { store } = env;
  const details = { ended: [...(client_id === undefined ? ["sessions"] : []), "grants"], forget };
  const about = { by, sub, details, ...(client_id !== undefined && { client_id }) };
  const events = () => [eventOf("user_revoked", about, env)];
  const ends = () => ({ now: secondsNow(env), grants: true, consents: forget });
  if (client_id !== undefined)
    return store.endPerson(sub, { ...ends(), client_id }, { events: events() });
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const before = await store.findAccount(sub);
    const all = { ...ends(), sessions: true } as const;
    if (!before) return store.endPerson(sub, all, { events: events() });
    // The account keeps the time of the end, so that a request in progress gets nothing either.
    const change = { before, ends: all, events: events() };
    if (await store.updateAccount(before, loginsOf(before), change)) return;
  }
  throw new Error("the account was changed by others again and again");
}

/** Deletes an account with its sessions, grants, consents and apps. False: it no longer exists. */
export function removePerson(account: AccountRecord, by: Actor, env: Env): Promise<boolean> {
  const { sub } = account;
  const { username, login_email, is_admin } = describeAccount(account);
  const before = { username, login_email, is_admin };
  const events = [eventOf("user_removed", { by, sub, before }, env)];
  return env.store.removeAccount(sub, secondsNow(env), { events });
}

/** Forgets a person's consent to an app, and ends its access. False: there was no consent. */
export function removeConsent(
  { sub, client_id }: { sub: string; client_id: string },
  by: Actor,
  env: Env,
): Promise<boolean> {
  const events = [eventOf("consent_removed", { by, sub, client_id }, env)];
  return env.store.removeConsent({ sub, client_id }, secondsNow(env), { events });
}
