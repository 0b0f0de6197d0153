/**
 * GitHub: OAuth Apps, whose tokens don't expire, and GitHub Apps, whose tokens live for 8 hours.
 * Source: docs.github.com, "Authorizing OAuth apps", "Troubleshooting OAuth app access token request errors",
 * "Refreshing user access tokens", REST "Users" and "Emails"; metadata at
 * github.com/.well-known/oauth-authorization-server/login/oauth; `iss`: nextauthjs/next-auth#13409.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { AuthError } from "../../errors.ts";
import type { Tokens } from "../../tokens.ts";
import { getJson } from "../get_json.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

const ISSUER = "https://github.com/login/oauth";

/** Their errors, which come with status 200, in the words of RFC 6749 §5.2. */
const ERRORS = new Map([
  ["bad_verification_code", "invalid_grant"],
  ["bad_refresh_token", "invalid_grant"],
  ["incorrect_client_credentials", "invalid_client"],
  ["redirect_uri_mismatch", "invalid_request"],
]);

export const github: Provider = {
  id: "github",
  issuer: ISSUER,
  endpoints: {
    authorization_endpoint: "https://github.com/login/oauth/authorize",
    token_endpoint: "https://github.com/login/oauth/access_token",
  },
  scope: ["read:user", "user:email"],
  auth: "post",
  idToken: "never",
  rotates: "strict",
  read(body) {
    if (!isJsonObject(body) || typeof body.error !== "string") return body;
    const { error, error_description = "" } = body;
    const specified = ERRORS.get(error) ?? error;
    return { error: specified, error_description: `${error}: ${error_description}` };
  },
  async user(t, f) {
    const person = await getJson(f, "https://api.github.com/user", t);
    const { id, name, login, avatar_url } = person;
    const { email, verified } = await primaryEmail(t, f);
    const claims = { sub: id, name, preferred_username: login, picture: avatar_url };
    return standardUser({ ...claims, email, email_verified: verified }, ISSUER, person);
  },
};

/** The address on the profile is null for most people, and says nothing about its proof. */
async function primaryEmail(t: Tokens, f: typeof fetch): Promise<Record<string, unknown>> {
  try {
    const emails = await getJson(f, "https://api.github.com/user/emails", t);
    const all = Object.values(emails).filter(isJsonObject);
    return all.find(({ primary }) => primary === true) ?? {};
  } catch (error) {
    // The app may not see addresses: GitHub answers 403 or 404.
    const isHidden = error instanceof AuthError && [403, 404].includes(error.status ?? 0);
    if (isHidden) return {};
    throw error;
  }
}
