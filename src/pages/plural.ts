/** Messages that count something, in the plural forms of the language. */
import { remember } from "../oauth/remember.ts";
import { fillText, type TextKey } from "./texts.ts";
import type { View } from "./view.ts";

type Form<Key> = Key extends `${infer Name}_other` ? Name : never;
/** The beginning of the keys of such a message: the plural categories follow, `_other` at least. */
export type PluralKey = Form<TextKey>;

// Each takes longer to make than a page to draw.
const rulesOf = remember((tag) => new Intl.PluralRules(tag));
const numbersOf = remember((tag) => new Intl.NumberFormat(tag));

/** @returns the message for this number, with `{count}` filled in */
export function plural(name: PluralKey, count: number, { language }: View): string {
  const { tag, texts } = language;
  const category = rulesOf(tag).select(count);
  const messages: Readonly<Record<string, string>> = texts;
  const message = messages[`${name}_${category}`] ?? texts[`${name}_other`];
  return fillText(message, { count: numbersOf(tag).format(count) });
}
