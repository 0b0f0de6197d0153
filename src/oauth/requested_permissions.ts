/** The permissions that a request asks for, from any origin (RFC 6749 §3.3, RFC 8707 §2). */
import { OAuthError } from "./errors.ts";
import { mayAskHint, REQUIRE_RESOURCE_HINT, scopeHint } from "./hint.ts";
import type { Params } from "./params.ts";
import { apisOf, type Permission, permissionsAsked, resourceOf, scopesOf } from "./permission.ts";
import type { ApplicationType } from "./redirect_uri.ts";
import { type Catalogue, checkResources, findResource, knowsScope } from "./resource_indicator.ts";
import { isOpenIdScope, parseScope, within } from "./scope.ts";

/** The members of a client that the rules need. */
export interface RequestingClient {
  client_id: string;
  redirect_uris: readonly string[];
  application_type: ApplicationType;
  /** The registered scopes, or null: all of `allowed_scope`. */
  registered_scope: readonly string[] | null;
  allowed_scope: readonly string[];
  /** The APIs that it may ask for, or null: all of them. */
  allowed_resources: readonly string[] | null;
  require_pkce: boolean;
  /** Whether an operator can let it do without PKCE. */
  may_omit_pkce: boolean;
  /** The response types that it is registered for. */
  response_types: readonly string[];
  /** `max_age` of its requests that have none; null: none either. */
  default_max_age: number | null;
  /** The `acr` values that requests without any would like. */
  default_acr_values: readonly string[];
}

export interface PermissionRules {
  client: RequestingClient;
  catalogue: Catalogue;
  /** Whether a request for scopes of several APIs has to name one. */
  require_resource: boolean;
}

/**
 * Reads `scope` and `resource`. A scope that can't be granted is left out. It is an error only when nothing is left
 * (RFC 6749 §3.3).
 * @throws OAuthError `invalid_scope`; `invalid_target` for an API that the client may not ask for, or, with
 * `require_resource`, for scopes of several APIs when none is named
 */
export function readPermissions(
  params: Params,
  { client, catalogue, require_resource }: PermissionRules,
): { permissions: Permission[]; left_out: string[] } {
  const resources = checkResources(params.all("resource"), catalogue);
  const mayAsk = (resource: string): boolean =>
    resource === catalogue.issuer || (client.allowed_resources?.includes(resource) ?? true);
  if (!resources.every(mayAsk))
    throw new OAuthError("invalid_target", "resource is not allowed for this client", {
      parameter: "resource",
      reason: {
        refused: resources.filter((each) => !mayAsk(each)),
        ...mayAskHint(client.client_id),
      },
    });
  const text = params.get("scope");
  const wanted = text === undefined ? defaultScope(resources, client, catalogue) : parseScope(text);
  const known = wanted.filter((name) => knowsScope(catalogue, name));
  const allowed = within(known, client.allowed_scope);
  const permissions = permissionsAsked(allowed, resources, catalogue).filter((each) =>
    mayAsk(resourceOf(each)),
  );
  const scope = scopesOf(permissions);
  const left_out = wanted.filter((name) => !scope.includes(name));
  if (scope.length === 0)
    throw new OAuthError("invalid_scope", "no scope of this request can be given to this client", {
      parameter: "scope",
      reason: {
        unknown: wanted.filter((name) => !known.includes(name)),
        refused: left_out,
        ...scopeHint(left_out, known, client),
      },
    });
  if (require_resource && resources.length === 0 && apisOf(permissions, catalogue).length > 1)
    throw new OAuthError("invalid_target", "these scopes belong to several resources: name one", {
      parameter: "resource",
      reason: REQUIRE_RESOURCE_HINT,
    });
  return { permissions, left_out };
}

/** The scopes of a request without `scope` (RFC 6749 §3.3): the registered ones, else those of the resources. */
export function defaultScope(
  resources: readonly string[],
  { registered_scope, allowed_scope }: Pick<RequestingClient, "registered_scope" | "allowed_scope">,
  catalogue: Catalogue,
): string[] {
  if (registered_scope) return registered_scope.filter((name) => knowsScope(catalogue, name));
  const listed = resources.flatMap((uri) => findResource(catalogue, uri)?.scopes ?? []);
  const of_resources = within([...new Set(listed)], allowed_scope);
  return of_resources.length > 0 ? of_resources : ["openid"];
}

/** The scopes that a token of `client_credentials` can have: without a person, there are none of OpenID Connect. */
export const withoutOpenId = (scope: readonly string[]): string[] =>
  scope.filter((name) => !isOpenIdScope(name));
