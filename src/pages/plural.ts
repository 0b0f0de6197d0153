/** Messages that count something, in the plural forms of the language. */
import { fillText, type TextKey } from "./texts.ts";
import type { View } from "./view.ts";

type Form<Key> = Key extends `${infer Name}_other` ? Name : never;
/** The beginning of the keys of such a message: the plural categories follow, `_other` at least. */
export type PluralKey = Form<TextKey>;

/** @returns the message for this number, with `{count}` filled in */
export function plural(name: PluralKey, count: number, { language }: View): string {
  const { tag, texts } = language;
  const category = new Intl.PluralRules(tag).select(count);
  const messages: Readonly<Record<string, string>> = texts;
  const message = messages[`${name}_${category}`] ?? texts[`${name}_other`];
  return fillText(message, { count: new Intl.NumberFormat(tag).format(count) });
}
