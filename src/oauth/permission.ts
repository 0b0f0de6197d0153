/**
 * Permissions of a client, as pairs of a resource and a scope. Two APIs that both call a scope `read` are two
 * permissions (RFC 8707 §2, RFC 6749 §3.3).
 */
import { type Catalogue, findResource } from "./resource_indicator.ts";

/**
 * `RESOURCE SCOPE`; or `ISSUER claim NAME`, for a claim that was asked for by its name; or `RESOURCE` alone for an API without any of its scopes. Neither part holds a space. A scope that
 * no API lists belongs to the issuer, those of OpenID Connect included.
 */
export type Permission = string;

export const permissionOf = (resource: string, scope: string | null): Permission =>
  scope === null ? resource : `${resource} ${scope}`;

export function resourceOf(permission: Permission): string {
  const at = permission.indexOf(" ");
  return at < 0 ? permission : permission.slice(0, at);
}

/** Null: the API itself, or a claim. */
export function scopeOf(permission: Permission): string | null {
  const at = permission.indexOf(" ");
  return at < 0 || permission.startsWith(CLAIM, at) ? null : permission.slice(at + 1);
}

/** No scope holds a space, so none can look like this. */
const CLAIM = " claim ";

/** The permission to see a claim that was asked for by its name, beyond those that scopes give. */
export const claimPermission = (issuer: string, name: string): Permission =>
  `${issuer}${CLAIM}${name}`;

/** Null: the permission is none for a claim. */
export function claimOf(permission: Permission): string | null {
  const at = permission.indexOf(" ");
  return at >= 0 && permission.startsWith(CLAIM, at) ? permission.slice(at + CLAIM.length) : null;
}

/** Names of scopes, each once, in order. */
export function scopesOf(permissions: readonly Permission[]): string[] {
  const names: string[] = [];
  for (const each of permissions) {
    const name = scopeOf(each);
    if (name !== null && !names.includes(name)) names.push(name);
  }
  return names;
}

/** APIs, each once, in order; the issuer does not count as one. */
export function apisOf(permissions: readonly Permission[], { issuer }: Catalogue): string[] {
  const apis: string[] = [];
  for (const each of permissions) {
    const resource = resourceOf(each);
    if (resource !== issuer && !apis.includes(resource)) apis.push(resource);
  }
  return apis;
}

/** The scopes that these permissions hold at one resource. */
export function scopesAt(permissions: readonly Permission[], resource: string): string[] {
  const names: string[] = [];
  for (const each of permissions) {
    const name = scopeOf(each);
    if (name !== null && each.length > resource.length && resourceOf(each) === resource)
      names.push(name);
  }
  return names;
}

/** Any permission for an API covers the API itself. */
const covers = (permissions: readonly Permission[], wanted: Permission): boolean =>
  permissions.includes(wanted) ||
  (scopeOf(wanted) === null && permissions.some((each) => resourceOf(each) === wanted));

/** The permissions that `bound` covers, in their order. */
export const permitted = (
  permissions: readonly Permission[],
  bound: readonly Permission[],
): Permission[] => permissions.filter((each) => covers(bound, each));

export const isPermitted = (
  permissions: readonly Permission[],
  bound: readonly Permission[],
): boolean => permissions.every((each) => covers(bound, each));

export const union = (some: readonly Permission[], others: readonly Permission[]): Permission[] => [
  ...new Set([...some, ...others]),
];

export const without = (
  permissions: readonly Permission[],
  taken: readonly Permission[],
): Permission[] => permissions.filter((each) => !taken.includes(each));

/**
 * The permissions that a request asks for. With `resource` parameters a scope means these APIs, and is ignored if none
 * of them lists it. Without, it means the first API of the configuration that lists it.
 * @param scope names that the server knows
 * @param resources the `resource` parameters, checked
 */
export function permissionsAsked(
  scope: readonly string[],
  resources: readonly string[],
  catalogue: Catalogue,
): Permission[] {
  const { issuer } = catalogue;
  if (resources.length === 0)
    return scope.map((name) => permissionOf(apisWith(name, catalogue)[0] ?? issuer, name));
  const own = scope.filter((name) => apisWith(name, catalogue).length === 0);
  return [
    ...own.map((name) => permissionOf(issuer, name)),
    ...resources
      .filter((resource) => resource !== issuer)
      .flatMap((resource) => {
        const listed = findResource(catalogue, resource)?.scopes ?? [];
        const named = scope.filter((name) => listed.includes(name));
        return named.length === 0
          ? [permissionOf(resource, null)]
          : named.map((name) => permissionOf(resource, name));
      }),
  ];
}

/** Whether a scope belongs to a resource. A scope that no API lists belongs to the issuer. */
export function belongsTo(name: string, resource: string, catalogue: Catalogue): boolean {
  const apis = apisWith(name, catalogue);
  return resource === catalogue.issuer ? apis.length === 0 : apis.includes(resource);
}

/** The APIs that list a scope, in the order of the configuration. */
function apisWith(name: string, catalogue: Catalogue): readonly string[] {
  const known = apis.get(catalogue) ?? listApis(catalogue);
  return known.get(name) ?? [];
}

/** Built once for each catalogue, not at each request. */
function listApis(catalogue: Catalogue): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [uri, { scopes }] of Object.entries(catalogue.resources))
    for (const name of scopes) found.set(name, [...(found.get(name) ?? []), uri]);
  apis.set(catalogue, found);
  return found;
}
const apis = new WeakMap<Catalogue, ReadonlyMap<string, readonly string[]>>();
