/**
 * Limits for protocol traffic, per client, account and network: token buckets in the memory of each node, told in the
 * `RateLimit` fields (draft-ietf-httpapi-ratelimit-headers). Sign-in has limits of its own, in the database.
 */
import type { Context, Quota, RateLimiter, RateLimitKind, RateLimits } from "../context.ts";
import type { HeaderList } from "./message.ts";

/** Buckets of a kind in memory, twice over at most. Who is forgotten begins anew with a full one. */
const MOST = 20_000;

interface Bucket {
  left: number;
  at: number;
}

/** Over the limit: 429. */
export class RateLimited extends Error {
  override readonly name = "RateLimited";
  readonly kind: RateLimitKind;
  /** Seconds. */
  readonly retry_after: number;
  constructor({ kind, retry_after }: { kind: RateLimitKind; retry_after: number }) {
    super(`too many requests of one ${kind}`);
    this.kind = kind;
    this.retry_after = retry_after;
  }
}

export interface SpendingLimiter extends RateLimiter {
  /** What another process has let through counts here too. */
  spend(kind: RateLimitKind, name: string, spent: { count: number; ms: number }): void;
}

export function rateLimiter(limits: RateLimits): SpendingLimiter {
  const all = { client: buckets(), account: buckets(), address: buckets() };

  function bucketAt(kind: RateLimitKind, name: string, ms: number): Bucket {
    const limit = limits[kind];
    const bucket = all[kind](name, limit, ms);
    const a_second = limit / limits.window;
    // A clock that steps back gives nothing.
    const elapsed = Math.max(0, ms - bucket.at) / 1000;
    bucket.left = Math.min(limit, bucket.left + elapsed * a_second);
    bucket.at = ms;
    return bucket;
  }

  return {
    take(kind, name, ms) {
      const limit = limits[kind];
      if (limit === 0) return null;
      const bucket = bucketAt(kind, name, ms);
      const allowed = bucket.left >= 1;
      if (allowed) bucket.left -= 1;
      const { left } = bucket;
      const a_second = limit / limits.window;
      const retry_after = Math.max(1, Math.ceil((1 - left) / a_second));
      const full_in = Math.ceil((limit - left) / a_second);
      return { kind, allowed, limit, window: limits.window, left, retry_after, full_in };
    },
    spend(kind, name, { count, ms }) {
      if (limits[kind] === 0) return;
      const bucket = bucketAt(kind, name, ms);
      bucket.left = Math.max(0, bucket.left - count);
    },
  };
}

function buckets(): (name: string, limit: number, ms: number) => Bucket {
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();
  return (name, limit, ms) => {
    const known = young.get(name);
    if (known) return known;
    const bucket = old.get(name) ?? { left: limit, at: ms };
    if (young.size >= MOST) [old, young] = [young, new Map()];
    young.set(name, bucket);
    return bucket;
  };
}

/** @throws RateLimited */
export function takeFrom(kind: RateLimitKind, name: string, ctx: Context): void {
  const quota = ctx.rate_limiter.take(kind, name, ctx.now_ms);
  if (!quota) return;
  const tightest = ctx.quotas?.tightest;
  // Of several, the one that ends first is the one to know.
  const first = !tightest || quota.left / quota.limit < tightest.left / tightest.limit;
  if (ctx.quotas && (first || !quota.allowed)) ctx.quotas.tightest = quota;
  if (!quota.allowed) throw new RateLimited(quota);
}

export function rateLimitHeaders(quota: Quota | null): HeaderList {
  if (!quota) return [];
  const { kind, limit, window, left, full_in } = quota;
  return [
    ["ratelimit-policy", `"${kind}";q=${limit};w=${window}`],
    ["ratelimit", `"${kind}";r=${Math.floor(left)};t=${full_in}`],
  ];
}
