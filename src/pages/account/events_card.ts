import { appName } from "../app.ts";
import { moment } from "../dates.ts";
import { foreign } from "../foreign.ts";
import { type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import type { View } from "../view.ts";
import { networkText } from "./session_row.ts";

/** What has happened to an account, as far as its person can understand it. */
export type EventKind =
  | ("signed_in" | "session_ended" | "password_changed")
  | ("passkey_added" | "passkey_removed" | "app_code_added" | "app_code_removed")
  | ("recovery_code_used" | "recovery_codes_renewed")
  | ("consent_given" | "consent_removed" | "access_ended" | "key_reused")
  | ("account_created" | "account_changed" | "account_disabled" | "account_enabled")
  | ("app_registered" | "app_changed" | "app_secret_changed" | "app_removed");

export interface EventView {
  readonly kind: EventKind;
  readonly at: number;
  /** Such as `203.0.113.0/24`; null when it is unknown. */
  readonly network: string | null;
  /** The name of the factor, as the person wrote it. */
  readonly name: string | null;
  readonly app: { readonly name: string } | null;
  /** Whether somebody who runs the server did it. */
  readonly by_operator: boolean;
}

/** The latest events of an account, the newest first. Folded, since it is long. */
export function eventsCard(events: readonly EventView[], view: View): Html | null {
  if (events.length === 0) return null;
  const { texts } = view.language;
  return html`<details class="card"><summary class="row"><span class="words"><strong>${texts.events_section}</strong><small>${texts.events_hint}</small></span>${icons.go}</summary>
<ul role="list">${events.map((event) => row(event, view))}</ul></details>`;
}

function row({ kind, at, network, name, app, by_operator }: EventView, view: View): Html {
  const { texts } = view.language;
  const about: Content[] = [
    name !== null && html`${foreign(name, 60)}. `,
    app && html`${appName(app, view)}. `,
    by_operator && `${texts.event_by_operator} `,
    network !== null && html`${networkText(network)}. `,
  ];
  return html`<li><div class="row">${ICONS[kind]}<p class="words"><strong>${texts[`event_${kind}`]}</strong><small>${about}${moment(at, view)}</small></p></div></li>`;
}

const ICONS: Readonly<Record<EventKind, Html>> = {
  signed_in: icons.computer,
  session_ended: icons.computer,
  password_changed: icons.shield,
  passkey_added: icons.shield,
  passkey_removed: icons.shield,
  app_code_added: icons.phone,
  app_code_removed: icons.phone,
  recovery_code_used: icons.lines,
  recovery_codes_renewed: icons.lines,
  consent_given: icons.apps,
  consent_removed: icons.apps,
  access_ended: icons.apps,
  key_reused: icons.warning,
  account_created: icons.info,
  account_changed: icons.info,
  account_disabled: icons.warning,
  account_enabled: icons.check,
  app_registered: icons.code,
  app_changed: icons.code,
  app_secret_changed: icons.code,
  app_removed: icons.code,
};
