/** The message catalogue: its languages, how one is chosen, and how messages are filled in. */
import { remember } from "../oauth/remember.ts";
import { cleanText } from "./foreign.ts";
import { type Content, type Html, html } from "./html.ts";
import { texts_de } from "./texts_de.ts";
import { type TextKey, type Texts, texts_en } from "./texts_en.ts";

export type { TextKey, Texts };

export interface Language {
  /** BCP 47, as in `lang`. */
  readonly tag: string;
  readonly dir: "ltr" | "rtl";
  readonly texts: Texts;
}

/** An operator's own words: language tag -> the messages that differ. */
export type TextOverrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

const shipped: readonly Language[] = [
  { tag: "en", dir: "ltr", texts: texts_en },
  { tag: "de", dir: "ltr", texts: texts_de },
];

/** The built-in languages, with the operator's messages in place of theirs. English is the first. */
export function languages(overrides: TextOverrides = {}): readonly Language[] {
  return shipped.map((language) => ({
    ...language,
    texts: { ...language.texts, ...overrides[language.tag] },
  }));
}

/** An unknown name among an operator's messages, with the names that exist. */
export interface TextProblem {
  readonly problem: string;
  readonly name: string;
  readonly known: readonly string[];
}

/** Problems of an operator's messages: unknown languages, messages or placeholders. Empty when there are none. */
export function checkTextOverrides(overrides: TextOverrides): TextProblem[] {
  const problems: TextProblem[] = [];
  for (const [tag, messages] of Object.entries(overrides)) {
    if (!isLanguage(tag)) {
      const problem = `texts.${tag}: no such language; there are ${tags()}`;
      problems.push({ problem, name: tag, known: [] });
      continue;
    }
    for (const [key, message] of Object.entries(messages)) {
      const path = `texts.${tag}.${key}`;
      if (!isTextKey(key)) {
        const problem = `${path}: no such message`;
        problems.push({ problem, name: key, known: Object.keys(texts_en) });
        continue;
      }
      const known = placeholders(texts_en[key]);
      for (const name of placeholders(message))
        if (!known.includes(name)) problems.push({ problem: `${path}: no {${name}}`, name, known });
    }
  }
  return problems;
}

/** Whether the pages have this language; by its tag as it is written in the configuration. */
export const isLanguage = (tag: string): boolean =>
  shipped.some((language) => language.tag === tag);

/**
 * The operator's word for a language, of those that were written for it. People of other languages get English, else
 * the first one that there is.
 */
export const inLanguage = (
  written: string | Readonly<Record<string, string>> | undefined,
  { tag }: Language,
): string | undefined =>
  typeof written === "object" ? (written[tag] ?? written.en ?? Object.values(written)[0]) : written;

const tags = () => shipped.map((language) => language.tag).join(", ");
export const isTextKey = (key: string): key is TextKey => Object.hasOwn(texts_en, key);

/** The `{names}` in a message. */
export function placeholders(message: string): string[] {
  return Array.from(message.matchAll(/\{(\w+)\}/g), (match) => match[1] ?? "");
}

/**
 * The language to answer in: the app's wish (`ui_locales`, OpenID Connect Core §3.1.2.1) before the browser's
 * (`Accept-Language`, RFC 9110 §12.5.4), else the first that is available.
 */
export function chooseLanguage(wishes: {
  ui_locales: readonly string[];
  accept_language: string | null;
  available: readonly [Language, ...Language[]] | readonly Language[];
}): Language {
  const { ui_locales, accept_language, available } = wishes;
  for (const wish of [...ui_locales, ...parseAcceptLanguage(accept_language ?? "")]) {
    const found = wish === "*" ? available[0] : lookUp(wish, available);
    if (found) return found;
  }
  return available[0] ?? english;
}

const english: Language = { tag: "en", dir: "ltr", texts: texts_en };

/** RFC 4647 §3.4: the range is shortened from the end until a language matches; `de-AT` finds `de`. */
function lookUp(wish: string, available: readonly Language[]): Language | undefined {
  const parts = wish.toLowerCase().split("-").slice(0, 8);
  for (; parts.length > 0; parts.pop()) {
    const range = parts.join("-");
    const found = available.find((language) => language.tag.toLowerCase() === range);
    if (found) return found;
  }
  return undefined;
}

/** The tags of an `Accept-Language` header, best first; those with `q=0` are not wanted. */
function parseAcceptLanguage(header: string): string[] {
  return header
    .slice(0, 500)
    .split(",")
    .map((item) => {
      const [tag = "", ...parameters] = item.split(";").map((part) => part.trim());
      const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2) ?? "1";
      return { tag, quality: Number(quality) };
    })
    .filter(({ tag, quality }) => /^(\*|[a-z0-9-]+)$/i.test(tag) && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}

const partsOf = remember((message) =>
  message.split(/(\{\w+\})/).map((part) => ({ part, name: /^\{(\w+)\}$/.exec(part)?.[1] })),
);

/**
 * Fills the `{names}` of a message. Text is escaped, markup stays; a name without a value stays as it is.
 *
 * @example fill("Sign in to {app}", { app: html`<b>Printly</b>` })
 */
export function fill(message: string, values: Readonly<Record<string, Content>>): Html {
  const parts = partsOf(message).map(
    ({ part, name }): Content =>
      name !== undefined && Object.hasOwn(values, name) ? values[name] : part,
  );
  return html`${parts}`;
}

/** The same for places that take no markup, such as the title. Foreign text is cleaned. */
export function fillText(message: string, values: Readonly<Record<string, string>>): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? cleanText(values[name] ?? "") : whole,
  );
}
