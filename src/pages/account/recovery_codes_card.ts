import { day } from "../dates.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill } from "../texts.ts";
import type { View } from "../view.ts";
import { card } from "./shell.ts";

export interface RecoveryCodesLeft {
  readonly left: number;
  /** Of how many. */
  readonly most: number;
  /** Null: there are none. */
  readonly created_at: number | null;
}

/** The recovery codes on the page about security. @param codes null: they are not offered */
export function recoveryCodesCard(codes: RecoveryCodesLeft | null, view: View): Html | null {
  if (codes === null) return null;
  const { texts } = view.language;
  const label = codes.created_at === null ? texts.recovery_make : texts.recovery_make_new;
  const action = html`<a class="button" href="${view.paths.recovery_codes}">${label}</a>`;
  const heading = texts.recovery_section;
  return card(
    { id: "recovery-codes", heading, hint: texts.recovery_hint, action },
    html`<ul role="list">${recoveryCodesRow(codes, view)}</ul>`,
  );
}

/** How many are left. */
export function recoveryCodesRow({ left, most, created_at }: RecoveryCodesLeft, view: View): Html {
  const { texts } = view.language;
  const words =
    created_at === null
      ? html`<strong>${texts.recovery_none}</strong>`
      : html`<strong>${fill(texts.recovery_left, { count: String(left), most: String(most) })}</strong><small>${fill(texts.recovery_made_on, { time: day(created_at, view) })}</small>`;
  return html`<li><div class="row">${icons.lines}<p class="words">${words}</p></div></li>`;
}
