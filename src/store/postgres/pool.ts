/** The pool of connections to PostgreSQL, within bounds. `pg` is loaded here, when it is needed. */
import type { Pool, PoolClient } from "pg";
import { DatabaseError, DatabaseUnavailable, NothingChanged } from "../sql/driver.ts";
import { isOfStatement } from "./errors.ts";
import type { PoolLimits } from "./limits.ts";

/**
 * `pg` treats `prefer`, `require` and `verify-ca` as `verify-full`, and logs a long warning. An operator who got such
 * an address from a provider can't act on it.
 */
const withVerifiedTls = (url: string): string =>
  /uselibpqcompat=/.test(url)
    ? url
    : url.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, "$1verify-full");

/** @throws DatabaseError when the package `pg` is not installed */
export async function openPool(url: string, limits: PoolLimits): Promise<Pool> {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw new DatabaseError(
      "PostgreSQL needs the package pg, which is not installed",
      "npm install pg; without a project: npx --package valetkey --package pg valetkey …",
      { cause },
    );
  });
  const { statement_timeout, commit_timeout } = limits;
  const pool = new pg.Pool({
    connectionString: withVerifiedTls(url),
    max: limits.connections,
    connectionTimeoutMillis: limits.wait_timeout,
    statement_timeout: limits.statement_timeout,
    idle_in_transaction_session_timeout: Math.min(commit_timeout, statement_timeout * 2),
    keepAlive: true,
    application_name: "valetkey",
  });
  // A broken connection is replaced, and its statement fails. Without a listener, the additional `error` event would
  // crash the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

export interface BoundedPool {
  /**
   * Runs `work` on a connection, which nothing else uses meanwhile.
   * @throws DatabaseUnavailable after `close`
   */
  lend<T>(work: (client: PoolClient, discard: () => void) => Promise<T>): Promise<T>;
  /** Work that waits for a connection. */
  waiting(): number;
  close(): Promise<void>;
}

/** Opens the pool at its first use. */
export function boundedPool(url: string, limits: PoolLimits): BoundedPool {
  let opening: Promise<Pool> | null = null;
  let pool: Pool | null = null;
  let closing: Promise<void> | null = null;
  return {
    async lend(work) {
      if (closing) throw new DatabaseUnavailable("the database is closed");
      opening ??= openPool(url, limits);
      pool ??= await opening;
      const client = await pool.connect();
      let broken = false;
      const discard = (): void => {
        broken = true;
      };
      try {
        return await work(client, discard);
      } catch (error) {
        // After any other error, the connection can't be trusted any more.
        if (!isOfStatement(error) && !(error instanceof NothingChanged)) broken = true;
        throw error;
      } finally {
        client.release(broken);
      }
    },
    waiting: () => pool?.waitingCount ?? 0,
    close() {
      closing ??= opening ? opening.then((pool) => pool.end()) : Promise.resolve();
      return closing;
    },
  };
}
