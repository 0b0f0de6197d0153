/**
 * Microsoft Entra ID. `tenants` lists the directories whose people may sign in; personal accounts are one of them,
 * `9188040d-6c67-4c5b-b112-36a304b66dad`. With one, its own addresses are used, as an app of a single tenant needs.
 * Source: learn.microsoft.com, "Microsoft identity platform and OAuth 2.0 authorization code flow", "ID token claims
 * reference", "Refresh tokens"; tenants: nextauthjs/next-auth#13440.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { claimsOf } from "../../tokens.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

export const microsoft: Provider = {
  id: "microsoft",
  issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
  scope: ["openid", "profile", "email"],
  auth: "post",
  idToken: "always",
  // For 90 days; the old one goes on working.
  rotates: "graceful",
  async user({ idToken = "" }) {
    const claims = claimsOf(idToken);
    // `sub` is another one in every app; `oid` is the person's in their directory, which the issuer names.
    const { oid = claims.sub, iss } = claims;
    // An administrator may write any address into a profile.
    const unproven = { ...claims, sub: oid, email_verified: false };
    return standardUser(unproven, String(iss), claims);
  },
};
