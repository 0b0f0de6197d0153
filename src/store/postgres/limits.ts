/**
 * The bounds of a pool of connections. They are apart from the pool, which needs the types of the optional package
 * `pg`.
 */

export interface PoolLimits {
  /** Connections at most. */
  connections: number;
  /** Requests that may wait for a connection; the next one is refused at once. */
  waiting: number;
  /** Milliseconds to wait for a connection, and for a statement. */
  wait_timeout: number;
  statement_timeout: number;
  /**
   * Milliseconds that a transaction may wait for its commit. A process that hangs must neither hold rows nor bring
   * names of ended access tokens so late that APIs pass over them (docs/ended-tokens.md).
   */
  commit_timeout: number;
  /** The same for a statement of a distributed database that goes to one of its nodes. */
  node_timeout: number;
  /** Milliseconds after which the reads of a batch without an answer are repeated, each alone. */
  batch_timeout: number;
  /** Milliseconds after which nothing is tried again, so that every request is answered in time. */
  repeat_within: number;
}

export const POOL_LIMITS: PoolLimits = {
  connections: 16,
  waiting: 500,
  wait_timeout: 5000,
  statement_timeout: 5000,
  commit_timeout: 4000,
  node_timeout: 2000,
  batch_timeout: 1500,
  repeat_within: 2000,
};
