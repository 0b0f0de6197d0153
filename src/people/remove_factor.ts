/** Removes a passkey or an app for codes, wherever the wish comes from. */
import { type Actor, type Env, eventOf } from "../operation.ts";

/** Concurrent changes of one person's factors are few. */
const MOST_TRIES = 20;

export interface FactorToRemove {
  sub: string;
  credential_id?: string;
  totp_id?: string;
}

/** False: the person has no such factor any more. */
export async function removeFactor(
  { sub, credential_id, totp_id }: FactorToRemove,
  by: Actor,
  env: Env,
): Promise<boolean> {
  if (credential_id === undefined && totp_id === undefined) return false;
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { version, passkeys, totps } = await env.store.loadFactors(sub);
    const passkey = passkeys.find((each) => each.credential_id === credential_id);
    const totp = totps.find((each) => each.totp_id === totp_id);
    if (!passkey && !totp) return false;
    const change = {
      ...(passkey && { remove_passkeys: [passkey.credential_id] }),
      ...(totp && { remove_totps: [totp.totp_id] }),
    };
    const details = { kind: passkey ? "passkey" : "totp", name: (passkey ?? totp)?.name ?? "" };
    const events = [eventOf("factor_removed", { by, sub, details }, env)];
    if (await env.store.changeFactors({ sub, version }, change, { events })) return true;
  }
  throw new Error("the factors were changed by others again and again");
}

/**
 * Removes all passkeys, apps for codes and recovery codes.
 * @returns the number of passkeys and apps
 */
export async function removeAllFactors(sub: string, by: Actor, env: Env): Promise<number> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { version, passkeys, totps, recovery_codes } = await env.store.loadFactors(sub);
    const removed = passkeys.length + totps.length;
    if (removed + recovery_codes.length === 0) return 0;
    const change = {
      remove_passkeys: passkeys.map(({ credential_id }) => credential_id),
      remove_totps: totps.map(({ totp_id }) => totp_id),
      recovery_codes: [],
    };
    const told = [
      ...passkeys.map(({ name }) => ({ kind: "passkey", name })),
      ...totps.map(({ name }) => ({ kind: "totp", name })),
      ...(recovery_codes.length > 0 ? [{ kind: "recovery", name: "" }] : []),
    ];
    const events = told.map((details) => eventOf("factor_removed", { by, sub, details }, env));
    if (await env.store.changeFactors({ sub, version }, change, { events })) return removed;
  }
  throw new Error("the factors were changed by others again and again");
}
