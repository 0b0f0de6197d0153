/** OpenID Connect Core §12.2: a refresh renews the session of the same person. */
import { AuthError } from "../errors.ts";
import { claimsOf } from "../tokens.ts";

/**
 * @param before an ID token of the session, `after` that of the refresh; undefined where there is none
 * @throws AuthError `invalid_response`
 */
export function checkSamePerson(before: string | undefined, after: string | undefined): void {
  if (before === undefined || after === undefined) return;
  if (claimsOf(before).sub === claimsOf(after).sub) return;
  throw new AuthError("invalid_response", "the refresh answered for another person", {
    hint: "tell the provider: a refresh is for the person who signed in",
  });
}
