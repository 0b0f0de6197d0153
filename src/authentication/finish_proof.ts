/** The one way to a session: each method of signing in ends here, once the person has proved something. */

import type { PageVisit } from "../http/browser.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Proof, ProofKind } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import { startSession } from "../sessions/session.ts";
import { rememberPerson } from "./known_people.ts";
import type { ReturnTo } from "./return_to.ts";

/** The proofs that this server asks for: the levels that it can reach follow from them. */
export const PROOF_KINDS: readonly ProofKind[] = ["pwd"];

export interface Proved {
  person: Person;
  proof: Proof;
  /** Whether the proof still holds, asked once the session stands: a password may be changed meanwhile. */
  holds?: () => Promise<boolean>;
}

/** A visit of a sign-in page, which leads back to where the person came from. */
export interface SignInVisit extends PageVisit {
  return_to: ReturnTo;
}

/**
 * Begins or renews the session, remembers the person in this browser, and goes back to where they came from.
 * @throws ProofLapsed when the proof no longer holds
 */
export async function finishProof(
  proved: Proved,
  { request, ctx, return_to }: SignInVisit,
): Promise<HttpResponse> {
  // A right password is one event and one session more each time, however often it is sent.
  takeFrom("changes", proved.person.sub, ctx);
  const signed_in_for = return_to.tx?.request_id ?? null;
  const cookies = await startSession({ ...proved, signed_in_for }, request, ctx);
  return redirect(return_to.on, [...cookies, rememberPerson(proved.person.sub, request, ctx)]);
}
