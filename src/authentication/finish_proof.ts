/** The only way to a session: every sign-in method ends here, after a proof by the person. */

import type { Context } from "../context.ts";
import { policyFor, usablePasskeys } from "../factors/account_levels.ts";
import type { PageVisit } from "../http/browser.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { pathOf } from "../http/paths.ts";
import { takeFrom } from "../http/rate_limit.ts";
import { isSecondFactor, type Proof, type Proofs } from "../oauth/assurance.ts";
import { REVIEW } from "../pages/paths.ts";
import type { Person } from "../people/users.ts";
import { OWN_PAGES, rememberAccount } from "../sessions/last_account.ts";
import { ProofLapsed, startSession } from "../sessions/session.ts";
import type { Factors } from "../store/factor_store.ts";
import { carryFirstFactor } from "./first_factor.ts";
import { rememberPerson } from "./known_people.ts";
import { rememberWay } from "./last_way.ts";
import { newBrowserNotice } from "./new_browser.ts";
import type { ReturnTo } from "./return_to.ts";

export interface Proved {
  person: Person;
  proof: Proof;
  /** The first factor that a second one follows. Left out: that of the person's session in this browser. */
  first?: Proof;
  /** All proofs of the session, where this one replaces an earlier one and nothing else. Left out: they follow from it. */
  proofs?: Proofs;
  /** The account was created just now: a new browser is no news. */
  is_new?: boolean;
  /** Whether the proof still holds; called after the session is written, since a password may be changed meanwhile. */
  holds?: () => Promise<boolean>;
}

/** A visit of a sign-in page, which leads back to where the person came from. */
export interface SignInVisit extends PageVisit {
  return_to: ReturnTo;
}

/**
 * Begins or renews the session, remembers the person in this browser, and goes back to where they came from. Where the
 * account has a second factor, a first one leads to the page that asks for it instead.
 * @throws ProofLapsed when the proof no longer holds
 */
export async function finishProof(proved: Proved, visit: SignInVisit): Promise<HttpResponse> {
  const { request, ctx, return_to } = visit;
  const { person, proof, holds } = proved;
  const { sub } = person;
  // Each right password adds an event and a session.
  takeFrom("changes", sub, ctx);
  if (!isSecondFactor(proof.kind) && !proved.proofs) {
    const factors = await ctx.store.loadFactors(sub);
    if (needsSecond(proof, { person, factors }, ctx)) {
      if (holds && !(await holds())) throw new ProofLapsed();
      const first = await carryFirstFactor({ person, proof, factors }, visit.browser, ctx);
      return redirect(pathOf(ctx, SECOND, { ...return_to.hidden, first }));
    }
  }
  const signed_in_for = return_to.tx?.request_id ?? null;
  const jobs = proved.is_new ? [] : await newBrowserNotice(person, request, ctx);
  const cookies = await startSession({ ...proved, signed_in_for, jobs }, request, ctx);
  if (jobs.length > 0) ctx.wakeJobs();
  // A recovery code replaces a lost factor: the person says what is still theirs before they go on.
  const recovered = proof.kind === "recovery" && return_to.confirms === null;
  const next = recovered ? pathOf(ctx, REVIEW, return_to.hidden) : return_to.on(sub);
  return redirect(next, [
    ...cookies,
    ...rememberAccount(OWN_PAGES, sub, { request, ctx }),
    rememberPerson(sub, request, ctx),
    ...rememberWay((proved.first ?? proof).kind, ctx),
  ]);
}

const SECOND = "/sign-in/second";

/**
 * Whether a second factor has to follow. A passkey is two factors in one. An account with an app for codes is asked for
 * one at each sign-in; a passkey that is only there for comfort is asked for where the operator wants two factors.
 */
export function needsSecond(
  { kind }: Pick<Proof, "kind">,
  { person, factors }: { person: Person; factors: Factors },
  ctx: Context,
): boolean {
  if (kind === "passkey") return false;
  if (factors.totps.length > 0) return true;
  return policyFor(person, ctx) !== null && usablePasskeys(factors, ctx).length > 0;
}
