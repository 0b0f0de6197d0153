import { type AppIdentity, appHost, appName, appTile } from "../app.ts";
import { day } from "../dates.ts";
import { note } from "../form.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import type { Look, Page } from "../look.ts";
import { fill } from "../texts.ts";
import { type AccountFrame, emptyState, shell } from "./shell.ts";

export interface YourAppsProps {
  readonly frame: AccountFrame;
  readonly apps: readonly YourApp[];
  /** The name of the app that was just removed. */
  readonly removed?: string | null;
}

export interface YourApp extends AppIdentity {
  readonly client_id: string;
  readonly created_at: number;
}

/** The apps that this person has registered, each leading to its own page. */
export function yourAppsPage({ frame, apps, removed }: YourAppsProps, look: Look): Page {
  const { texts } = look.language;
  const register = html`<a class="button main" href="${look.paths.register_app}">${texts.your_apps_register}</a>`;
  const content = html`<div class="title-row"><h1>${texts.your_apps}</h1>${apps.length > 0 && register}</div>
${removed && note("done", fill(texts.your_apps_removed, { app: appName({ name: removed }, look) }))}
${
  apps.length === 0
    ? emptyState(icons.apps, texts.your_apps_empty, texts.your_apps_empty_hint, register)
    : html`<p class="lead">${texts.your_apps_lead}</p>
<ul class="rows" role="list">${apps.map((app) => row(app, look))}</ul>`
}`;
  return { title: texts.your_apps, body: shell(frame, "your_apps", content, look) };
}

function row(app: YourApp, look: Look): Html {
  const { texts } = look.language;
  return html`<li class="row"><a class="row-link" href="${look.paths.yourApp(app.client_id)}">${appTile(app, look)}
<span class="card-name">${appName(app, look)}<span class="host">${appHost(app, look)}</span>
<span class="row-when">${fill(texts.your_apps_created, { time: day(app.created_at, look) })}</span></span>${icons.chevron}</a></li>`;
}
