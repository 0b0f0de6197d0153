/** Dates in words, in the page's language. Days are UTC, since the server does not know the person's time zone. */
import { remember } from "../oauth/remember.ts";
import { type Html, html } from "./html.ts";
import type { View } from "./view.ts";

const day_seconds = 86_400;

/** "12 March 2026" */
export function day(time: number, view: View): Html {
  return element(time, daysOf(tagOf(view)).format(time * 1000));
}

/** "12 March 2026 at 14:05 UTC" */
export const moment = (time: number, view: View): Html =>
  element(time, momentIn(time, view.language));

/** The same where there is no page, such as in a mail. */
export const momentIn = (time: number, language: View["language"]): string =>
  `${momentsOf(tagOf({ language })).format(time * 1000)} UTC`;

/**
 * "today or yesterday", "3 days ago", and from two weeks on the date. The last use of something is recorded once a day,
 * so it may be up to a day later than recorded: "yesterday" could be wrong.
 */
export function ago(time: number, view: View): Html {
  const days = Math.floor((view.now - time) / day_seconds);
  if (days > 13) return day(time, view);
  if (days < 1) return element(time, view.language.texts.recently);
  return element(time, agosOf(view.language.tag).format(-days, "day"));
}

/** "30 seconds", "2 minutes", "1 hour": rounded up to one unit, so that nobody comes too early. */
export const duration = (seconds: number, { language }: View): string => lasting(seconds, language);

/** The same where there is no page, such as in a mail. */
export function lasting(seconds: number, { tag }: Pick<View["language"], "tag">): string {
  const [unit, size] = unitOf(seconds);
  return new Intl.NumberFormat(tag, {
    style: "unit",
    unit,
    unitDisplay: "long",
  }).format(Math.max(1, Math.ceil(seconds / size)));
}

function unitOf(seconds: number): ["second" | "minute" | "hour" | "day", number] {
  if (seconds < 90) return ["second", 1];
  if (seconds < 90 * 60) return ["minute", 60];
  return seconds < 2 * day_seconds ? ["hour", 3600] : ["day", day_seconds];
}

// English without a country would be American. Most readers expect the day first.
const tagOf = ({ language }: Pick<View, "language">): string =>
  language.tag === "en" ? "en-GB" : language.tag;

// Each takes longer to make than a page to draw.
const daysOf = remember(
  (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "long", timeZone: "UTC" }),
);
const momentsOf = remember(
  (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }),
);
const agosOf = remember((tag) => new Intl.RelativeTimeFormat(tag, { numeric: "always" }));

function element(time: number, text: string): Html {
  return html`<time datetime="${new Date(time * 1000).toISOString()}">${text}</time>`;
}
