/** Lists permissions, one line each, in the operator's words, grouped by API. */
import { foreign } from "./foreign.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { icons } from "./icons.ts";
import { fill, type TextKey } from "./texts.ts";
import type { View } from "./view.ts";

export interface ShownPermission {
  /** The pair of resource and scope: the value of the tick box. */
  readonly permission: string;
  /** Null: the API itself, without any of its scopes. */
  readonly scope: string | null;
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
  if (permission.scope === null)
    return fill(texts.permission_api, { api: foreign(permission.description ?? "", 100) });
  const key = Object.hasOwn(built_in, permission.scope) ? built_in[permission.scope] : undefined;
  const words = permission.description ?? (key ? texts[key] : permission.scope);
  return foreign(words, 200);
}

/** Text of one line: the words, the person's own value, and a mark for read or change access. */
export function permissionText(permission: ShownPermission, view: View): Html {
  const { texts } = view.language;
  const detail =
    permission.detail !== undefined &&
    html` <span class="detail">${foreign(permission.detail, 120)}</span>`;
  return html`<span class="words">${describePermission(permission, view)}${detail}</span>${accessMark(permission, texts)}`;
}

function accessMark({ access }: ShownPermission, texts: View["language"]["texts"]): Content {
  if (access === null) return null;
  const [icon, word] = access === "change" ? [icons.pen, texts.changes] : [icons.eye, texts.reads];
  return html`<span class="mark mark-${access}">${icon}<span>${word}</span></span>`;
}

/** Groups with a heading each; a single group without a name of its own needs none. */
export function permissionGroups<P extends ShownPermission>(
  groups: readonly PermissionGroup<P>[],
  view: View,
  line: (permission: P) => Html,
): Html {
  const filled = groups.filter((group) => group.permissions.length > 0);
  return html`${filled.map((group) => {
    const name =
      group.name === null ? html`${view.language.texts.your_account}` : foreign(group.name);
    const heading = filled.length > 1 || group.name !== null;
    return html`<div class="group">
${heading && html`<h3 class="group-name">${name}</h3>`}
<ul class="permissions"${attributes({ role: "list" })}>${group.permissions.map(line)}</ul>
</div>`;
  })}`;
}
