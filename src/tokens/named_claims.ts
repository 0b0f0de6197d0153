/** Claims that a client asked for by name (OpenID Connect Core §5.5), as far as the person agreed. */
import type { Context } from "../context.ts";
import { claimsAt } from "../oauth/claims.ts";
import type { NamedClaims } from "../oauth/claims_request.ts";
import { claimOf, type Permission } from "../oauth/permission.ts";
import type { GrantRecord } from "../store/records.ts";

/**
 * A claim is agreed to by its own name, or with a scope that gives it.
 * @param held the permissions that the client has now
 * @param scope the scopes of the issuer that the token or the token request has
 */
export function namedClaims(
  place: keyof NamedClaims,
  {
    grant,
    held,
    scope,
  }: { grant: GrantRecord; held: readonly Permission[]; scope: readonly string[] },
  { issuer, catalogue }: Pick<Context, "issuer" | "catalogue">,
): string[] {
  const names = grant.claims[place];
  if (names.length === 0) return [];
  const agreed = [
    ...held.flatMap((each) => claimOf(each) ?? []),
    ...claimsAt(issuer, scope, catalogue),
  ];
  return names.filter((name) => agreed.includes(name));
}
