import { type AppIdentity, appHost, appName, appTile } from "../app.ts";
import { day } from "../dates.ts";
import { note } from "../form.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, card, emptyState, moreLink, shell, title } from "./shell.ts";

export interface YourAppsProps {
  readonly frame: AccountFrame;
  readonly apps: readonly YourApp[];
  /** The name of the app that was just removed. */
  readonly removed?: string | null;
  /** For administrators: a page of the apps that operators added. `next`: the start of the next page. */
  readonly of_operators?: {
    readonly apps: readonly OperatorsApp[];
    readonly next: string | null;
  } | null;
}

export interface YourApp extends AppIdentity {
  readonly client_id: string;
  readonly created_at: number;
}

export interface OperatorsApp extends YourApp {
  readonly disabled: boolean;
}

/** The apps that this person has registered, each leading to its own page. */
export function yourAppsPage(props: YourAppsProps, view: View): Page {
  const { frame, apps, removed, of_operators } = props;
  const { texts } = view.language;
  const register = html`<a class="button main" href="${view.paths.register_app}">${texts.your_apps_register}</a>`;
  const content = html`<div class="head">${title(texts.your_apps, apps.length > 0 && texts.your_apps_lead)}${apps.length > 0 && register}</div>
${removed && note("done", fill(texts.your_apps_removed, { app: appName({ name: removed }, view) }))}
${
  apps.length === 0
    ? emptyState(
        texts.your_apps_empty,
        texts.your_apps_empty_hint,
        html`<p class="acts">${register}</p>`,
      )
    : html`<div class="card"><ul role="list">${apps.map((app) => row(app, view))}</ul></div>`
}
${of_operators && operatorsApps(of_operators, view)}`;
  return { title: texts.your_apps, body: shell(frame, "your_apps", content, view) };
}

/** A list without links, since these apps can't be changed here. */
function operatorsApps(
  { apps, next }: NonNullable<YourAppsProps["of_operators"]>,
  view: View,
): Html | null {
  if (apps.length === 0) return null;
  const { texts } = view.language;
  const list = html`<ul role="list">${apps.map((app) => operatorsRow(app, view))}</ul>`;
  const about = { heading: texts.operators_apps, hint: texts.operators_apps_lead };
  return html`${card({ id: "operators", ...about }, list)}
${next !== null && moreLink(view.paths.moreApps(next), view)}`;
}

function operatorsRow(app: OperatorsApp, view: View): Html {
  const { texts } = view.language;
  return html`<li><div class="row">${appTile(app, view, { small: true })}<span class="words">${appName(app, view)}${app.disabled && html` <span class="tag">${texts.operators_apps_disabled}</span>`}<small>${appHost(app, view)}</small><small><code>${app.client_id}</code></small></span>
<span class="words far hint">${fill(texts.operators_apps_added, { time: day(app.created_at, view) })}</span></div></li>`;
}

function row(app: YourApp, view: View): Html {
  const { texts } = view.language;
  return html`<li><a class="row" href="${view.paths.yourApp(app.client_id)}">${appTile(app, view, { small: true })}<span class="words">${appName(app, view)}<small>${appHost(app, view)}</small></span><span class="words far hint">${fill(texts.your_apps_created, { time: day(app.created_at, view) })}</span>${icons.go}</a></li>`;
}
