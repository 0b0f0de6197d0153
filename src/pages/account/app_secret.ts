import { appName, plainAppName } from "../app.ts";
import { moment } from "../dates.ts";
import { html } from "../html.ts";
import { fill, fillText } from "../texts.ts";
import type { Page, View } from "../view.ts";
import { type AppConnection, connectionCards, envCard } from "./connection.ts";
import { type AccountFrame, shell, title } from "./shell.ts";

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
  const keep = has_secret ? texts.keep_secret : texts.keep_values;
  const hint = has_secret ? texts.secret_once : texts.no_secret;
  const content = html`${title(fill(heading, { app: appName(app, view) }), reason === "new_secret" && oldSecret(props, view))}
${envCard(connection, { heading: keep, hint, main: true }, view)}
${connectionCards(connection, view)}
<p class="acts"><a class="button" href="${view.paths.yourApp(app.client_id)}">${has_secret ? texts.secret_kept : texts.to_the_app}</a></p>`;
  const plain = fillText(heading, { app: plainAppName(app, view) });
  const body = shell(props.frame, "your_apps", content, view);
  return { title: plain, body, shown_once: true };
}

function oldSecret({ old_secret_until }: AppSecretProps, view: View) {
  const { texts } = view.language;
  return old_secret_until
    ? fill(texts.old_secret_until, { time: moment(old_secret_until, view) })
    : texts.old_secret_gone;
}
