/** Token buckets by name, in bounded memory: a burst of `limit`, then one request for each new token. */

/** Buckets in memory, at most twice this number. A forgotten name starts again with a full one. */
const MOST = 20_000;

export interface Rate {
  /** Tokens of a full bucket, which refills in `window` seconds. */
  readonly limit: number;
  readonly window: number;
}

export interface TokenBuckets {
  /** Takes one token, if there is one. @returns the remaining tokens @param ms any clock, in milliseconds */
  take(name: string, ms: number): { allowed: boolean; left: number };
  /** Takes `count` tokens, or all that are left. */
  spend(name: string, spent: { count: number; ms: number }): void;
}

interface Bucket {
  left: number;
  at: number;
}

export function tokenBuckets({ limit, window }: Rate): TokenBuckets {
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();

  function bucketOf(name: string, ms: number): Bucket {
    const known = young.get(name);
    if (known) return known;
    const bucket = old.get(name) ?? { left: limit, at: ms };
    if (young.size >= MOST) [old, young] = [young, new Map()];
    young.set(name, bucket);
    return bucket;
  }

  function refilled(name: string, ms: number): Bucket {
    const bucket = bucketOf(name, ms);
    // A clock that steps back yields no tokens.
    const elapsed = Math.max(0, ms - bucket.at) / 1000;
    bucket.left = Math.min(limit, bucket.left + (elapsed * limit) / window);
    bucket.at = ms;
    return bucket;
  }

  return {
    take(name, ms) {
      const bucket = refilled(name, ms);
      const allowed = bucket.left >= 1;
      if (allowed) bucket.left -= 1;
      return { allowed, left: bucket.left };
    },
    spend(name, { count, ms }) {
      const bucket = refilled(name, ms);
      bucket.left = Math.max(0, bucket.left - count);
    },
  };
}
