/** What one token of a grant is for: asked for, within what was agreed (RFC 6749 §6, RFC 8707 §2.2). */

import { allowedScope } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { type Audience, selectAudience } from "../oauth/resource_indicator.ts";
import { isWithin, parseScope, within } from "../oauth/scope.ts";
import type { ClientRecord, GrantRecord } from "../store/records.ts";

/** What the grant holds of what the client may have now. */
export const grantedScope = (grant: GrantRecord, client: ClientRecord, ctx: Context): string[] =>
  within(grant.scope, allowedScope(client, ctx.catalogue));

/**
 * What an operator has taken away since, from the client or from the server, is not granted any more.
 * @throws OAuthError `invalid_scope` or `invalid_target` for more than was granted
 */
export function audienceOf(
  { grant, client }: { grant: GrantRecord; client: ClientRecord },
  params: Params,
  ctx: Context,
): Audience {
  const granted = grantedScope(grant, client, ctx);
  const text = params.get("scope");
  const scope = text === undefined ? granted : parseScope(text);
  if (!isWithin(scope, granted))
    throw new OAuthError("invalid_scope", "scope is more than what was granted");
  if (scope.length === 0)
    throw new OAuthError("invalid_scope", "nothing that was granted is allowed any more");
  return audienceWithin({ scope, resources: grant.resources }, params, ctx);
}

/**
 * @throws OAuthError `invalid_target`; or `invalid_scope` when nothing of the scope that was named is for this
 * audience: an answer without `scope` would say that all of it was given (RFC 6749 §5.1)
 */
export function audienceWithin(
  granted: { scope: readonly string[]; resources: readonly string[] },
  params: Params,
  { catalogue }: Context,
): Audience {
  const audience = selectAudience(granted, params.all("resource"), catalogue);
  if (params.get("scope") !== undefined && audience.scope.length === 0)
    throw new OAuthError("invalid_scope", "nothing of this scope is for the resource asked for");
  return audience;
}
