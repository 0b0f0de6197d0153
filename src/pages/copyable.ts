import { type Html, html } from "./html.ts";
import type { View } from "./view.ts";

/** A value to copy exactly. The button appears where the script can copy. */
export function copyable(id: string, value: string, view: View): Html {
  const { texts } = view.language;
  return html`<span class="copyable"><code id="${id}">${value}</code><button type="button" data-copy="${id}" data-copied="${texts.copied}" hidden>${texts.copy}</button></span>`;
}
