/** The only way to a session: every sign-in method ends here, after a proof by the person. */

import type { PageVisit } from "../http/browser.ts";
import { type HttpResponse, redirect } from "../http/message.ts";
import { takeFrom } from "../http/rate_limit.ts";
import type { Proof } from "../oauth/assurance.ts";
import type { Person } from "../people/users.ts";
import { OWN_PAGES, rememberAccount } from "../sessions/last_account.ts";
import { startSession } from "../sessions/session.ts";
import { rememberPerson } from "./known_people.ts";
import type { ReturnTo } from "./return_to.ts";

export interface Proved {
  person: Person;
  proof: Proof;
  /** Whether the proof still holds; called after the session is written, since a password may be changed meanwhile. */
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
  // Each right password adds an event and a session.
  takeFrom("changes", proved.person.sub, ctx);
  const signed_in_for = return_to.tx?.request_id ?? null;
  const cookies = await startSession({ ...proved, signed_in_for }, request, ctx);
  const { sub } = proved.person;
  return redirect(return_to.on(sub), [
    ...cookies,
    ...rememberAccount(OWN_PAGES, sub, { request, ctx }),
    rememberPerson(sub, request, ctx),
  ]);
}
