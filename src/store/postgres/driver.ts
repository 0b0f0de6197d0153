/** PostgreSQL: prepared statements on a bounded pool, which refuses requests instead of letting them hang. */
import {
  type Dialect,
  NothingChanged,
  type Outcome,
  type SqlDriver,
  type Statement,
} from "../sql/driver.ts";
import { attempts } from "./attempt.ts";
import { batchedReads, SkippedRead, tooManyWait } from "./batch.ts";
import { isLost, isSlow, isStale, isWorthAnotherTry, postgresErrors } from "./errors.ts";
import { POOL_LIMITS, type PoolLimits } from "./limits.ts";
import { nodeGates, PLACES_BY_NODE } from "./node_gates.ts";
import { boundedPool } from "./pool.ts";
import { type Answer, namedRows, send } from "./query.ts";
import { inTransaction } from "./transaction.ts";

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

/** Milliseconds for a change of the schema: an index on many rows takes its time. */
const PATIENCE = 6 * 3_600_000;
/** Statements of a transaction that share one time-out: those of a request are fewer, those of a copy many more. */
const SHARE_TIMEOUT = 16;

/**
 * @param url `postgres://user:password@host/database`
 * @throws DatabaseError from its operations when the database refuses the user, DatabaseUnavailable when it is away
 */
export function postgresDriver(url: string, limits: PoolLimits = POOL_LIMITS): SqlDriver {
  const pool = boundedPool(url, limits);
  const explain = postgresErrors(url);
  const gates = nodeGates(limits, isSlow);
  // PostgreSQL ends slow statements itself. This time-out is for a server that has become unreachable.
  const timeout = limits.statement_timeout + 1000;
  const batched = batchedReads({ timeout, most_waiting: limits.waiting, lend: pool.lend });

  const assertRoom = (): void => {
    if (pool.waiting() + batched.waiting() >= limits.waiting) throw tooManyWait();
  };
  const attempt = attempts({ pool, assertRoom, explain });

  const timeoutOf = (statements: readonly Statement[]): number =>
    statements.some(({ patient }) => patient)
      ? PATIENCE
      : (gates.timeoutOf(statements) ?? timeout) * Math.ceil(statements.length / SHARE_TIMEOUT);

  const alone = (statement: Statement, { reads = false } = {}): Promise<Answer> =>
    gates.pass([statement], () =>
      attempt((client) => send(client, statement, timeoutOf([statement])), { reads }),
    );

  const together = (statements: readonly Statement[]): Promise<Answer[]> =>
    gates.pass(statements, () =>
      attempt((client, discard) =>
        inTransaction(client, statements, { timeout: timeoutOf(statements), discard }),
      ),
    );

  async function read(statement: Statement): Promise<Answer> {
    // A node that is silent must not hold up reads of other nodes.
    if (gates.timeoutOf([statement]) !== undefined) return alone(statement, { reads: true });
    try {
      return await batched.read(statement);
    } catch (error) {
      const again =
        error instanceof SkippedRead || isWorthAnotherTry(error) || isStale(error) || isLost(error);
      if (!again) throw explain(error);
      return alone(statement, { reads: true });
    }
  }

  return {
    dialect: POSTGRES,
    read: async (sql, args) => namedRows(await read({ sql, args })),
    readValues: async (sql, args) => (await read({ sql, args })).rows,
    write: async (sql, args) => toOutcome(await alone({ sql, args })),
    async writeAll(statements) {
      const [only, ...more] = statements;
      if (!only) return [];
      if (more.length > 0) return (await together(statements)).map(toOutcome);
      const outcome = toOutcome(await alone(only));
      if (only.must_change && outcome.changed === 0) throw new NothingChanged();
      return [outcome];
    },
    async learnNodes() {
      // A database that does not report its nodes has no gates: they share the pool.
      const asked = alone({ sql: PLACES_BY_NODE, args: [] });
      gates.learn(await asked.then(namedRows).catch(() => []));
    },
    close: pool.close,
  };
}

const toOutcome = (answer: Answer): Outcome => ({
  changed: answer.changed,
  rows: answer.rows.length > 0 ? namedRows(answer) : [],
});
