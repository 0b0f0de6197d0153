/** What a sign-in gives: tokens, and the person they belong to. */
import { isJsonObject } from "../oauth/json.ts";
import { bytesIn } from "./base64url.ts";
import { AuthError } from "./errors.ts";

/** The answer of a token endpoint (RFC 6749 §5.1). It can be kept as JSON. */
export interface Tokens {
  /** For `Authorization: Bearer`. Opaque to the app. */
  accessToken: string;
  /** `Bearer`; `DPoP` is reserved. */
  tokenType: "Bearer" | "DPoP";
  /** Seconds since the epoch; null when the provider does not say. */
  expiresAt: number | null;
  /** Left out when there is none. After a refresh without a new one, the one that was used. */
  refreshToken?: string;
  /** The ID token as received; its claims were checked. Left out when there is none. */
  idToken?: string;
  /** What was granted; it may be less than what was asked for. Empty when nothing is known. */
  scope: string[];
  /**
   * What Apple's first callback says about the person, for `user()`. It came through the browser, unsigned. Left out
   * everywhere else.
   */
  person?: unknown;
}

/** A person. Keep `issuer` and `id` together as the key of an account: an e-mail address can change hands. */
export interface User {
  /** The provider's id of the person: stable, unique at its issuer. */
  id: string;
  /** The issuer that the id belongs to. */
  issuer: string;
  /** Left out when the provider has none, or does not share it. */
  email?: string;
  /** The provider has proof that the person receives mail there. False without an address. */
  emailVerified: boolean;
  /** Full name, as the person writes it. */
  name?: string;
  /** A short name at the provider. It may change. */
  username?: string;
  /** URL of a picture, of https or http. */
  picture?: string;
  /** Everything the provider said, as received. */
  raw: unknown;
}

/**
 * The claims of a JWT, without a check of its signature: for tokens that came from the provider itself.
 * @throws AuthError `invalid_response` when it is not a JWT
 */
export function claimsOf(jwt: string): Record<string, unknown> {
  return partOf(jwt, 1);
}

/** The header of a JWT. @throws AuthError `invalid_response` when it is not a JWT */
export function headerOf(jwt: string): Record<string, unknown> {
  return partOf(jwt, 0);
}

function partOf(jwt: string, index: 0 | 1): Record<string, unknown> {
  try {
    const bytes = bytesIn(jwt.split(".")[index] ?? "");
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isJsonObject(value)) return value;
  } catch {
    // Neither Base64 nor JSON: the error below says so.
  }
  throw new AuthError("invalid_response", "the provider sent something that is not a JWT", {
    hint: "check that the issuer is the one you mean",
  });
}
