import { type AppIdentity, appHost, appName, appTile } from "../app.ts";
import { ago, day } from "../dates.ts";
import { note } from "../form.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { cutsInWords, key } from "../key.ts";
import { smallKey } from "../mark.ts";
import type { PermissionGroup } from "../permissions.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, emptyState, moreLink, shell, title } from "./shell.ts";

export interface ConnectedAppsProps {
  readonly frame: AccountFrame;
  readonly apps: readonly ConnectedApp[];
  /** The start of the next page of the list. */
  readonly next?: string | null;
  /** The name of the app that was just removed. */
  readonly removed?: string | null;
  readonly problem?: "form_expired" | "busy" | null;
}

export interface ConnectedApp extends AppIdentity {
  readonly client_id: string;
  readonly groups: readonly PermissionGroup[];
  /** When the person first allowed it. */
  readonly since: number;
  readonly last_used: number | null;
  /** Where a sign-in at the app begins; null: it named no address for that. */
  readonly start: string | null;
}

/** The apps that a person has allowed something. Each row opens to its key, and leads to the page that removes it. */
export function connectedAppsPage(props: ConnectedAppsProps, view: View): Page {
  const { texts } = view.language;
  const { frame, apps, next, removed, problem } = props;
  const content = html`${title(texts.connected_apps, apps.length > 0 && texts.connected_lead)}
${problem && note("problem", texts[problem])}
${
  removed &&
  note(
    "done",
    html`<p><strong>${fill(texts.connected_removed, { app: appName({ name: removed }, view) })}</strong> ${texts.connected_removed_hint}</p>`,
  )
}
${
  apps.length === 0
    ? emptyState(
        removed ? texts.connected_empty_now : texts.connected_empty,
        texts.connected_empty_hint,
      )
    : html`<div class="card"><ul role="list">${apps.map((app, index) => row(app, index, view))}</ul></div>`
}
${next && moreLink(view.paths.moreConnected(next), view)}`;
  return { title: texts.connected_apps, body: shell(frame, "connected_apps", content, view) };
}

function row(app: ConnectedApp, index: number, view: View): Html {
  const { texts } = view.language;
  const used =
    app.last_used === null
      ? html`${texts.connected_never_used}`
      : fill(texts.connected_last_used, { time: ago(app.last_used, view) });
  const all = app.groups.flatMap(({ permissions }) => permissions);
  const heading = fill(texts.connected_can, { app: appName(app, view) });
  return html`<li><details><summary class="row">${appTile(app, view, { small: true })}<span class="words">${appName(app, view)}<small>${appHost(app, view)}</small></span><span class="has">${smallKey(all)}<small class="far">${cutsInWords(all, view)}</small></span><span class="words far hint">${used}</span>${icons.go}</summary>
<div class="inside">${key({ id: `key-${index + 1}`, heading, groups: app.groups }, view)}
<div class="head"><p class="hint">${fill(texts.connected_since, { time: day(app.since, view) })}. ${used}.</p>${openLink(app, view)}<a class="button danger" href="${view.paths.disconnect(app.client_id)}">${texts.connected_remove}</a></div></div></details></li>`;
}

const openLink = ({ start }: ConnectedApp, view: View): Html | null =>
  start === null
    ? null
    : html`<a class="button" href="${start}">${view.language.texts.connected_open}</a>`;
