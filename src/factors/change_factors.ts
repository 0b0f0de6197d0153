/** Changes of the factors of a person, with their events. */
import type { Context } from "../context.ts";
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
}

/** @returns false when the factors were changed meanwhile, and nothing was changed */
export function changeFactors(
  { sub, factors: { version }, change, name }: FactorsChange,
  by: Actor,
  ctx: Context,
): Promise<boolean> {
  const events = eventsOf(change).map(({ event, kind }) =>
    eventOf(event, { by, sub, details: { kind, ...(name !== null && { name }) } }, ctx),
  );
  return ctx.store.changeFactors({ sub, version }, change, { events });
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
