/** The scopes and APIs that a client may ask for: the registered ones, else those that its origin allows. */

import { isConfidential } from "../oauth/client_metadata.ts";
import { grantTypeHint, type Hint, ownClientHint } from "../oauth/hint.ts";
import { type RequestingClient, withoutOpenId } from "../oauth/requested_permissions.ts";
import { type Catalogue, knowsScope } from "../oauth/resource_indicator.ts";
import { OPENID_SCOPES, within } from "../oauth/scope.ts";
import type { ClientRecord } from "../store/records.ts";

export const registeredScope = ({ metadata }: ClientRecord): string[] | null =>
  metadata.scope?.split(" ") ?? null;

interface Limits {
  catalogue: Catalogue;
  scope: readonly string[];
  own_scope: readonly string[];
  resources: readonly string[] | null;
  requesting: RequestingClient;
}
/** Computed once for each record, since a change replaces the record. */
const known = new WeakMap<ClientRecord, Limits>();

function limitsOf(client: ClientRecord, catalogue: Catalogue): Limits {
  const found = known.get(client);
  if (found?.catalogue === catalogue) return found;
  const scope = scopeOf(client, catalogue);
  const resources = resourcesOf(client, catalogue);
  const limits = {
    catalogue,
    scope,
    own_scope: withoutOpenId(scope),
    resources,
    requesting: describe(client, { scope, resources }),
  };
  known.set(client, limits);
  return limits;
}

/** The registered scopes; without them, all for an operator's client, and the open ones for others. */
export const allowedScope = (client: ClientRecord, catalogue: Catalogue): readonly string[] =>
  limitsOf(client, catalogue).scope;

/** The scopes of `allowedScope` that a client may have for itself, without a person. */
export const allowedOwnScope = (client: ClientRecord, catalogue: Catalogue): readonly string[] =>
  limitsOf(client, catalogue).own_scope;

/**
 * The APIs that a client may ask for; null: all. The registered ones; without them, all for an operator's client, and
 * the open ones for others.
 */
export const allowedResources = (
  client: ClientRecord,
  catalogue: Catalogue,
): readonly string[] | null => limitsOf(client, catalogue).resources;

function scopeOf(client: ClientRecord, catalogue: Catalogue): string[] {
  const registered = registeredScope(client)?.filter((name) => knowsScope(catalogue, name));
  // Nobody here has looked at what a document asks for.
  if (registered && client.created_by !== "metadata_document") return registered;
  if (client.created_by === "operator") return [...OPENID_SCOPES, ...Object.keys(catalogue.scopes)];
  const open = Object.values(catalogue.resources).filter((resource) => resource.open);
  const scope = [...OPENID_SCOPES, ...open.flatMap(({ scopes }) => scopes)];
  return registered ? within(registered, scope) : scope;
}

function resourcesOf(client: ClientRecord, catalogue: Catalogue): string[] | null {
  const { resources } = client.metadata;
  if (client.created_by === "operator" && resources === undefined) return null;
  const open = Object.entries(catalogue.resources).filter(([, resource]) => resource.open);
  return [...(resources ?? []), ...open.map(([uri]) => uri)];
}

/** Whether a client may ask for an API, or keep permissions there. The issuer does not count as an API. */
export function mayAsk(resource: string, client: ClientRecord, catalogue: Catalogue): boolean {
  if (resource === catalogue.issuer) return true;
  return allowedResources(client, catalogue)?.includes(resource) ?? true;
}

/** How an operator lets a client use another grant type. */
export function grantHint(
  { client_id, created_by, metadata }: ClientRecord,
  { grant_type, confidential_only }: { grant_type: string; confidential_only: boolean },
): Hint {
  // An app that no operator added acts for people only.
  if (created_by !== "operator") return {};
  if (isConfidential(metadata) || !confidential_only) return grantTypeHint(client_id, grant_type);
  return ownClientHint("it acts for people only");
}

/** The members of a client that the rules of the authorization request need. */
export const requestingClient = (client: ClientRecord, catalogue: Catalogue): RequestingClient =>
  limitsOf(client, catalogue).requesting;

/** The origins of clients that may get tokens in the redirect, if they are registered for it. */
const ANSWERED_IN_FRONT: readonly string[] = ["operator", "registration"];

function describe(
  client: ClientRecord,
  { scope, resources }: Pick<Limits, "scope" | "resources">,
): RequestingClient {
  const { metadata, client_id, require_pkce, created_by } = client;
  return {
    client_id,
    redirect_uris: metadata.redirect_uris,
    application_type: metadata.application_type,
    registered_scope: registeredScope(client),
    allowed_scope: scope,
    allowed_resources: resources,
    // Only a confidential client may omit PKCE (OAuth 2.1 §7.5.1).
    require_pkce: require_pkce || !isConfidential(metadata),
    may_omit_pkce: isConfidential(metadata),
    response_types: metadata.response_types.filter(
      (name) => name === "code" || ANSWERED_IN_FRONT.includes(created_by),
    ),
    default_max_age: metadata.default_max_age ?? null,
    default_acr_values: metadata.default_acr_values ?? [],
  };
}
