/** A session in a list: the browser, its network, since when, and the button that ends it. */
import { ago, day } from "../dates.ts";
import { form } from "../form.ts";
import { type Html, html } from "../html.ts";
import { icons } from "../icons.ts";
import { fill, fillText } from "../texts.ts";
import type { FormTarget, View } from "../view.ts";
import { describeBrowser } from "./browser.ts";

export interface SessionView {
  /** Names the session in the form; never the cookie's value. */
  readonly id: string;
  readonly this_one: boolean;
  readonly user_agent: string | null;
  /** Where the person was last seen, such as `203.0.113.0/24`; null when it is unknown. */
  readonly network: string | null;
  readonly since: number;
  readonly last_seen: number;
}

/** A network, which breaks before the length of its prefix, and nowhere else. */
export const networkText = (network: string): Html => {
  const [address = "", length] = network.split("/");
  return html`<bdi dir="ltr">${address}${length !== undefined && html`<wbr>/${length}`}</bdi>`;
};

/** @param target of the form that ends it */
export function sessionRow(session: SessionView, target: FormTarget, view: View): Html {
  const { texts } = view.language;
  const { browser, system } = describeBrowser(session.user_agent ?? "");
  const name =
    browser && system
      ? fillText(texts.session_browser_on, { browser, system })
      : (browser ?? system ?? texts.session_unknown);
  const network =
    session.network &&
    html`${fill(texts.session_network, { network: networkText(session.network) })}. `;
  const since = fill(texts.session_since, { time: day(session.since, view) });
  const seen = session.this_one
    ? texts.session_now
    : fill(texts.session_last_seen, { time: ago(session.last_seen, view) });
  const end = html`<button aria-label="${fillText(texts.session_sign_out_label, { browser: name })}">${texts.session_sign_out}</button>`;
  const icon = ["iPhone", "Android"].includes(system ?? "") ? icons.phone : icons.computer;
  return html`<li><div class="row">${icon}<p class="words"><strong>${name}</strong><small>${network}${since}, ${seen}</small></p>
${session.this_one ? html`<span class="tag">${texts.session_this}</span>` : form(target, end)}</div></li>`;
}
