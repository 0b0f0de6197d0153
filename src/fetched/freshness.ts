/** How long a response may be used without another request (RFC 9111 §4.2). */
import type { OutboundResponse } from "../context.ts";

/** Seconds. */
export interface Freshness {
  /** Also for a response that asks not to be stored: the requests of one moment share it. */
  least: number;
  /** Without a word of the sender. */
  otherwise: number;
  most: number;
}

/** @returns seconds from `now` (seconds since the epoch) */
export function freshFor(
  { header }: Pick<OutboundResponse, "header">,
  { least, otherwise, most }: Freshness,
  now: number,
): number {
  const seconds = saidBy(header, now) ?? otherwise;
  return Math.min(most, Math.max(least, seconds));
}

function saidBy(header: OutboundResponse["header"], now: number): number | null {
  const directives = (header("cache-control") ?? "")
    .toLowerCase()
    .split(",")
    .map((each) => each.trim());
  // Asking again each time is the same as not storing it.
  if (directives.some((each) => /^no-(?:store|cache)(?:=|$)/.test(each))) return 0;
  const max_age = directives.flatMap((each) => /^max-age="?(\d{1,10})"?$/.exec(each)?.[1] ?? []);
  // The strictest of several counts (RFC 9111 §4.2.1).
  if (max_age.length > 0) return Math.min(...max_age.map(Number)) - age(header("age"));
  const expires = header("expires");
  if (expires === undefined) return null;
  // A date that can't be read has passed (RFC 9111 §5.3). The sender's clock may differ from this one.
  const [until, sent] = [Date.parse(expires), Date.parse(header("date") ?? "")];
  if (Number.isNaN(until)) return 0;
  return until / 1000 - (Number.isNaN(sent) ? now : sent / 1000) - age(header("age"));
}

/** Seconds that the response has spent in other caches. */
const age = (text: string | undefined): number =>
  /^\d{1,10}$/.test(text ?? "") ? Number(text) : 0;
