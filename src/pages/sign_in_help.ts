/** Whom people ask who can't sign in: a text of the operator below the sign-in form, and a link. */
import { cleanText } from "./foreign.ts";
import { type Content, html } from "./html.ts";
import { inLanguage, isLanguage } from "./texts.ts";
import type { View } from "./view.ts";

export interface SignInHelp {
  /** One text for all languages, or one for each: language tag -> text. */
  readonly text?: string | Readonly<Record<string, string>> | undefined;
  /** A `mailto:` or https address. */
  readonly href?: string | undefined;
}

/** Throws an Error that names the wrong key. */
export function checkSignInHelp({ text, href }: SignInHelp): void {
  if (text === undefined && href === undefined)
    throw new Error("sign_in_help: must have a text, an href or both");
  const wrong = typeof text === "object" && Object.keys(text).filter((tag) => !isLanguage(tag));
  if (wrong && wrong.length > 0)
    throw new Error(`sign_in_help.text: ${wrong.join(", ")} is not a language of the pages`);
  if (typeof text === "object" && Object.keys(text).length === 0)
    throw new Error("sign_in_help.text: names no language");
  if (href !== undefined && mailAddress(href) === null && !isHttps(href))
    throw new Error("sign_in_help.href: must be mailto:ADDRESS or an https address");
}

/** The paragraph, or nothing where the operator wrote nothing. */
export function signInHelp(help: SignInHelp | null, view: View): Content {
  if (help === null) return null;
  const { text, href } = help;
  const said = cleanText(inLanguage(text, view.language) ?? "", 300);
  const space = said !== "" && href !== undefined && " ";
  return html`<p class="hint help">${said}${space}${href && link(href, view)}</p>`;
}

/** A mail address is shown as it is, for people on a computer that sends no mail. */
const link = (href: string, { language }: View): Content =>
  html`<a href="${href}">${mailAddress(href) ?? language.texts.sign_in_help_link}</a>`;

const mailAddress = (href: string): string | null =>
  /^mailto:([^\s@?#%&]+@[^\s@?#%&]+)$/i.exec(href)?.[1] ?? null;

const isHttps = (href: string): boolean => URL.parse(href)?.protocol === "https:";
