import { appName, plainAppName } from "../app.ts";
import { moment } from "../dates.ts";
import { note } from "../form.ts";
import { html } from "../html.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AppConnection, connectionDetails, envBlock } from "./connection.ts";
import { type AccountFrame, shell } from "./shell.ts";

export interface AppSecretProps {
  readonly frame: AccountFrame;
  readonly app: { readonly name: string; readonly client_id: string };
  readonly reason: "registered" | "new_secret";
  /** Holds the secret, which is shown only once. */
  readonly connection: AppConnection;
  /** With a new secret: the time until which the old one works; null: it has stopped. */
  readonly old_secret_until?: number | null;
}

/**
 * The next step after an app is registered, or has a new secret: first the values to keep, then a program, and at the
 * end the way on. The page that shows a secret is never shown again.
 */
export function appSecretPage(props: AppSecretProps, view: View): Page {
  const { texts } = view.language;
  const { app, connection, reason } = props;
  const heading = reason === "registered" ? texts.registered_heading : texts.new_secret_heading;
  const has_secret = connection.client_secret !== null;
  const content = html`<div class="narrow wide"><h1>${fill(heading, { app: appName(app, view) })}</h1>
<section><h2>${has_secret ? texts.keep_secret : texts.keep_values}</h2>
${has_secret ? note("warning", texts.secret_once) : html`<p>${texts.no_secret}</p>`}
${reason === "new_secret" && html`<p>${oldSecret(props, view)}</p>`}
${envBlock(connection, view, { main: true })}</section>
${connectionDetails(connection, view)}
<p class="actions"><a class="button" href="${view.paths.yourApp(app.client_id)}">${has_secret ? texts.secret_kept : texts.to_the_app}</a></p></div>`;
  const title = fillText(heading, { app: plainAppName(app, view) });
  return { title, body: shell(props.frame, "your_apps", content, view) };
}

function oldSecret({ old_secret_until }: AppSecretProps, view: View) {
  const { texts } = view.language;
  return old_secret_until
    ? fill(texts.old_secret_until, { time: moment(old_secret_until, view) })
    : texts.old_secret_gone;
}
