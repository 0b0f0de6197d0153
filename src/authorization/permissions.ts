/** Scopes in people's words, grouped by the API that they open (design: pages, “Consent”). */
import type { Context } from "../context.ts";
import type { Claims } from "../oauth/claims.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import type { Permission, PermissionGroup } from "../pages/permissions.ts";

export function permissionGroupsOf(
  scope: readonly string[],
  claims: Claims,
  { catalogue }: Context,
): PermissionGroup[] {
  const taken = new Set<string>();
  const groups = Object.values(catalogue.resources).map((resource) => ({
    name: resource.name,
    permissions: scope
      .filter((name) => resource.scopes.includes(name) && !taken.has(name) && taken.add(name))
      .map(describe),
  }));
  const own = scope.filter((name) => !taken.has(name)).map(describe);
  return [{ name: null, permissions: own }, ...groups].filter((g) => g.permissions.length > 0);

  function describe(name: string): Permission {
    const description = isOpenIdScope(name) ? null : (catalogue.scopes[name] ?? null);
    const detail = DETAILS[name] && claims[DETAILS[name]];
    return {
      scope: name,
      description,
      access: accessOf(name),
      ...(typeof detail === "string" && detail !== "" && { detail }),
    };
  }
}

/** The claim that shows a person what a scope comes to for them. */
const DETAILS: Readonly<Record<string, string>> = {
  profile: "name",
  email: "email",
  phone: "phone_number",
};

/** By the usual ending of a scope's name; otherwise nothing is claimed about it. */
function accessOf(name: string): Permission["access"] {
  if (name === "openid" || name === "offline_access") return null;
  if (isOpenIdScope(name) || /[.:_-]read(only)?$/.test(name)) return "read";
  return /[.:_-](write|edit|manage|delete|admin)$/.test(name) ? "change" : null;
}
