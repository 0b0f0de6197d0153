import { type AppIdentity, appName, plainAppName } from "../app.ts";
import { form } from "../form.ts";
import { html } from "../html.ts";
import { asker } from "../layout.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, intent, shell } from "./shell.ts";

export interface DisconnectProps {
  readonly frame: AccountFrame;
  readonly app: AppIdentity & { readonly client_id: string };
}

/** Asks before the access of an app is removed. Posts `intent=remove` and `client_id` to the account. */
export function disconnectPage({ frame, app }: DisconnectProps, view: View): Page {
  const { texts } = view.language;
  const { client_id } = app;
  const name = appName(app, view);
  const target = intent(frame, view.paths.connected_apps, { intent: "remove", client_id });
  const content = html`<div class="card">${asker(app, fill(texts.disconnect_heading, { app: name }), view)}
<div class="stack"><p>${fill(texts.disconnect_lead, { app: name })}</p>
${form(
  target,
  html`<p class="acts"><button class="danger">${texts.disconnect_button}</button><a class="button" href="${view.paths.connected_apps}">${texts.keep_button}</a></p>`,
)}</div></div>`;
  const title = fillText(texts.disconnect_heading, { app: plainAppName(app, view) });
  return { title, body: shell(frame, "connected_apps", content, view) };
}
