import { type Html, html } from "./html.ts";
import type { Look } from "./look.ts";

/** Something to take along letter by letter. The button appears where the script can copy. */
export function copyable(id: string, value: string, look: Look): Html {
  const { texts } = look.language;
  return html`<span class="copyable"><code id="${id}">${value}</code><button type="button" data-copy="${id}" data-copied="${texts.copied}" hidden>${texts.copy}</button></span>`;
}
