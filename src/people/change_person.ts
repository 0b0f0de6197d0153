/** Changes to an account that Valetkey keeps. */
import { isDeepStrictEqual } from "node:util";
import { type Actor, type Env, eventOf, secondsNow } from "../operation.ts";
import { type AuditEventName, difference } from "../store/audit.ts";
import { clientSessionsJob } from "../store/ending_jobs.ts";
import type { AccountRecord, JobRecord } from "../store/records.ts";
import {
  describeAccount,
  loginsOf,
  normalUsername,
  verifiedEmail,
  withoutNulls,
} from "./account.ts";
import { checkPerson } from "./rules.ts";

/** Members that are left out stay as they are. */
export interface PersonChange {
  username?: string | undefined;
  /** Empty: the person has none any more. */
  name?: string | undefined;
  /** Empty: the person has none any more. */
  email?: string | undefined;
  /** Whether the address is the person's own: it then signs in, too. */
  email_verified?: boolean | undefined;
  /** Merged into the present claims; null removes a claim. */
  claims?: Readonly<Record<string, unknown>> | undefined;
  is_admin?: boolean | undefined;
}

/**
 * @param input.account as it was read: a change of one part must not undo a concurrent change of another part
 * @returns the account as it is now; `taken` when somebody else signs in by the name or address; `changed_meanwhile` when
 * it is no longer as it was read. In both cases nothing was changed.
 * @throws InvalidPerson when the rules do not allow such an account
 */
export async function changePerson(
  {
    account,
    change,
    jobs = [],
  }: { account: AccountRecord; change: PersonChange; jobs?: readonly JobRecord[] },
  by: Actor,
  env: Env,
): Promise<AccountRecord | "taken" | "changed_meanwhile"> {
  const { username, is_admin = account.is_admin } = change;
  const claims = changedClaims(account, change);
  const about_email = ["email", "email_verified"] as const;
  const touched = about_email.some((name) => claims[name] !== account.claims[name]);
  const changed: AccountRecord = {
    ...account,
    ...(username !== undefined && { username: normalUsername(username) }),
    is_admin,
    claims,
    login_email: touched ? verifiedEmail(claims) : account.login_email,
  };
  checkPerson(changed);
  return write("user_changed", { account, changed }, { by, env, jobs });
}

/** A changed address is not verified, unless the same change says so. */
function changedClaims({ claims: before }: AccountRecord, change: PersonChange) {
  const { name, email, claims = {} } = change;
  const merged: Record<string, unknown> = {
    ...before,
    ...(name !== undefined && { name: name || null }),
    ...(email !== undefined && { email: email || null }),
    ...claims,
  };
  const said = "email_verified" in claims ? claims.email_verified : change.email_verified;
  if (said !== undefined) merged.email_verified = said;
  else if (merged.email !== before.email) merged.email_verified = false;
  // A wrong type stays, to be refused.
  if (!merged.email && typeof merged.email_verified === "boolean") merged.email_verified = null;
  return withoutNulls(merged);
}

/**
 * Disables an account, so that its sessions, grants and tokens no longer hold; or enables it, so that those that were
 * not revoked hold again.
 */
export function setPersonDisabled(
  { account, disabled }: { account: AccountRecord; disabled: boolean },
  by: Actor,
  env: Env,
): Promise<AccountRecord | "taken" | "changed_meanwhile"> {
  const disabled_at = disabled ? (account.disabled_at ?? secondsNow(env)) : null;
  const event = disabled ? "user_disabled" : "user_enabled";
  // The sessions stay, to hold again when the account is enabled, but apps are told that the person is signed out.
  const jobs = disabled ? [clientSessionsJob(account.sub, secondsNow(env))] : [];
  return write(event, { account, changed: { ...account, disabled_at } }, { by, env, jobs });
}

async function write(
  event: AuditEventName,
  { account, changed }: { account: AccountRecord; changed: AccountRecord },
  { by, env, jobs = [] }: { by: Actor; env: Env; jobs?: readonly JobRecord[] },
): Promise<AccountRecord | "taken" | "changed_meanwhile"> {
  const { sub } = account;
  const what = difference(describeAccount(account), describeAccount(changed));
  if (Object.keys(what.after).length === 0) return changed;
  const events = [eventOf(event, { by, sub, ...what }, env)];
  const { store } = env;
  if (await store.updateAccount(changed, loginsOf(changed), { before: account, events, jobs }))
    return changed;
  const now = await store.findAccount(sub);
  return isDeepStrictEqual(now, account) ? "taken" : "changed_meanwhile";
}
