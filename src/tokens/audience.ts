/** The audience of one token of a grant: as requested, within the agreed permissions (RFC 6749 §6, RFC 8707 §2.2). */
import { allowedScope, mayAsk } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { type Audience, selectAudience } from "../oauth/audience.ts";
import { isClaimAllowed } from "../oauth/claims_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { claimOf, type Permission, resourceOf, scopeOf, scopesOf } from "../oauth/permission.ts";
import { configuredSpelling } from "../oauth/resource_indicator.ts";
import { isWithin, parseScope } from "../oauth/scope.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";

/** The permissions of the grant that the client may still have: an operator may have removed some since. */
export function heldPermissions(
  { permissions }: GrantRecord,
  client: ClientRecord,
  { catalogue }: Context,
): Permission[] {
  const scopes = allowedScope(client, catalogue);
  return permissions.filter((each) => {
    const claim = claimOf(each);
    if (claim !== null) return isClaimAllowed(claim, scopes, catalogue);
    const scope = scopeOf(each);
    return (
      (scope === null || scopes.includes(scope)) && mayAsk(resourceOf(each), client, catalogue)
    );
  });
}

/** @throws OAuthError `invalid_scope` or `invalid_target` for more than was granted */
export function audienceOf(
  { grant, client }: { grant: GrantRecord; client: ClientRecord },
  params: Params,
  ctx: Context,
): Audience {
  const held = heldPermissions(grant, client, ctx);
  const granted = scopesOf(held);
  const text = params.get("scope");
  if (text === undefined) {
    if (granted.length === 0) throw invalidScope("nothing that was granted is allowed any more");
    return audienceWithin(held, params, ctx);
  }
  const scope = parseScope(text);
  // Scopes that were not granted may be asked for again, and are left out again.
  if (!isWithin(scope, [...granted, ...grant.left_out, ...scopesOf(grant.permissions)]))
    throw invalidScope("scope is more than what was granted");
  const named = params.all("resource").map((uri) => configuredSpelling(uri, ctx.catalogue));
  const asked = held.flatMap((each) => {
    const own = scopeOf(each);
    if (own === null || scope.includes(own)) return [each];
    // A named API may be used if it was granted, even if few of its scopes are left.
    const api = resourceOf(each);
    return named.includes(api) && api !== ctx.issuer ? [api] : [];
  });
  return audienceWithin(asked, params, ctx);
}

/**
 * @throws OAuthError `invalid_target`; or `invalid_scope` when none of the requested scopes is for this audience: a
 * response without `scope` would mean that all were granted (RFC 6749 §5.1)
 */
export function audienceWithin(
  permissions: readonly Permission[],
  params: Params,
  { catalogue }: Context,
): Audience {
  const audience = selectAudience(permissions, params.all("resource"), catalogue);
  if (params.get("scope") !== undefined && audience.scope.length === 0)
    throw invalidScope("nothing of this scope is for the resource asked for");
  return audience;
}

const invalidScope = (description: string): OAuthError =>
  new OAuthError("invalid_scope", description, { parameter: "scope" });
