import { copyable, copyButton } from "../copyable.ts";
import { type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill } from "../texts.ts";
import type { View } from "../view.ts";
import { card } from "./shell.ts";

/**
 * `web` keeps a secret on its server. The others are in people's hands and have none; a `device` shows a code that
 * people enter on another screen (RFC 8628).
 */
export type AppKind = "web" | "browser" | "native" | "device";

/** The values that a library needs to use this server for an app. */
export interface AppConnection {
  readonly issuer: string;
  /** The address of the metadata (OpenID Connect Discovery §4). */
  readonly discovery: string;
  readonly client_id: string;
  /** Null: the app has none, or it can't be shown any more. */
  readonly client_secret: string | null;
  /** The scopes that the app may ask for, separated by spaces. */
  readonly scope: string;
  readonly redirect_uris: readonly string[];
  /** Lines of a `.env` file. */
  readonly env: string;
  /** A program with the library `openid-client`; null: there is none for such redirect URIs. */
  readonly snippet: string | null;
}

/** The `.env` block, with one button that copies all of it. @param main whether that is the main action of the page */
export function envCard(
  { env }: AppConnection,
  { heading, hint, main }: { heading: string; hint?: Content; main: boolean },
  view: View,
): Html {
  const action = copyButton("env", view.language.texts.copy_all, view, { main });
  return card(
    { id: "env-card", heading, action, ...(hint && { hint }) },
    html`<pre dir="ltr"><code id="env">${env}</code></pre>`,
  );
}

/** The program, and the values one by one. */
export function connectionCards(connection: AppConnection, view: View): Html {
  const { texts } = view.language;
  const { snippet, client_secret } = connection;
  const facts: readonly (readonly [string, string, string])[] = [
    ["issuer", texts.connection_issuer, connection.issuer],
    ["discovery", texts.connection_discovery, connection.discovery],
    ["client-id", texts.client_id, connection.client_id],
    ...(client_secret === null
      ? []
      : [["client-secret", texts.client_secret, client_secret] as const]),
    ["scope", texts.connection_scopes, connection.scope],
    ...connection.redirect_uris.map(
      (uri, index) => [`redirect-uri-${index + 1}`, texts.connection_redirect_uri, uri] as const,
    ),
  ];
  const library = html`<code>openid-client</code>`;
  const hint = fill(texts.connection_tell_app_hint, { library });
  const action = copyButton("snippet", texts.copy_code, view);
  return html`${
    snippet !== null &&
    card(
      { id: "snippet-card", heading: texts.connection_tell_app, hint, action },
      html`<pre class="code-lines" tabindex="0" dir="ltr"><code id="snippet">${snippet}</code></pre>`,
    )
  }
<details class="card"><summary class="row"><strong class="words">${texts.connection_one_by_one}</strong>${icons.go}</summary>
<dl class="facts">${facts.map(
    ([id, label, value]) => html`<div><dt>${label}</dt><dd>${copyable(id, value, view)}</dd></div>`,
  )}</dl></details>`;
}
