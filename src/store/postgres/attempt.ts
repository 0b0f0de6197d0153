/** Work on a connection, tried again where that may help and writes nothing twice. */
import type { PoolClient } from "pg";
import { isLost, isStale, isWorthAnotherTry } from "./errors.ts";
import type { BoundedPool } from "./pool.ts";

/** Attempts of a statement that conflicts with another transaction, or whose connection is lost. */
const TRIES = 3;
/** Milliseconds. */
const MOST_PAUSE = 20;

export interface AttemptOptions {
  pool: BoundedPool;
  /** @throws DatabaseUnavailable when too many requests wait already */
  assertRoom(): void;
  /** Turns an error of `pg` into one of the store. */
  explain(error: unknown): unknown;
}

export type Attempt = <T>(
  work: (client: PoolClient, discard: () => void) => Promise<T>,
  options?: { reads?: boolean },
) => Promise<T>;

/** A lost read is repeated on another connection. A lost write is not: it may have been committed. */
export const attempts =
  ({ pool, assertRoom, explain }: AttemptOptions): Attempt =>
  async (work, { reads = false } = {}) => {
    for (let tries = 1; ; tries += 1) {
      try {
        assertRoom();
        return await pool.lend(work);
      } catch (error) {
        const again = isWorthAnotherTry(error) || isStale(error) || (reads && isLost(error));
        if (!again || tries === TRIES) throw explain(error);
        await pause();
      }
    }
  };

/** A random pause, so that two transactions that conflicted do not conflict again. */
const pause = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_PAUSE));
