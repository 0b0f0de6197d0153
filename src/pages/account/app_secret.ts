import { appName, plainAppName } from "../app.ts";
import { copyable } from "../copyable.ts";
import { moment } from "../dates.ts";
import { note } from "../form.ts";
import { html } from "../html.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AccountFrame, shell } from "./shell.ts";

export interface AppSecretProps {
  readonly frame: AccountFrame;
  readonly app: { readonly name: string; readonly client_id: string };
  readonly reason: "registered" | "new_secret";
  /** Shown only once; null for an app without a secret. */
  readonly client_secret: string | null;
  /** With a new secret: the time until which the old one works; null: it has stopped. */
  readonly old_secret_until?: number | null;
}

/** Client ID and secret, each to be copied. The page that shows a secret is never shown again. */
export function appSecretPage(props: AppSecretProps, view: View): Page {
  const { texts } = view.language;
  const { app, client_secret, reason } = props;
  const heading = reason === "registered" ? texts.registered_heading : texts.new_secret_heading;
  const content = html`<div class="narrow"><h1>${fill(heading, { app: appName(app, view) })}</h1>
<dl class="credentials">
<div><dt>${texts.client_id}</dt><dd>${copyable("client-id", app.client_id, view)}</dd></div>
${
  client_secret !== null &&
  html`<div><dt>${texts.client_secret}</dt><dd>${copyable("client-secret", client_secret, view)}</dd></div>`
}
</dl>
${client_secret === null ? html`<p>${texts.no_secret}</p>` : note("warning", texts.secret_once)}
${reason === "new_secret" && html`<p>${oldSecret(props, view)}</p>`}
<p class="actions"><a class="button main" href="${view.paths.your_apps}">${texts.to_your_apps}</a></p></div>`;
  const title = fillText(heading, { app: plainAppName(app, view) });
  return { title, body: shell(props.frame, "your_apps", content, view) };
}

function oldSecret({ old_secret_until }: AppSecretProps, view: View) {
  const { texts } = view.language;
  return old_secret_until
    ? fill(texts.old_secret_until, { time: moment(old_secret_until, view) })
    : texts.old_secret_gone;
}
