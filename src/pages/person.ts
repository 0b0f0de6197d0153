/** A person as pages show them. The login stands beside the name, since two accounts may have the same name. */
import { cleanText, foreign } from "./foreign.ts";
import { type Html, html } from "./html.ts";
import type { Person } from "./view.ts";

const LONGEST = 40;
/** Two lines at most, beside the letter and a button on a phone. */
const SHORT = 30;
const END = 8;

/** The end of a login tells accounts apart as well as its beginning, so that a long one loses its middle. */
function login(text: string): Html {
  const letters = Array.from(cleanText(text, 2048));
  if (letters.length <= SHORT) return foreign(text);
  const start =
    letters.length <= LONGEST
      ? letters.slice(0, -END)
      : [...letters.slice(0, LONGEST - END - 1), "…"];
  return html`<bdi class="ends"><span>${start}</span><span>${letters.slice(-END)}</span></bdi>`;
}

/** One below the other, inside an element of the class `words`. */
export const nameAndLogin = ({ name, username }: Person): Html =>
  html`${login(name || username)}${name !== "" && html`<small>${login(username)}</small>`}`;

/** Within a sentence: Ada Lovelace (ada). */
export function nameWithLogin({ name, username }: Person): Html {
  return html`<strong>${login(name || username)}</strong>${name !== "" && html` (${login(username)})`}`;
}
