/** Changes of the factors of a person, with their events. */
import type { Context } from "../context.ts";
import { type Notice, type NoticeTo, noticeJobs } from "../mail/notices.ts";
import { type Actor, eventOf } from "../operation.ts";
import type { Person } from "../people/users.ts";
import type { FactorChange, Factors } from "../store/factor_store.ts";
import { proofKindsOf } from "./account_levels.ts";

export interface FactorsChange {
  sub: string;
  /** As they were read: a concurrent change of them refuses this one. */
  factors: Factors;
  change: FactorChange;
  /** The name of the factor, as the person wrote it. */
  name: string | null;
  /** The person, who is told by mail, and the request that the change comes from. */
  notice: NoticeTo;
}

/** @returns false when the factors were changed meanwhile, and nothing was changed */
export async function changeFactors(
  { sub, factors, change, name, notice }: FactorsChange,
  by: Actor,
  ctx: Context,
): Promise<boolean> {
  const { version } = factors;
  const jobs = noticesOf(change, factors).flatMap((each) => noticeJobs(each, notice, ctx));
  const events = eventsOf(change).map(({ event, kind }) =>
    eventOf(event, { by, sub, details: { kind, ...(name !== null && { name }) } }, ctx),
  );
  const changed = await ctx.store.changeFactors({ sub, version }, change, { events, jobs });
  if (changed && jobs.length > 0) ctx.wakeJobs();
  return changed;
}

/** What the person is told, with the names of what is removed. */
function noticesOf(change: FactorChange, { passkeys, totps }: Factors): Notice[] {
  const { remove_passkeys = [], remove_totps = [] } = change;
  return [
    ...(change.add_passkeys ?? []).map(
      ({ name, credential_id }) => ({ what: "passkey_added", name, credential_id }) as const,
    ),
    ...(change.add_totps ?? []).map(
      ({ name, totp_id }) => ({ what: "app_code_added", name, totp_id }) as const,
    ),
    ...passkeys
      .filter(({ credential_id }) => remove_passkeys.includes(credential_id))
      .map(
        ({ name, credential_id }) => ({ what: "passkey_removed", name, credential_id }) as const,
      ),
    ...totps
      .filter(({ totp_id }) => remove_totps.includes(totp_id))
      .map(({ name, totp_id }) => ({ what: "app_code_removed", name, totp_id }) as const),
    ...(change.recovery_codes ? [{ what: "recovery_codes_renewed" } as const] : []),
  ];
}

type FactorEvent = {
  event: "factor_added" | "factor_removed" | "recovery_codes_renewed";
  kind: "passkey" | "totp" | "recovery";
};

const eventsOf = (change: FactorChange): FactorEvent[] => [
  ...(change.add_passkeys ?? []).map(() => ({ event: "factor_added", kind: "passkey" }) as const),
  ...(change.add_totps ?? []).map(() => ({ event: "factor_added", kind: "totp" }) as const),
  ...(change.remove_passkeys ?? []).map(
    () => ({ event: "factor_removed", kind: "passkey" }) as const,
  ),
  ...(change.remove_totps ?? []).map(() => ({ event: "factor_removed", kind: "totp" }) as const),
  ...(change.recovery_codes
    ? [{ event: "recovery_codes_renewed", kind: "recovery" } as const]
    : []),
];

const FIRST = ["pwd", "passkey", "email", "upstream"];

/** Whether a first factor is left, so that the person can still sign in. */
export async function keepsAWayIn(
  person: Pick<Person, "sub">,
  left: Factors,
  ctx: Context,
): Promise<boolean> {
  const kinds = await proofKindsOf(person, left, ctx);
  return kinds.some((kind) => FIRST.includes(kind));
}
