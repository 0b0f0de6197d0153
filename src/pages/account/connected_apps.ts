import { type AppIdentity, appHost, appName, appTile, plainAppName } from "../app.ts";
import { ago, day } from "../dates.ts";
import { form, note } from "../form.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { type PermissionGroup, permissionGroups, permissionText } from "../permissions.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, emptyState, intent, moreLink, shell } from "./shell.ts";

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
}

/** The apps that a person has allowed something. Posts `intent=remove` and `client_id` to the account. */
export function connectedAppsPage(props: ConnectedAppsProps, view: View): Page {
  const { texts } = view.language;
  const { frame, apps, next, removed, problem } = props;
  const content = html`<h1>${texts.connected_apps}</h1>
${problem && note("problem", texts[problem])}
${
  removed &&
  note(
    "done",
    html`<p>${fill(texts.connected_removed, { app: appName({ name: removed }, view) })}</p><p>${texts.connected_removed_hint}</p>`,
  )
}
${
  apps.length === 0
    ? emptyState(icons.apps, texts.connected_empty, texts.connected_empty_hint)
    : html`<p class="lead">${texts.connected_lead}</p>
<ul class="cards" role="list">${apps.map((app) => card(app, frame, view))}</ul>`
}
${next && moreLink(view.paths.moreConnected(next), view)}`;
  return { title: texts.connected_apps, body: shell(frame, "connected_apps", content, view) };
}

function card(app: ConnectedApp, frame: AccountFrame, view: View): Html {
  const { texts } = view.language;
  const name = plainAppName(app, view);
  const used =
    app.last_used === null
      ? html`${texts.connected_never_used}`
      : fill(texts.connected_last_used, { time: ago(app.last_used, view) });
  const remove = intent(frame, view.paths.connected_apps, {
    intent: "remove",
    client_id: app.client_id,
  });
  return html`<li class="card">
<div class="card-top">${appTile(app, view)}
<div class="card-name"><h2>${appName(app, view)}</h2><p class="host">${appHost(app, view)}</p></div></div>
<div class="card-what">${permissionGroups(app.groups, view, (permission) => html`<li class="line">${icons.check}${permissionText(permission, view)}</li>`)}</div>
<div class="card-foot"><p>${fill(texts.connected_since, { time: day(app.since, view) })} · ${used}</p>
${form(remove, html`<button class="danger small" aria-label="${fillText(texts.connected_remove_app, { app: name })}">${texts.connected_remove}</button>`)}</div>
</li>`;
}
