import { ago, day } from "../dates.ts";
import { foreign } from "../foreign.ts";
import { type Content, type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill } from "../texts.ts";
import type { View } from "../view.ts";

/** An authenticator app of the person. */
export interface AppCodeView {
  readonly totp_id: string;
  /** As the person wrote it. */
  readonly name: string;
  readonly created_at: number;
  readonly used_at: number | null;
}

/** An authenticator app in a list. @param action at the end of the row */
export function appCodeRow(
  { name, created_at, used_at }: AppCodeView,
  action: Content,
  view: View,
): Html {
  const { texts } = view.language;
  const added = fill(texts.factor_added_on, { time: day(created_at, view) });
  const used =
    used_at === null
      ? texts.factor_never_used
      : fill(texts.factor_used_on, { time: ago(used_at, view) });
  return html`<li><div class="row">${icons.phone}<p class="words"><strong>${foreign(name, 60)}</strong><small>${added}. ${used}.</small></p>${action}</div></li>`;
}
