/** PostgreSQL: prepared statements on a bounded pool, which says no instead of letting requests hang. */
import type { Pool, PoolClient, QueryResult } from "pg";
import {
  DatabaseError,
  DatabaseUnavailable,
  type Dialect,
  NothingChanged,
  type Outcome,
  type Row,
  type SqlDriver,
  type Statement,
  type Value,
} from "./sql_driver.ts";

const DIALECT: Dialect = {
  integer: "BIGINT",
  table_options: "",
  // Room in each page, so that an update stays in it and touches no index.
  hot_table_options: " WITH (fillfactor = 80)",
  for_key_share: " FOR KEY SHARE",
  // Any number of ours: whoever migrates holds it until the end of the transaction.
  migration_lock: "SELECT pg_advisory_xact_lock(8216549901)",
  tableExists:
    "SELECT 1 AS found FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?",
};

export interface PoolLimits {
  /** Connections at most. */
  connections: number;
  /** Requests that may wait for a connection; the next one is refused at once. */
  waiting: number;
  /** Milliseconds to wait for a connection, and for a statement. */
  wait_timeout: number;
  statement_timeout: number;
}

export const POOL_LIMITS: PoolLimits = {
  connections: 16,
  waiting: 500,
  wait_timeout: 5000,
  statement_timeout: 5000,
};
/** How often a transaction that met another one is begun anew. */
const TRIES = 3;

/**
 * @param url `postgres://user:password@host/database`
 * @throws DatabaseError from its operations when the database refuses us, DatabaseUnavailable when it is away
 */
export function postgresDriver(url: string, limits: PoolLimits = POOL_LIMITS): SqlDriver {
  const opened = once(() => openPool(url, limits));
  const prepare = preparer();

  async function withClient<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const pool = await opened.get();
    if (pool.waitingCount >= limits.waiting)
      throw new DatabaseUnavailable("too many requests wait for a database connection");
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      // After an error that is not the statement's own, the connection can't be trusted any more.
      if (error instanceof Error && !("severity" in error) && !(error instanceof NothingChanged))
        broken = error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  const run = (client: PoolClient, { sql, args }: Statement): Promise<QueryResult<Row>> =>
    client.query<Row>({ ...prepare(sql), values: [...args] });

  async function transaction(client: PoolClient, statements: readonly Statement[]) {
    await client.query("BEGIN");
    try {
      const outcomes: Outcome[] = [];
      for (const statement of statements) {
        const outcome = toOutcome(await run(client, statement));
        if (statement.must_change && outcome.changed === 0) throw new NothingChanged();
        outcomes.push(outcome);
      }
      await client.query("COMMIT");
      return outcomes;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      throw error;
    }
  }

  const one = (sql: string, args: readonly Value[]) =>
    attempt(() => withClient((client) => run(client, { sql, args })));

  return {
    dialect: DIALECT,
    read: async (sql, args) => (await one(sql, args)).rows,
    write: async (sql, args) => toOutcome(await one(sql, args)),
    async writeAll(statements) {
      const [only, ...more] = statements;
      if (only && more.length === 0) return [toOutcome(await one(only.sql, only.args))];
      return attempt(() => withClient((client) => transaction(client, statements)));
    },
    async close() {
      const pool = opened.made();
      if (pool) await (await pool).end();
    },
  };
}

const toOutcome = ({ rowCount, rows }: QueryResult<Row>): Outcome => ({
  changed: rowCount ?? 0,
  rows,
});

async function openPool(url: string, limits: PoolLimits): Promise<Pool> {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw new DatabaseError("PostgreSQL needs the package pg", "npm install pg", { cause });
  });
  const pool = new pg.Pool({
    connectionString: url,
    max: limits.connections,
    connectionTimeoutMillis: limits.wait_timeout,
    statement_timeout: limits.statement_timeout,
    query_timeout: limits.statement_timeout + 1000,
    idle_in_transaction_session_timeout: limits.statement_timeout * 2,
    application_name: "valetkey",
    // Whole numbers are times and counts: all of them are exact as JavaScript numbers.
    types: {
      getTypeParser: (oid, format) =>
        oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
    },
  });
  // A connection that breaks while nobody uses it is replaced; whoever uses one hears of it there.
  pool.on("error", () => {});
  return pool;
}

/** Each statement is prepared once on each connection; `?` becomes `$1`, `$2` and so on. */
function preparer(): (sql: string) => { name: string; text: string } {
  const known = new Map<string, { name: string; text: string }>();
  return (sql) => {
    const found = known.get(sql);
    if (found) return found;
    let count = 0;
    const text = sql.replaceAll("?", () => {
      count += 1;
      return `$${count}`;
    });
    const made = { name: `valetkey_${known.size}`, text };
    known.set(sql, made);
    return made;
  };
}

function once<T>(make: () => Promise<T>): { get(): Promise<T>; made(): Promise<T> | null } {
  let value: Promise<T> | null = null;
  return {
    get() {
      value ??= make();
      return value;
    },
    made: () => value,
  };
}

/** A transaction that the database gave up for another one has written nothing: it is begun anew. */
async function attempt<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const again = AGAIN.has(codeOf(error)) && tries < TRIES;
      if (!again) throw explain(error);
    }
  }
}

/** Serialization failure and deadlock. */
const AGAIN = new Set(["40001", "40P01"]);
/** Wrong password, no such database or role, no right to do it: an operator has to act. */
const REFUSED = /^(28|3D|42501)/;
/** Connection lost, shut down, too many connections, disk full, out of memory, cancelled, read-only replica. */
const LATER = /^(08|53|57|55P03|25006|58)|^E[A-Z]+$/;
const BROKEN = /connection|timeout|terminated|not queryable/i;

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";

function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof DatabaseUnavailable || error instanceof DatabaseError) return error;
  const code = codeOf(error);
  if (REFUSED.test(code))
    return new DatabaseError(
      `PostgreSQL refuses: ${error.message}`,
      "check user, password and database in postgres://user:password@host/database",
      { cause: error },
    );
  if (LATER.test(code) || AGAIN.has(code) || (code === "" && BROKEN.test(error.message)))
    return new DatabaseUnavailable(error.message, { cause: error });
  return error;
}
