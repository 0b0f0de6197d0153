import { foreign } from "./foreign.ts";
import { form, note } from "./form.ts";
import { html } from "./html.ts";
import { sheet } from "./layout.ts";
import { type SignInHelp, signInHelp } from "./sign_in_help.ts";
import { fill } from "./texts.ts";
import type { FormTarget, Page, Person, View } from "./view.ts";

export interface PersonLinkProps {
  /** `/sign-in/link` with `csrf` and `link`. */
  readonly form: FormTarget;
  /** Null: the link no longer works. */
  readonly person: Person | null;
  /** The person chooses a password next; else a passkey. */
  readonly password: boolean;
  readonly help: SignInHelp | null;
}

/** The page of a link that an operator made. Opening it changes nothing; its form uses the link up. */
export function personLinkPage(
  { form: target, person, password, help }: PersonLinkProps,
  view: View,
): Page {
  const { texts } = view.language;
  const { product_name: product } = view.theme;
  const title = texts.link_title;
  if (!person) {
    const content = html`${note("problem", texts.link_expired)}
${signInHelp(help, view)}
<p class="acts"><a class="button" href="${view.paths.sign_in}">${texts.link_sign_in}</a></p>`;
    return { title, body: sheet({ who: html`<h1>${title}</h1>`, do: content }, view) };
  }
  const heading = fill(texts.link_heading, { product });
  const name = foreign(person.name || person.username, 60);
  const who = html`<h1>${heading}</h1><p class="host any">${name}</p>`;
  const content = html`<p>${password ? texts.link_lead_password : texts.link_lead_passkey}</p>
${form(target, html`<button class="main">${texts.link_button}</button>`)}`;
  return { title, body: sheet({ who, do: content }, view) };
}
