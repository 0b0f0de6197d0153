/** Client credentials grant: a client acts for itself (OAuth 2.1 §4.2, RFC 9068 §2.2). */
import {
  allowedOwnScope,
  mayAsk,
  registeredScope,
  requestingClient,
} from "../clients/client_scope.ts";
import type { Context } from "../context.ts";
import { OAuthError } from "../oauth/errors.ts";
import { type Hint, mayAskHint, REQUIRE_RESOURCE_HINT, scopeHint } from "../oauth/hint.ts";
import { apisOf, type Permission, permissionsAsked, resourceOf } from "../oauth/permission.ts";
import { withoutOpenId } from "../oauth/requested_permissions.ts";
import { checkResources, findResource, knowsScope } from "../oauth/resource_indicator.ts";
import { isWithin, parseScope, within } from "../oauth/scope.ts";
import { audienceWithin } from "../tokens/audience.ts";
import type { Asking, GrantType } from "./grant.ts";

export const clientCredentials: GrantType = {
  grant_type: "client_credentials",
  asks_person: false,
  confidential_only: true,
  grant_in: null,

  read: (asking, ctx) => ({
    grant_id: null,
    proves: () => false,
    decide: () => ({
      client: asking.client,
      subject: { kind: "client" },
      audience: audienceWithin(readPermissions(asking, ctx), asking.params, ctx),
      token_type: "Bearer",
      refresh_token: null,
      id_token: null,
      // Nothing is stored: the token is signed or sealed, and holds everything.
      commit: async () => null,
    }),
  }),
};

function readPermissions(asking: Asking, { catalogue, settings }: Context): Permission[] {
  const { params, client } = asking;
  const resources = checkResources(params.all("resource"), catalogue);
  const permissions = permissionsAsked(
    readScope(asking, resources, catalogue),
    resources,
    catalogue,
  );
  if (
    ![...resources, ...permissions.map(resourceOf)].every((uri) => mayAsk(uri, client, catalogue))
  )
    throw invalidTarget("resource is not allowed for this client", mayAskHint(client.client_id));
  const several = resources.length === 0 && apisOf(permissions, catalogue).length > 1;
  if (settings.require_resource && several)
    throw invalidTarget(
      "these scopes belong to several resources: name one",
      REQUIRE_RESOURCE_HINT,
    );
  return permissions;
}

function readScope(
  { params, client }: Asking,
  resources: readonly string[],
  catalogue: Context["catalogue"],
): string[] {
  const allowed = allowedOwnScope(client, catalogue);
  const text = params.get("scope");
  if (text !== undefined) {
    const scope = parseScope(text);
    const known = scope.filter((name) => knowsScope(catalogue, name));
    if (known.length === scope.length && isWithin(scope, allowed)) return scope;
    const hint = scopeHint(withoutOpenId(scope), known, requestingClient(client, catalogue));
    if (known.length < scope.length)
      throw invalidScope("a scope is not known to this server", hint);
    throw invalidScope("a scope is not allowed for this client", hint);
  }
  const registered = registeredScope(client);
  if (registered) return within(registered, allowed);
  return within(
    resources.flatMap((uri) => findResource(catalogue, uri)?.scopes ?? []),
    allowed,
  );
}

const invalidScope = (description: string, reason: Hint): OAuthError =>
  new OAuthError("invalid_scope", description, { parameter: "scope", reason });

const invalidTarget = (description: string, reason: Hint): OAuthError =>
  new OAuthError("invalid_target", description, { parameter: "resource", reason });
