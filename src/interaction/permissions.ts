/** Scopes in people's words, grouped by the API that they open (design: pages, “Consent”). */
import type { Context } from "../context.ts";
import { isOpenIdScope } from "../oauth/scope.ts";
import type { Permission, PermissionGroup } from "../pages/permissions.ts";

export function permissionGroupsOf(
  scope: readonly string[],
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
    return { scope: name, description, access: accessOf(name) };
  }
}

/** By the usual ending of a scope's name; otherwise nothing is claimed about it. */
function accessOf(name: string): Permission["access"] {
  if (isOpenIdScope(name) || /[.:_-]read(only)?$/.test(name)) return "read";
  return /[.:_-](write|edit|manage|delete|admin)$/.test(name) ? "change" : null;
}
