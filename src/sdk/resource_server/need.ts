/** Whether a token is enough for a request: scopes (RFC 6750 §3.1), level and age of the sign-in (RFC 9470). */
import type { Refusal } from "./challenge.ts";
import type { Access, Need } from "./options.ts";

export interface Needs {
  scopes: readonly string[];
  acr: readonly string[] | undefined;
  maxAge: number | undefined;
}

/** All scopes of both; the levels of the request, if it names some; the shorter age. */
export function withNeeds(always: Need, request: Need = {}): Needs {
  const ages = [always.maxAge, request.maxAge].filter((age) => age !== undefined);
  return {
    scopes: [...new Set([...(always.scopes ?? []), ...(request.scopes ?? [])])],
    acr: request.acr ?? always.acr,
    maxAge: ages.length > 0 ? Math.min(...ages) : undefined,
  };
}

/** Null: the token is enough. */
export function missingFor(
  { scopes, claims, has }: Access,
  { scopes: needed, acr, maxAge }: Needs,
  now = Date.now() / 1000,
): Refusal | null {
  const missing = needed.filter((scope) => !has(scope));
  // A client that asks for exactly this scope keeps what it has.
  if (missing.length > 0)
    return {
      ...{ status: 403, error: "insufficient_scope", scope: [...scopes, ...missing] },
      description: `${missing.join(" ")} is missing`,
    };
  const weak = acr !== undefined && !acr.includes(String(claims.acr));
  const old = maxAge !== undefined && !(Number(claims.auth_time) + maxAge >= now);
  if (!weak && !old) return null;
  return {
    ...{ status: 401, error: "insufficient_user_authentication", acr, maxAge },
    description: weak ? "another level of sign-in is needed" : "a more recent sign-in is needed",
  };
}
