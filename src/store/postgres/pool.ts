/** The pool of connections to PostgreSQL, within bounds. `pg` is loaded here, when it is needed. */
import type { Pool } from "pg";
import { DatabaseError } from "../sql/driver.ts";
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
  const pool = new pg.Pool({
    connectionString: withVerifiedTls(url),
    max: limits.connections,
    connectionTimeoutMillis: limits.wait_timeout,
    statement_timeout: limits.statement_timeout,
    // PostgreSQL ends slow statements itself. This time-out is for a server that has become unreachable.
    query_timeout: limits.statement_timeout + 1000,
    idle_in_transaction_session_timeout: limits.statement_timeout * 2,
    keepAlive: true,
    application_name: "valetkey",
    // Integers are times and counts, which are exact as JavaScript numbers.
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A broken connection is replaced, and its statement fails. Without a listener, the additional `error` event would
  // crash the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
