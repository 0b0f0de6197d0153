import { attributes, type Html, html } from "./html.ts";
import type { View } from "./view.ts";

/** A value to copy exactly. The button appears where the script can copy. */
export function copyable(id: string, value: string, view: View): Html {
  const { copy } = view.language.texts;
  return html`<code id="${id}" class="any">${value}</code>${copyButton(id, copy, view)}`;
}

/** Copies the text of the element with this id. Without script it is not shown: the text can be selected. */
export function copyButton(
  id: string,
  label: string,
  view: View,
  { main = false }: { main?: boolean } = {},
): Html {
  const { copied } = view.language.texts;
  return html`<button type="button"${attributes({ class: main ? "main" : null })} data-copy="${id}" data-copied="${copied}" hidden>${label}</button>`;
}
