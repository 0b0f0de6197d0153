/**
 * Google: everything about the person is in the ID token.
 * Source: developers.google.com, "OpenID Connect" with its API reference, "Using OAuth 2.0 for Web Server Applications";
 * `iss` in callbacks: openiddict/openiddict-core#2428.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { claimsOf } from "../../tokens.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

const ISSUER = "https://accounts.google.com";

/** Asked for by these names, they come back as URLs. */
const NAMES = new Map([
  ["https://www.googleapis.com/auth/userinfo.email", "email"],
  ["https://www.googleapis.com/auth/userinfo.profile", "profile"],
]);

export const google: Provider = {
  id: "google",
  issuer: ISSUER,
  scope: ["openid", "email", "profile"],
  auth: "post",
  idToken: "always",
  // The scope `offline_access` is refused. Without `consent`, only the first sign-in of a person gives a refresh token.
  offline: { access_type: "offline", prompt: "consent" },
  rotates: "never",
  read(body) {
    if (!isJsonObject(body) || typeof body.scope !== "string") return body;
    const scope = body.scope.split(" ").map((each) => NAMES.get(each) ?? each);
    return { ...body, scope: scope.join(" ") };
  },
  user: async ({ idToken = "" }) => standardUser(claimsOf(idToken), ISSUER),
};
