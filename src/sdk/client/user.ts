/** The person of some tokens, by the standard claims (OpenID Connect Core §5.1, §5.3). */
import { AuthError } from "../errors.ts";
import { claimsOf, type Tokens, type User } from "../tokens.ts";
import { explained } from "./explained.ts";
import { getJson } from "./get_json.ts";
import type { Party } from "./party.ts";
import { standardUser } from "./standard_user.ts";

/** @throws AuthError `token_refused` when the provider tells nothing about the person */
export async function user(party: Party, tokens: Tokens): Promise<User> {
  return explained(party, async () => {
    if (party.provider) return party.provider.user(tokens, party.fetch);
    const { userinfo_endpoint, issuer } = await party.server();
    const claims = tokens.idToken === undefined ? null : claimsOf(tokens.idToken);
    const info = userinfo_endpoint ? await userinfo(party, userinfo_endpoint, tokens) : null;
    // Somebody else's userinfo could be put in (§5.3.2).
    if (claims && info && claims.sub !== info.sub)
      throw new AuthError("invalid_response", "userinfo and ID token are about two people", {
        hint: "let the person sign in again",
      });
    // An address is as proven as its own source says.
    const proof = info && "email" in info && { email_verified: false };
    return standardUser({ ...claims, ...proof, ...info }, issuer);
  });
}

/**
 * The claims at the userinfo endpoint. A token for an API alone does not open it; then the ID token is all there is.
 * @returns null when the token is refused, and an ID token is there
 */
async function userinfo(
  { fetch }: Party,
  endpoint: string,
  tokens: Tokens,
): Promise<Record<string, unknown> | null> {
  try {
    return await getJson(fetch, endpoint, tokens);
  } catch (error) {
    const isRefused = error instanceof AuthError && error.code === "token_refused";
    if (isRefused && tokens.idToken !== undefined) return null;
    throw error;
  }
}
