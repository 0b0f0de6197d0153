/** Permissions in people's words, grouped by the API that they are for. */
import type { Context } from "../context.ts";
import { type Claims, claimsOfScope, wantedInstead } from "../oauth/claims.ts";
import { claimOf, type Permission, resourceOf, scopeOf } from "../oauth/permission.ts";
import { type Catalogue, findResource } from "../oauth/resource_indicator.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import type { PermissionGroup, ShownPermission } from "../pages/permissions.ts";

/** The server's own permissions come first, then each API by its name, in the order of the request. */
export function permissionGroupsOf(
  permissions: readonly Permission[],
  claims: Claims,
  ctx: Context,
): PermissionGroup[] {
  const { catalogue } = ctx;
  const resources = [...new Set([catalogue.issuer, ...permissions.map(resourceOf)])];
  return resources
    .map((resource) => ({
      // An API that is no longer in the configuration is named by its address.
      name:
        resource === catalogue.issuer
          ? null
          : (findResource(catalogue, resource)?.name ?? resource),
      permissions: permissions
        .filter((each) => resourceOf(each) === resource)
        .map((each) => shown(each, claims, ctx)),
    }))
    .filter((group) => group.permissions.length > 0);
}

function shown(permission: Permission, claims: Claims, { catalogue }: Context): ShownPermission {
  const claim = claimOf(permission);
  if (claim !== null) return shownClaim(permission, claim, claims);
  const scope = scopeOf(permission);
  if (scope === null) {
    const name = findResource(catalogue, permission)?.name ?? permission;
    return { permission, scope, description: name, access: null };
  }
  const description = isOpenIdScope(scope) ? null : (catalogue.scopes[scope]?.text ?? null);
  const detail = detailOf(scope, claims, catalogue);
  return {
    permission,
    scope,
    description,
    access: accessOf(scope),
    ...(detail !== "" && { detail }),
  };
}

function shownClaim(permission: Permission, claim: string, claims: Claims): ShownPermission {
  const detail = shownValue([claim], claims);
  const about = { permission, scope: null, claim, description: null, access: "read" } as const;
  return { ...about, ...(detail !== "" && { detail }) };
}

/** The claims whose values are shown beside a scope. */
const DETAILS: Readonly<Record<string, readonly string[]>> = {
  profile: ["name"],
  email: ["email"],
  phone: ["phone_number"],
};

/** The values of a scope's claims that are texts or lists of texts. */
function detailOf(scope: string, claims: Claims, catalogue: Catalogue): string {
  const names = isOpenIdScope(scope) ? (DETAILS[scope] ?? []) : claimsOfScope(scope, catalogue);
  return shownValue(names, claims);
}

const shownValue = (names: readonly string[], claims: Claims): string =>
  names
    .filter((name) => Object.hasOwn(claims, name) && wantedInstead(name, claims[name]) === null)
    .flatMap((name) => claims[name])
    .filter((value) => typeof value === "string" && value !== "")
    .join(", ");

/** Read or change access, by the usual endings of scope names; null for other names. */
function accessOf(name: string): ShownPermission["access"] {
  if (name === "openid" || name === "offline_access") return null;
  if (isOpenIdScope(name) || /[.:_-]read(only)?$/.test(name)) return "read";
  return /[.:_-](write|edit|manage|delete|admin)$/.test(name) ? "change" : null;
}
