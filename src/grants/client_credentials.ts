/** Client credentials grant: a client acts for itself (OAuth 2.1 §4.2, RFC 9068 §2.2). */

import { allowedScope, registeredScope } from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { withoutOpenId } from "../oauth/authorization_request.ts";
import { OAuthError } from "../oauth/errors.ts";
import type { Params } from "../oauth/params.ts";
import {
  checkResources,
  findResource,
  knowsScope,
  resourcesOf,
} from "../oauth/resource_indicator.ts";
import { isWithin, parseScope, within } from "../oauth/scope.ts";
import type { ClientRecord } from "../store/records.ts";
import { audienceWithin } from "../tokens/audience.ts";
import type { Grant } from "./grant.ts";

export const clientCredentials: Grant = {
  grant_type: "client_credentials",

  async decide(params, client, ctx) {
    const asked = checkResources(params.all("resource"), ctx.catalogue);
    const scope = readScope(params, { client, asked }, ctx);
    const resources = resourcesOf(asked, scope, ctx.catalogue);
    return {
      client,
      grant: null,
      audience: audienceWithin({ scope, resources }, params, ctx),
      refresh_token: null,
      id_token: null,
      async commit() {}, // nothing is stored: the token is signed or sealed, and says all there is
    };
  },
};

function readScope(
  params: Params,
  { client, asked }: { client: ClientRecord; asked: readonly string[] },
  { catalogue }: Context,
): string[] {
  const allowed = withoutOpenId(allowedScope(client, catalogue));
  const text = params.get("scope");
  if (text !== undefined) {
    const scope = parseScope(text);
    if (!scope.every((name) => knowsScope(catalogue, name)))
      throw new OAuthError("invalid_scope", "a scope is not known to this server");
    if (!isWithin(scope, allowed))
      throw new OAuthError("invalid_scope", "a scope is not allowed for this client");
    return scope;
  }
  const registered = registeredScope(client);
  if (registered) return within(registered, allowed);
  return within(
    asked.flatMap((uri) => findResource(catalogue, uri)?.scopes ?? []),
    allowed,
  );
}
