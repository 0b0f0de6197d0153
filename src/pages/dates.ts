/** Dates in words, in the page's language. Days are UTC, since the server does not know the person's time zone. */
import { type Html, html } from "./html.ts";
import type { View } from "./view.ts";

const day_seconds = 86_400;

/** "12 March 2026" */
export function day(time: number, view: View): Html {
  return element(time, format(view, { dateStyle: "long" }).format(time * 1000));
}

/** "12 March 2026 at 14:05 UTC" */
export function moment(time: number, view: View): Html {
  const options = { dateStyle: "long", timeStyle: "short" } as const;
  return element(time, `${format(view, options).format(time * 1000)} UTC`);
}

/**
 * "today or yesterday", "3 days ago", and from two weeks on the date. The last use of something is recorded once a day,
 * so it may be up to a day later than recorded: "yesterday" could be wrong.
 */
export function ago(time: number, view: View): Html {
  const days = Math.floor((view.now - time) / day_seconds);
  if (days > 13) return day(time, view);
  if (days < 1) return element(time, view.language.texts.recently);
  const words = new Intl.RelativeTimeFormat(view.language.tag, { numeric: "always" });
  return element(time, words.format(-days, "day"));
}

/** "30 seconds", "2 minutes", "1 hour": rounded up to one unit, so that nobody comes too early. */
export function duration(seconds: number, view: View): string {
  const [unit, size] = unitOf(seconds);
  return new Intl.NumberFormat(view.language.tag, {
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

function format(view: View, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // English without a country would be American. Most readers expect the day first.
  const tag = view.language.tag === "en" ? "en-GB" : view.language.tag;
  return new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
}

function element(time: number, text: string): Html {
  return html`<time datetime="${new Date(time * 1000).toISOString()}">${text}</time>`;
}
