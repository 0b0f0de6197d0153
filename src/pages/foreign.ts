/**
 * Text that a stranger wrote, such as an app's name. It must not reorder, hide or flood the text around it (U+202E
 * turns a line around, zero-width characters make look-alikes, 5,000 letters push the host away).
 */
import { type Content, type Html, html } from "./html.ts";

// Controls, soft hyphen, bidi marks and overrides, zero-width and invisible characters, tags, private use.
const unseen =
  /\p{Cc}|\p{Cf}|\p{Co}|\p{Cs}|\p{Cn}|\u034F|[\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0]|[\uFE00-\uFE0E]/gu;
const stackedMarks = /(\p{M}{3})\p{M}+/gu;

/** The same text without invisible characters, on one line, at most `max` characters long. */
export function cleanText(text: string, max = 60): string {
  // A line break is a space to the reader; only then are the other controls dropped.
  const line = text
    .replace(/[\t\n\r\u2028\u2029]+/gu, " ")
    .replace(unseen, "")
    .replace(stackedMarks, "$1")
    .replace(/\s+/gu, " ")
    .trim();
  const letters = Array.from(line);
  return letters.length <= max
    ? line
    : `${letters
        .slice(0, max - 1)
        .join("")
        .trimEnd()}…`;
}

/** Foreign text, cleaned and isolated from the direction of the text around it. */
export function foreign(text: string, max = 60): Html {
  return html`<bdi>${cleanText(text, max)}</bdi>`;
}

/**
 * A host or address. It is shown in full, since a shortened one would help look-alikes, and reads from the left in any
 * language.
 */
export function address(text: string): Html {
  return html`<bdi dir="ltr" class="any">${breakable(cleanText(text, 2048))}</bdi>`;
}

/**
 * The host of a site, in full. The end of a long one says whose it is, so it stands out: in
 * `accounts.google.com.evil.example` the owner is `evil.example`.
 */
export function siteHost(host: string): Html {
  const text = cleanText(host, 2048);
  const labels = text.split(".");
  // A short one is read at a look.
  const owner = text.length <= SHORT ? text : labels.slice(-ownLabels(labels)).join(".");
  const before = text.slice(0, text.length - owner.length);
  return html`<bdi dir="ltr" class="any">${breakable(before)}${before !== "" && html`<wbr>`}<b class="owner">${owner}</b></bdi>`;
}

/** Two, or three below `co.uk` and the like; all of an IP address. */
function ownLabels(labels: readonly string[]): number {
  const [second = "", last = ""] = labels.slice(-2);
  const top = last.replace(/:\d+$/, "");
  if (!/^[a-z-]+$/i.test(top)) return labels.length;
  return top.length === 2 && /^(co|com|org|net|edu|gov|ac|or|ne|go)$/i.test(second) ? 3 : 2;
}

/** Fits on a line of the narrowest phone, so it is never broken. */
const SHORT = 24;

/** A long address may be broken before each dot and @, where it is read best. */
const breakable = (text: string): Content =>
  text.length <= SHORT
    ? text
    : text.split(/(?=[.@])/).map((part, i) => [i > 0 && html`<wbr>`, part]);

/** The letter that stands for a name where there is no picture. */
export function initial(name: string): string {
  const letter = /[\p{L}\p{N}]/u.exec(cleanText(name))?.[0] ?? "?";
  return letter.toLocaleUpperCase("en");
}

/** A link that came from an app, or null unless it is a plain web address. */
export function webAddress(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed && (parsed.protocol === "https:" || parsed.protocol === "http:")
    ? parsed.href
    : null;
}
