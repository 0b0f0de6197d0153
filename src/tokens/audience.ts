/** What one token of a grant is for: asked for, within what was agreed (RFC 6749 §6, RFC 8707 §2.2). */
import type { Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import { type Audience, selectAudience } from "../oauth/resource_indicator.ts";
import { isWithin, parseScope } from "../oauth/scope.ts";
import type { GrantRecord } from "../store/records.ts";

/** @throws OAuthError `invalid_scope` or `invalid_target` for more than was granted */
export function audienceOf(grant: GrantRecord, params: Params, ctx: Context): Audience {
  const text = params.get("scope");
  const scope = text === undefined ? grant.scope : parseScope(text);
  if (!isWithin(scope, grant.scope))
    throw new OAuthError("invalid_scope", "scope is more than what was granted");
  return selectAudience(
    { scope, resources: grant.resources },
    params.all("resource"),
    ctx.catalogue,
  );
}
