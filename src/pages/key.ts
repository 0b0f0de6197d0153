/** Permissions drawn as a key, with one cut for each: short to see, long to change. */
import { foreign } from "./foreign.ts";
import { attributes, type Content, type Html, html } from "./html.ts";
import { describePermission, type PermissionGroup, type ShownPermission } from "./permissions.ts";
import { plural } from "./plural.ts";
import { fill } from "./texts.ts";
import type { View } from "./view.ts";

export interface Key<P extends ShownPermission> {
  /** For the heading's `id`: unique on the page. */
  readonly id: string;
  readonly heading: Content;
  /** Below the list. */
  readonly hint?: string | undefined;
  readonly groups: readonly PermissionGroup<P>[];
  /** The box to untick a permission; null where that is not possible. Left out: nothing can be unticked. */
  box?(permission: P): Html | null;
}

/** Up to here each line names its API itself; from there on the APIs have headings, and the cuts are counted. */
const FEW = 4;

export function key<P extends ShownPermission>(
  { id, heading, hint, groups, box }: Key<P>,
  view: View,
): Html {
  const filled = inOrder(groups);
  const all = filled.flatMap((group) => group.permissions);
  const many = all.length > FEW;
  const rows = (group: PermissionGroup<P>) =>
    group.permissions.map((each) => row(each, { group, many, box: box?.(each) ?? null }, view));
  const list = (group: PermissionGroup<P>) =>
    html`${filled.length > 1 && groupName(group, view)}
<ul role="list">${rows(group)}</ul>`;
  // A screen reader announces a list, so short ones of several APIs are one list.
  const lists = many ? filled.map(list) : html`<ul role="list">${filled.map(rows)}</ul>`;
  return html`<section class="key" aria-labelledby="${id}"><div class="head"><h2 id="${id}">${heading}</h2>${legend(all, view)}</div>
${lists}
${hint !== undefined && html`<p class="hint">${hint}</p>`}</section>`;
}

/** Changes come first, and the account here last: the end of a long list may be below the window. */
function inOrder<P extends ShownPermission>(groups: readonly PermissionGroup<P>[]) {
  const isChange = ({ access }: ShownPermission) => access === "change";
  return groups
    .filter(({ permissions }) => permissions.length > 0)
    .map((group) => ({
      ...group,
      permissions: [
        ...group.permissions.filter(isChange),
        ...group.permissions.filter((each) => !isChange(each)),
      ],
    }))
    .sort((a, b) => weight(a) - weight(b));
}

const weight = ({ name, permissions }: PermissionGroup): number =>
  permissions.some(({ access }) => access === "change") ? 0 : name === null ? 2 : 1;

const groupName = ({ name }: PermissionGroup, { language }: View): Html =>
  html`<h3>${name === null ? language.texts.your_account : foreign(name)}</h3>`;

function row(
  permission: ShownPermission,
  { group, many, box }: { group: PermissionGroup; many: boolean; box: Html | null },
  view: View,
): Html {
  const { texts } = view.language;
  const change = permission.access === "change";
  const in_api = !many && group.name !== null && fill(texts.in_api, { api: foreign(group.name) });
  const below = detailOf(permission, view) ?? in_api;
  const words = html`<span class="words">${describePermission(permission, view)}${change && html`<span class="see-not"> (${texts.can_change})</span>`}${below && html`<small>${below}</small>`}</span>`;
  const line = box ? html`<label>${words}${box}</label>` : html`<div>${words}</div>`;
  return html`<li${attributes({ class: change ? "long" : null })}>${line}</li>`;
}

function detailOf({ scope, detail }: ShownPermission, { language }: View): Content {
  if (detail !== undefined) return foreign(detail, 120);
  return scope === "openid" ? language.texts.scope_openid_detail : null;
}

/** Counts both kinds of cuts, so that nobody misses those below the edge of the window. */
function legend(all: readonly ShownPermission[], view: View): Content {
  const { see, change } = countCuts(all);
  if (change === 0 && all.length <= FEW) return null;
  return html`<p class="legend">${see > 0 && html`<span>${plural("legend_see", see, view)}</span>`}${change > 0 && html`<span class="long">${plural("legend_change", change, view)}</span>`}</p>`;
}

/** What an app can do, in a few words: "sees 2 things, changes 1". */
export function cutsInWords(all: readonly ShownPermission[], view: View): Content {
  const { see, change } = countCuts(all);
  const parts = [
    see > 0 && plural("sees", see, view),
    change > 0 && plural("changes_things", change, view),
  ];
  return parts.filter((part) => part !== false).join(", ");
}

function countCuts(all: readonly ShownPermission[]): { see: number; change: number } {
  const change = all.filter(({ access }) => access === "change").length;
  return { see: all.length - change, change };
}
