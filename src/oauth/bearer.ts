/** Bearer tokens in requests, and the challenge in responses (RFC 6750 §2, §3). */
import type { OAuthError } from "./errors.ts";

/** The token of `Authorization: Bearer …`, or null when the header is of another kind or absent. */
export function parseBearer(authorization: string | undefined): string | null {
  return /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** `WWW-Authenticate` for a refusal (RFC 6750 §3). It has no error code when the request had no token. */
export function bearerChallenge(realm: string, error?: OAuthError, scope?: string): string {
  const members = [`realm="${realm}"`];
  if (error) members.push(`error="${error.error}"`, `error_description="${error.message}"`);
  if (scope) members.push(`scope="${scope}"`);
  return `Bearer ${members.join(", ")}`;
}
