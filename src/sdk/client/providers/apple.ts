/**
 * Apple. The callback is a POST, and only the first one ever names the person. `privateKey` is the `.p8` file.
 * Source: developer.apple.com, "Sign in with Apple REST API" ("Request an authorization", "Token validation",
 * "Creating a client secret", ErrorResponse), technote TN3107.
 * Written 2026-11-30, and not yet compared with the live service.
 */
import { isJsonObject } from "../../../oauth/json.ts";
import { claimsOf } from "../../tokens.ts";
import type { Provider } from "../provider.ts";
import { standardUser } from "../standard_user.ts";

const ISSUER = "https://appleid.apple.com";

export const apple: Provider = {
  id: "apple",
  issuer: ISSUER,
  scope: ["openid", "name", "email"],
  auth: "apple",
  idToken: "always",
  formPost: true,
  // Every code gives a refresh token.
  offline: {},
  rotates: "never",
  user: async ({ idToken = "", person }) =>
    standardUser({ ...claimsOf(idToken), name: fullName(person) }, ISSUER),
};

/** The browser brought it, unsigned: good enough for a name, and nothing else of it is used. */
function fullName(person: unknown): string | undefined {
  const { name } = isJsonObject(person) ? person : {};
  const { firstName, lastName } = isJsonObject(name) ? name : {};
  const parts = [firstName, lastName].filter((each) => typeof each === "string" && each !== "");
  return parts.length > 0 ? parts.join(" ") : undefined;
}
