/**
 * Limits for protocol traffic, per client, account and network: per-node in-memory token buckets, reported in
 * `RateLimit` headers (draft-ietf-httpapi-ratelimit-headers). Sign-in has limits of its own, in the database.
 */
import type { Context, Quota, RateLimiter, RateLimitKind, RateLimits } from "../context.ts";
import { type Hint, settingHint } from "../oauth/hint.ts";
import type { HeaderList } from "./message.ts";
import { networkOf } from "./network.ts";
import { tokenBuckets } from "./token_bucket.ts";

const TOO_MANY: Readonly<Record<RateLimitKind, string>> = {
  client: "too many requests of one client",
  account: "too many requests of one account",
  address: "too many requests of one address",
  changes: "too many changes of one person",
  verifications: "too many signed requests of one network",
  fetches: "too many requests of one network that make the server fetch something",
};

/** Over the limit: 429. */
export class RateLimited extends Error {
  override readonly name = "RateLimited";
  readonly kind: RateLimitKind;
  /** Seconds. */
  readonly retry_after: number;
  readonly hint: string | undefined;
  /** @param hint the setting of the limit; left out for a limit that is not configurable */
  constructor({ kind, retry_after, hint }: { kind: RateLimitKind; retry_after: number } & Hint) {
    super(TOO_MANY[kind]);
    this.kind = kind;
    this.retry_after = retry_after;
    this.hint = hint;
  }
}

export interface SpendingLimiter extends RateLimiter {
  /** Counts requests that another process has accepted. */
  spend(kind: RateLimitKind, name: string, spent: { count: number; ms: number }): void;
}

export function rateLimiter(limits: RateLimits): SpendingLimiter {
  const { window } = limits;
  const limitOf = (kind: RateLimitKind) => ({
    buckets: tokenBuckets({ limit: limits[kind], window }),
    policy: `"${kind}";q=${limits[kind]};w=${window}`,
  });
  const all = {
    client: limitOf("client"),
    account: limitOf("account"),
    address: limitOf("address"),
    changes: limitOf("changes"),
    verifications: limitOf("verifications"),
    fetches: limitOf("fetches"),
  };
  return {
    take(kind, name, ms) {
      const limit = limits[kind];
      if (limit === 0) return null;
      const { buckets, policy } = all[kind];
      const { allowed, left } = buckets.take(name, ms);
      const a_second = limit / window;
      const retry_after = Math.max(1, Math.ceil((1 - left) / a_second));
      const full_in = Math.ceil((limit - left) / a_second);
      return { kind, allowed, limit, window, policy, left, retry_after, full_in };
    },
    spend(kind, name, spent) {
      if (limits[kind] > 0) all[kind].buckets.spend(name, spent);
    },
  };
}

/** @throws RateLimited */
export function takeFrom(kind: RateLimitKind, name: string, ctx: Context): void {
  const quota = ctx.rate_limiter.take(kind, name, ctx.now_ms);
  if (!quota) return;
  const tightest = ctx.quotas?.tightest;
  // Of several limits, the tightest one is reported.
  const first = !tightest || quota.left / quota.limit < tightest.left / tightest.limit;
  if (ctx.quotas && (first || !quota.allowed)) ctx.quotas.tightest = quota;
  if (!quota.allowed) throw new RateLimited({ ...quota, ...settingHint(`rate_limits.${kind}`) });
}

/** Counts a request of the visitor's network. @throws RateLimited */
export const takeFromNetwork = (kind: RateLimitKind, ctx: Context): void =>
  takeFrom(kind, networkOf(ctx.address), ctx);

export function rateLimitHeaders(quota: Quota | null): HeaderList {
  if (!quota) return [];
  const { kind, policy, left, full_in } = quota;
  return [
    ["ratelimit-policy", policy],
    ["ratelimit", `"${kind}";r=${Math.floor(left)};t=${full_in}`],
  ];
}
