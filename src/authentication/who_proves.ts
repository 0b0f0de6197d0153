/** The person of whom a page asks one more proof, and what they can prove it with. */
import { knownOf, stepOf } from "../authorization/proceed.ts";
import { usablePasskeys } from "../factors/account_levels.ts";
import { isAtLeast, type Level, type Proof, type ProofKind } from "../oauth/assurance.ts";
import type { Params } from "../oauth/params.ts";
import type { Person } from "../people/users.ts";
import { sessionsOf } from "../sessions/session.ts";
import type { Factors } from "../store/factor_store.ts";
import type { SignInVisit } from "./finish_proof.ts";
import { openFirstFactor } from "./first_factor.ts";
import { highestLevel } from "./fresh_proof.ts";

/** One more proof: after the first factor of a sign-in, or of a person who is signed in already. */
export interface WhoProves {
  /** `sign_in`: the second factor. `step_up`: a stronger sign-in, for a request. `confirm`: before a change. */
  purpose: "sign_in" | "step_up" | "confirm";
  person: Person;
  factors: Factors;
  /** The first factor, which a second one is added to. */
  first: Proof;
  /** The level that the request or the change needs; null: a second factor, whichever it is. */
  level: Level | null;
  /** Whether the first factor was proved a moment ago. */
  first_is_fresh: boolean;
  /** The hidden field of a sign-in that is half finished. */
  hidden: Readonly<Record<string, string>>;
  holds?: () => Promise<boolean>;
}

/** Null: nobody has to prove more here. */
export async function whoProves(params: Params, visit: SignInVisit): Promise<WhoProves | null> {
  const { browser, ctx } = visit;
  const carried = params.get("first");
  const half = await openFirstFactor(carried, browser, ctx);
  if (half && carried !== undefined) {
    const { person, proof: first, factors, holds } = half;
    const known = { person, factors, first, holds, first_is_fresh: true };
    return { ...known, purpose: "sign_in", level: null, hidden: { first: carried } };
  }
  if (carried !== undefined) return null;
  return visit.return_to.confirms === null ? ofRequest(visit) : ofChange(visit);
}

/** The account of a request whose sign-in is too weak. */
async function ofRequest({ request, ctx, return_to }: SignInVisit): Promise<WhoProves | null> {
  const { tx } = return_to;
  if (!tx) return null;
  const known = await knownOf(tx, request, ctx);
  const { session } = known;
  const next = await stepOf(tx, known, ctx);
  if (!session || next.step !== "step_up") return null;
  const { person, record } = session;
  const factors = await ctx.store.loadFactors(person.sub);
  const [first] = record.proofs;
  const about = { person, factors, first, first_is_fresh: false };
  return { ...about, purpose: "step_up", level: next.level, hidden: {} };
}

/** The signed-in person who wants to change how they sign in. */
async function ofChange({ request, ctx, return_to }: SignInVisit): Promise<WhoProves | null> {
  const sessions = await sessionsOf(request, ctx);
  const session = sessions.find(({ person }) => person.sub === return_to.confirms);
  if (!session) return null;
  const { person, record } = session;
  const factors = await ctx.store.loadFactors(person.sub);
  const [first] = record.proofs;
  const first_is_fresh = first.at > ctx.now - ctx.settings.confirm_life;
  const level = await highestLevel(person, factors, ctx);
  return { purpose: "confirm", person, factors, first, first_is_fresh, level, hidden: {} };
}

/**
 * The ways to the level, the strongest first. A recovery code stands for a lost factor: it never raises a sign-in, and
 * allows a change only after a first factor that is fresh.
 */
export function waysOf(
  { purpose, factors, first, first_is_fresh, level }: Omit<WhoProves, "person">,
  ctx: SignInVisit["ctx"],
): ProofKind[] {
  const raises = first.kind === "pwd" || first.kind === "upstream";
  const has_codes = factors.recovery_codes.length > 0;
  const confirms = purpose === "confirm";
  const ways: Partial<Record<ProofKind, boolean>> = {
    passkey: usablePasskeys(factors, ctx).length > 0,
    totp: factors.totps.length > 0 && (level === null || (raises && isAtLeast("multi", level))),
    pwd:
      confirms &&
      (level === "single" || (level === "multi" && !raises) || (has_codes && !first_is_fresh)),
    recovery: has_codes && level !== "single" && purpose !== "step_up" && first_is_fresh,
  };
  return (["passkey", "totp", "pwd", "recovery"] as const).filter((kind) => ways[kind]);
}
