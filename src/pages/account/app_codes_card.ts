import { type Html, html } from "../html.ts";
import type { View } from "../view.ts";
import { type AppCodeView, appCodeRow } from "./app_code_row.ts";
import { card } from "./shell.ts";

/** The authenticator apps on the page about security. @param apps null: such codes are not offered */
export function appCodesCard(apps: readonly AppCodeView[] | null, view: View): Html | null {
  if (apps === null) return null;
  const { texts } = view.language;
  const label = apps.length === 0 ? texts.app_codes_add : texts.app_codes_change;
  const action = html`<a class="button" href="${view.paths.app_codes}">${label}</a>`;
  const heading = texts.app_codes_section;
  return card(
    { id: "app-codes", heading, hint: texts.app_codes_hint, action },
    apps.length > 0 && html`<ul role="list">${apps.map((app) => appCodeRow(app, null, view))}</ul>`,
  );
}
