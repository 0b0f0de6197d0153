import { type AppIdentity, appName, plainAppName } from "../app.ts";
import { form } from "../form.ts";
import { html } from "../html.ts";
import { asker } from "../layout.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, intent, shell } from "./shell.ts";

export interface RemoveAppProps {
  readonly frame: AccountFrame;
  readonly app: AppIdentity & { readonly client_id: string };
}

/** Asks before an app is removed. Posts `intent=remove` and `app` to your apps. */
export function removeAppPage({ frame, app }: RemoveAppProps, view: View): Page {
  const { texts } = view.language;
  const name = appName(app, view);
  const target = intent(frame, view.paths.your_apps, { intent: "remove", app: app.client_id });
  const content = html`<div class="card">${asker(app, fill(texts.remove_heading, { app: name }), view)}
<div class="stack"><p>${texts.remove_lead}</p>
${form(
  target,
  html`<p class="acts"><button class="danger"><span>${fill(texts.remove_button, { app: name })}</span></button><a class="button" href="${view.paths.yourApp(app.client_id)}">${texts.keep_button}</a></p>`,
)}</div></div>`;
  const title = fillText(texts.remove_heading, { app: plainAppName(app, view) });
  return { title, body: shell(frame, "your_apps", content, view) };
}
