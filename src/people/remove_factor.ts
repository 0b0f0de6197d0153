/** Removes passkeys, apps for codes and recovery codes, wherever the wish comes from. Nothing else ends. */
import { type Actor, type Env, eventOf } from "../operation.ts";
import type { Factors } from "../store/factor_store.ts";

/** Concurrent changes of one person's factors are few. */
const MOST_TRIES = 20;

export interface FactorToRemove {
  sub: string;
  credential_id?: string;
  totp_id?: string;
}

/** Some of the factors of a person. */
export interface SomeFactors extends Pick<Factors, "passkeys" | "totps"> {
  /** All of the present ones. */
  recovery_codes: boolean;
}

/** False: the person has no such factor any more. */
export async function removeFactor(
  { sub, credential_id, totp_id }: FactorToRemove,
  by: Actor,
  env: Env,
): Promise<boolean> {
  const pick = ({ passkeys, totps }: Factors): SomeFactors => ({
    passkeys: passkeys.filter((each) => each.credential_id === credential_id),
    totps: totps.filter((each) => each.totp_id === totp_id),
    recovery_codes: false,
  });
  const { passkeys, totps } = await removeFactors({ sub, pick }, by, env);
  return passkeys.length + totps.length > 0;
}

/**
 * Removes all passkeys, apps for codes and recovery codes.
 * @returns the number of passkeys and apps
 */
export async function removeAllFactors(sub: string, by: Actor, env: Env): Promise<number> {
  const { passkeys, totps } = await removeFactors({ sub, pick: allFactors }, by, env);
  return passkeys.length + totps.length;
}

export const allFactors = ({ passkeys, totps, recovery_codes }: Factors): SomeFactors => ({
  ...{ passkeys, totps, recovery_codes: recovery_codes.length > 0 },
});

/**
 * Each passkey and app is an event; the recovery codes together are one.
 * @param input.pick the factors to remove out of those that there are; called again after a concurrent change
 * @returns those that were removed; nothing is written where there is none
 */
export async function removeFactors(
  { sub, pick }: { sub: string; pick: (factors: Factors) => SomeFactors },
  by: Actor,
  env: Env,
): Promise<SomeFactors> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const factors = await env.store.loadFactors(sub);
    const { version } = factors;
    const picked = pick(factors);
    const { passkeys, totps, recovery_codes } = picked;
    const told = [
      ...passkeys.map(({ name }) => ({ kind: "passkey", name })),
      ...totps.map(({ name }) => ({ kind: "totp", name })),
      ...(recovery_codes ? [{ kind: "recovery", name: "" }] : []),
    ];
    if (told.length === 0) return picked;
    const change = {
      remove_passkeys: passkeys.map(({ credential_id }) => credential_id),
      remove_totps: totps.map(({ totp_id }) => totp_id),
      ...(recovery_codes && { recovery_codes: [] }),
    };
    const events = told.map((details) => eventOf("factor_removed", { by, sub, details }, env));
    if (await env.store.changeFactors({ sub, version }, change, { events })) return picked;
  }
  throw new Error("the factors were changed by others again and again");
}
