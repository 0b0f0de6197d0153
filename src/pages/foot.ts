/** The foot of every page: its other languages, and the operator's links. Create account names the same terms and privacy notice. */
import { remember } from "../oauth/remember.ts";
import { type Content, type Html, html } from "./html.ts";
import { fill, inLanguage, isLanguage } from "./texts.ts";
import type { Page, View } from "./view.ts";

/** One address for all languages, or one for each: language tag -> address. */
export type Link = string | Readonly<Record<string, string>>;
export interface Links {
  readonly help?: Link | undefined;
  readonly privacy?: Link | undefined;
  readonly terms?: Link | undefined;
  readonly imprint?: Link | undefined;
}

/** Throws an Error that names the wrong key. */
export function checkLink(key: string, link: Link): void {
  const addresses = typeof link === "object" ? Object.entries(link) : [[null, link] as const];
  if (addresses.length === 0) throw new Error(`${key}: names no language`);
  for (const [tag, address] of addresses) {
    if (tag !== null && !isLanguage(tag))
      throw new Error(`${key}: ${tag} is not a language of the pages`);
    if (!leadsSomewhere(address))
      throw new Error(
        `${tag === null ? key : `${key}.${tag}`}: must be an https address, or a path on this server such as /terms`,
      );
  }
}

/** Paths are resolved as browsers do it: they leave out tabs, and take a backslash for a slash. */
function leadsSomewhere(address: string): boolean {
  if (address.startsWith("/")) return URL.parse(address, OWN)?.origin === OWN;
  const { protocol, hostname } = URL.parse(address) ?? {};
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname ?? ""));
}
const OWN = "https://own.invalid";
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;

/** Nothing where there is nothing to say. */
export function foot(view: View, { shown_once }: Pick<Page, "shown_once"> = {}): Content {
  const { texts } = view.language;
  const languages = shown_once
    ? []
    : view.other_languages.map(
        ({ tag, href }) =>
          html`<a href="${href}" lang="${tag}" hreflang="${tag}">${nameOf(tag)}</a>`,
      );
  const { help, privacy, terms, imprint } = view.links;
  const links = [
    ...languages,
    link(help, texts.link_help, view),
    link(privacy, texts.link_privacy, view),
    link(terms, texts.link_terms, view),
    link(imprint, texts.link_imprint, view),
  ].filter((each) => each !== null);
  return links.length > 0 && html`<footer class="foot">${links}</footer>`;
}

/** In the language itself. */
const nameOf = remember((tag) => new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag);

/** The terms that a person agrees to with a new account, and the privacy notice. */
export function agreement(view: View): Content {
  const { texts } = view.language;
  const terms = link(view.links.terms, texts.agreement_terms_link, view);
  const privacy = link(view.links.privacy, texts.agreement_privacy_link, view);
  const sentences = [
    terms && fill(texts.agreement_terms, { terms }),
    terms && privacy && " ",
    privacy && fill(texts.agreement_privacy, { privacy }),
  ];
  return (terms || privacy) && html`<p class="hint">${sentences}</p>`;
}

/** It opens beside the page, so that a request in progress and a half filled form stay. */
function link(written: Link | undefined, words: string, { language }: View): Html | null {
  const href = inLanguage(written, language);
  if (href === undefined) return null;
  return html`<a href="${href}" target="_blank" rel="noopener noreferrer">${words}</a>`;
}
