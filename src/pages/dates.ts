/** Dates as people say them, in the page's language. The server does not know their time zone: days are UTC. */
import { type Html, html } from "./html.ts";
import type { Look } from "./look.ts";

const day_seconds = 86_400;

/** "12 March 2026" */
export function day(time: number, look: Look): Html {
  return element(time, format(look, { dateStyle: "long" }).format(time * 1000));
}

/** "12 March 2026 at 14:05 UTC" */
export function moment(time: number, look: Look): Html {
  const options = { dateStyle: "long", timeStyle: "short" } as const;
  return element(time, `${format(look, options).format(time * 1000)} UTC`);
}

/** "today", "yesterday", "3 days ago", and from two weeks on the date. */
export function ago(time: number, look: Look): Html {
  const days = Math.floor(look.now / day_seconds) - Math.floor(time / day_seconds);
  if (days > 13) return day(time, look);
  const words = new Intl.RelativeTimeFormat(look.language.tag, { numeric: "auto" });
  return element(time, words.format(-Math.max(days, 0), "day"));
}

/** "30 seconds", "2 minutes", "1 hour": rounded up to one unit, so that nobody comes too early. */
export function duration(seconds: number, look: Look): string {
  const [unit, size] = unitOf(seconds);
  return new Intl.NumberFormat(look.language.tag, {
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

function format(look: Look, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  // English without a country would be American; the day first is what most of the world reads without doubt.
  const tag = look.language.tag === "en" ? "en-GB" : look.language.tag;
  return new Intl.DateTimeFormat(tag, { ...options, timeZone: "UTC" });
}

function element(time: number, text: string): Html {
  return html`<time datetime="${new Date(time * 1000).toISOString()}">${text}</time>`;
}
