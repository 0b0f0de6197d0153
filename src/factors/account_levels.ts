/** The proofs that an account can give with the factors that it has, and the levels that follow. */
import type { Context } from "../context.ts";
import { type Level, type ProofKind, reachable } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import type { Factors, PasskeyRecord } from "../store/factor_store.ts";
import { relyingParty } from "./relying_party.ts";

/** The passkeys that browsers offer at this issuer: those that are bound to another domain were left behind. */
export function usablePasskeys({ passkeys }: Pick<Factors, "passkeys">, ctx: Context) {
  const rp_id = ctx.features.has("passkeys") ? relyingParty(ctx.settings)?.rp_id : undefined;
  return passkeys.filter((each): each is PasskeyRecord => each.rp_id === rp_id);
}

/** The kinds of proof that this account can give here. */
export async function proofKindsOf(
  { sub }: Pick<Person, "sub">,
  factors: Factors,
  ctx: Context,
): Promise<ProofKind[]> {
  const held: Partial<Record<ProofKind, boolean>> = {
    pwd: await hasPassword(sub, ctx),
    passkey: usablePasskeys(factors, ctx).length > 0,
    totp: factors.totps.length > 0,
  };
  return ctx.proof_kinds.filter((kind) => held[kind]);
}

/** People who are kept elsewhere without marks are taken to have one. */
async function hasPassword(sub: string, { users }: Context): Promise<boolean> {
  return users.passwordMark === undefined || (await users.passwordMark(sub)) !== null;
}

/** The levels that this account can reach, the weakest first. */
export const accountLevels = async (
  person: Pick<Person, "sub">,
  factors: Factors,
  ctx: Context,
): Promise<Level[]> => reachable(await proofKindsOf(person, factors, ctx));

/** The level that the operator wants of each sign-in of this person (`sign_in.second_factor`); null: any will do. */
export function policyFor({ is_admin }: Pick<Person, "is_admin">, ctx: Context): Level | null {
  const { second_factor } = ctx.settings.sign_in;
  const wanted = second_factor === "required" || (second_factor === "admins" && is_admin);
  return wanted ? "multi" : null;
}
