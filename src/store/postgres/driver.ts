/** PostgreSQL: prepared statements on a bounded pool, which refuses requests instead of letting them hang. */
import type { Pool, PoolClient, QueryResult, QueryResultRow } from "pg";
import {
  DatabaseUnavailable,
  type Dialect,
  NothingChanged,
  type Outcome,
  type Row,
  type SqlDriver,
  type Statement,
  type Value,
  type Values,
} from "../sql/driver.ts";
import { isLost, isSlow, isWorthAnotherTry, postgresErrors } from "./errors.ts";
import { POOL_LIMITS, type PoolLimits } from "./limits.ts";
import { nodeGates, PLACES_BY_NODE } from "./node_gates.ts";
import { openPool } from "./pool.ts";

export const POSTGRES: Dialect = {
  integer: "BIGINT",
  table_options: "",
  // Room in each page, so that an update stays in it and touches no index.
  hot_table_options: " WITH (fillfactor = 80)",
  for_share: " FOR SHARE",
  // An arbitrary number: the migrating process holds this lock until the end of its transaction.
  migration_start: ["SET LOCAL statement_timeout = 0", "SELECT pg_advisory_xact_lock(8216549901)"],
  tableExists:
    "SELECT 1 AS found FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?",
  clock: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms",
  spread: "SELECT 1 AS found FROM pg_extension WHERE extname = 'citus'",
};

/** Attempts of a statement that conflicts with another transaction, or whose connection is lost. */
const TRIES = 3;
/** Milliseconds for a change of the schema: an index on many rows takes its time. */
const PATIENCE = 6 * 3_600_000;
const MOST_PAUSE = 20;

/**
 * @param url `postgres://user:password@host/database`
 * @throws DatabaseError from its operations when the database refuses the user, DatabaseUnavailable when it is away
 */
export function postgresDriver(url: string, limits: PoolLimits = POOL_LIMITS): SqlDriver {
  const opened = lazy(() => openPool(url, limits));
  const explain = postgresErrors(url);

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
      if (error instanceof Error && (isLost(error) || !("severity" in error))) broken = error;
      if (error instanceof NothingChanged) broken = undefined;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** A lost read is repeated on another connection. A lost write is not: it may have been committed. */
  async function attempt<T>(
    work: (client: PoolClient) => Promise<T>,
    { reads = false } = {},
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await withClient(work);
      } catch (error) {
        const again = isWorthAnotherTry(error) || (reads && isLost(error));
        if (!again || tries === TRIES) throw explain(error);
        await pause();
      }
    }
  }

  const gates = nodeGates(limits, isSlow);
  const { run, transaction } = runner(gates.timeoutOf);
  const runAlone = <R extends Row | Values = Row>(
    statement: Statement,
    { reads, rowMode }: { reads?: boolean; rowMode?: "array" } = {},
  ): Promise<QueryResult<R>> =>
    gates.pass([statement], () =>
      attempt((client) => run<R>(client, statement, rowMode), { reads }),
    );

  return {
    dialect: POSTGRES,
    async read(sql, args) {
      return (await runAlone({ sql, args }, { reads: true })).rows;
    },
    async readValues(sql, args) {
      const { rows } = await runAlone<Values>({ sql, args }, { reads: true, rowMode: "array" });
      return rows;
    },
    write: async (sql, args) => toOutcome(await runAlone({ sql, args })),
    async writeAll(statements) {
      const [only, ...more] = statements;
      if (!only || more.length > 0)
        return gates.pass(statements, () => attempt((client) => transaction(client, statements)));
      const outcome = toOutcome(await runAlone(only));
      if (only.must_change && outcome.changed === 0) throw new NothingChanged();
      return [outcome];
    },
    async learnNodes() {
      // A database that does not report its nodes has no gates: they share the pool.
      const asked = runAlone({ sql: PLACES_BY_NODE, args: [] });
      gates.learn(await asked.then(({ rows }) => rows).catch(() => []));
    },
    async close() {
      const pool = opened.made();
      if (pool) await (await pool).end();
    },
  };
}

/** Runs statements on a connection: one alone, or several in a transaction. */
function runner(timeoutOf: (statement: Statement) => number | undefined) {
  const prepare = preparer();

  const run = <R extends Row | Values = Row>(
    client: PoolClient,
    statement: Statement,
    rowMode?: "array",
  ): Promise<QueryResult<R>> => {
    const { sql, args, patient = false } = statement;
    const query_timeout = patient ? PATIENCE : timeoutOf(statement);
    return client.query<R & QueryResultRow>({
      ...prepare(sql),
      ...(rowMode && { rowMode }),
      values: args.map(asText),
      ...(query_timeout !== undefined && { query_timeout }),
    });
  };

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
  return { run, transaction };
}

/** PostgreSQL text can't hold a NUL. A stranger's value with one is simply not found, which is no error. */
const asText = (value: Value): Value =>
  typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;

const toOutcome = ({ rowCount, rows }: QueryResult<Row>): Outcome => ({
  changed: rowCount ?? 0,
  rows,
});

/** A random pause, so that two transactions that conflicted do not conflict again. */
const pause = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_PAUSE));

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

/** Creates the pool at the first use, and only once. */
function lazy(make: () => Promise<Pool>): {
  get(): Promise<Pool>;
  made(): Promise<Pool> | null;
} {
  let value: Promise<Pool> | null = null;
  return {
    get() {
      value ??= make();
      return value;
    },
    made: () => value,
  };
}
