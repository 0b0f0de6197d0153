/** A person as pages show them. The login stands beside the name, since two accounts may have the same name. */
import { foreign } from "./foreign.ts";
import { type Html, html } from "./html.ts";
import type { Person } from "./view.ts";

const LONGEST = 40;

/** One below the other, inside an element of the class `words`. */
export const nameAndLogin = ({ name, username }: Person): Html =>
  html`${foreign(name || username, LONGEST)}${name !== "" && html`<small>${foreign(username, LONGEST)}</small>`}`;

/** Within a sentence: Ada Lovelace (ada). */
export function nameWithLogin({ name, username }: Person): Html {
  return html`<strong>${foreign(name || username, LONGEST)}</strong>${name !== "" && html` (${foreign(username, LONGEST)})`}`;
}
