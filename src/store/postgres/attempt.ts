/** Work on a connection, tried again where that may help and writes nothing twice. */
import type { PoolClient } from "pg";
import { isLost, isStale, isWorthAnotherTry, NotAnswered } from "./errors.ts";
import type { PoolLimits } from "./limits.ts";
import type { BoundedPool } from "./pool.ts";

/** Attempts of a statement that conflicts with another transaction, or whose connection is lost. */
const TRIES = 3;
/** Milliseconds. */
const MOST_PAUSE = 20;

export interface AttemptOptions {
  pool: BoundedPool;
  limits: PoolLimits;
  /** @throws DatabaseUnavailable when too many requests wait already */
  assertRoom(): void;
  /** Turns an error of `pg` into one of the store. */
  explain(error: unknown): unknown;
}

export interface Tried {
  /** Whether nothing is written. */
  reads: boolean;
  /** The steady clock when it was asked for, for a transaction behind the gate of its node; in milliseconds. */
  began: number;
}

export interface Attempts {
  /** A lost read is repeated on another connection. A lost write is not: it may have been committed. */
  mayRepeat(error: unknown, tried: Tried): boolean;
  attempt<T>(
    work: (client: PoolClient, discard: () => void) => Promise<T>,
    tried: Tried,
  ): Promise<T>;
}

export function attempts(options: AttemptOptions): Attempts {
  const { pool, assertRoom, explain } = options;
  const { connections, repeat_within } = options.limits;
  const mayRepeat: Attempts["mayRepeat"] = (error, { reads, began }) =>
    (isWorthAnotherTry(error) ||
      isStale(error) ||
      error instanceof NotAnswered ||
      (reads && isLost(error))) &&
    performance.now() - began < repeat_within;
  return {
    mayRepeat,
    async attempt(work, tried) {
      for (let tries = 1; ; tries += 1) {
        try {
          assertRoom();
          return await pool.lend(work);
        } catch (error) {
          // Each connection may have lost the same prepared statement, and is replaced then.
          const most = isStale(error) ? TRIES + connections : TRIES;
          if (tries >= most || !mayRepeat(error, tried)) throw explain(error);
          await pause();
        }
      }
    },
  };
}

/** A random pause, so that two transactions that conflicted do not conflict again. */
const pause = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_PAUSE));
