/** A person from the standard claims (OpenID Connect Core §5.1). */
import { AuthError } from "../errors.ts";
import type { User } from "../tokens.ts";

/**
 * A person from standard claims, for rows of providers too: `standardUser(claimsOf(t.idToken), issuer)`.
 * @param claims `sub` may be a whole number, as in APIs that have no claims
 * @param raw what the provider said, where the claims were made from it
 * @throws AuthError `invalid_response` without `sub`: people without an id would be one person
 */
export function standardUser(
  claims: Record<string, unknown>,
  issuer: string,
  raw: unknown = claims,
): User {
  const { sub, email, email_verified, name, picture } = claims;
  const username = claims.preferred_username ?? claims.nickname;
  const id = Number.isSafeInteger(sub) ? String(sub) : sub;
  if (!isText(id))
    throw new AuthError("invalid_response", "the provider does not say who the person is", {
      hint: "ask for the scope openid, or set provider to a row that knows this provider",
    });
  return {
    id,
    issuer,
    ...(isText(email) && { email }),
    // Apple sends a text.
    emailVerified: isText(email) && String(email_verified) === "true",
    ...(isText(name) && { name }),
    ...(isText(username) && { username }),
    // Apps link to it: an address such as javascript: would be a script of theirs.
    ...(isText(picture) && /^https?:/i.test(picture) && { picture }),
    raw,
  };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
