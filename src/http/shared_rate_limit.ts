/** Limits that several processes of a node share: each reports its accepted requests to the others. */
import type { RateLimiter, RateLimitKind, RateLimits } from "../context.ts";
import { rateLimiter } from "./rate_limit.ts";

export interface Spent {
  kind: RateLimitKind;
  name: string;
  count: number;
}

/** The way to the other processes. */
export interface SpentExchange {
  tell(spent: readonly Spent[]): void;
  /** Called once, with the handler for reports of the others. */
  onHeard(heard: (spent: readonly Spent[]) => void): void;
}

/** Milliseconds between two reports. Until then, the others use the remaining amount that they know. */
const TELL_EVERY = 100;
/** The part of a limit that is worth a report. With the generous default limits, few reports are sent. */
const WORTH_TELLING = 0.01;
/** Names in memory; a forgotten name has used less than that part. */
const MOST = 20_000;

export function sharedRateLimiter(
  limits: RateLimits,
  exchange: SpentExchange,
  clock: () => number,
): RateLimiter {
  const own = rateLimiter(limits);
  const untold = new Map<string, Spent>();
  let due = new Set<Spent>();

  exchange.onHeard((spent) => {
    const ms = clock();
    for (const { kind, name, count } of spent) own.spend(kind, name, { count, ms });
  });

  function tell(): void {
    const spent = [...due];
    due = new Set();
    exchange.tell(spent);
    for (const { kind, name } of spent) untold.delete(`${kind} ${name}`);
  }

  function note(kind: RateLimitKind, name: string): void {
    const key = `${kind} ${name}`;
    const known = untold.get(key);
    if (!known && untold.size >= MOST) untold.clear();
    const spent = known ?? { kind, name, count: 0 };
    if (!known) untold.set(key, spent);
    spent.count += 1;
    if (spent.count < limits[kind] * WORTH_TELLING) return;
    if (due.size === 0) setTimeout(tell, TELL_EVERY).unref();
    due.add(spent);
  }

  return {
    take(kind, name, ms) {
      const quota = own.take(kind, name, ms);
      if (quota?.allowed) note(kind, name);
      return quota;
    },
  };
}
