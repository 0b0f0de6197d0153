/** Permissions in the operator's words, grouped by API. */
import { foreign } from "./foreign.ts";
import type { Html } from "./html.ts";
import { fill, isTextKey, type TextKey } from "./texts.ts";
import type { View } from "./view.ts";

export interface ShownPermission {
  /** The pair of resource and scope: the value of the tick box. */
  readonly permission: string;
  /** Null: the API itself, without any of its scopes, or a claim. */
  readonly scope: string | null;
  /** The claim that the app asked for by its name. */
  readonly claim?: string;
  /** The operator's words, or the name of the API itself; null for the built-in ones, whose words are in the catalogue. */
  readonly description: string | null;
  /** Whether it lets the app look or change something; null where that is not known. */
  readonly access: "read" | "change" | null;
  /** The person's own value, such as their email address. */
  readonly detail?: string;
}

export interface PermissionGroup<P extends ShownPermission = ShownPermission> {
  /** The name of the API; null: the person's account here. */
  readonly name: string | null;
  readonly permissions: readonly P[];
}

const built_in: Readonly<Record<string, TextKey>> = {
  openid: "scope_openid",
  profile: "scope_profile",
  email: "scope_email",
  address: "scope_address",
  phone: "scope_phone",
  offline_access: "scope_offline_access",
};

/**
 * The words for a permission. A permission without words, an oversight of the operator, is shown by its registered
 * name.
 */
export function describePermission(permission: ShownPermission, view: View): Html {
  const { texts } = view.language;
  const { claim } = permission;
  if (claim !== undefined) return describeClaim(claim, view);
  if (permission.scope === null)
    return fill(texts.permission_api, { api: foreign(permission.description ?? "", 100) });
  const key = Object.hasOwn(built_in, permission.scope) ? built_in[permission.scope] : undefined;
  const words = permission.description ?? (key ? texts[key] : permission.scope);
  return foreign(words, 200);
}

/** The words for a claim. One of the configuration has no words of its own, and is shown by its name. */
function describeClaim(claim: string, { language: { texts } }: View): Html {
  const key = `claim_${claim}`;
  return isTextKey(key)
    ? fill(texts[key], {})
    : fill(texts.permission_claim, { claim: foreign(claim, 100) });
}
