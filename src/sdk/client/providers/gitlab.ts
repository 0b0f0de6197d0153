/**
 * GitLab.com. For another instance: `issuer` with its URL, which may have a path.
 * Source: docs.gitlab.com, "OAuth 2.0 identity provider API", "GitLab as OpenID Connect identity provider"; rotation:
 * dexidp/dex#2352; life of the ID token: goharbor/harbor#8069.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { AuthError } from "../../errors.ts";
import { claimsOf } from "../../tokens.ts";
import { getJson } from "../get_json.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

export const gitlab: Provider = {
  id: "gitlab",
  issuer: "https://gitlab.com",
  scope: ["openid", "profile", "email"],
  auth: "post",
  idToken: "always",
  // Every code gives a refresh token, and access tokens live for two hours.
  offline: {},
  rotates: "strict",
  async user(t, f) {
    // The ID token lives for 120 seconds and holds no name: userinfo has both name and address.
    const { iss, sub } = claimsOf(t.idToken ?? "");
    const claims = await getJson(f, `${iss}/oauth/userinfo`, t);
    if (claims.sub === sub) return standardUser(claims, String(iss));
    throw new AuthError("invalid_response", "userinfo and ID token are about two people", {
      hint: "let the person sign in again",
    });
  },
};
