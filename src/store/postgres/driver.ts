/** PostgreSQL: prepared statements on a bounded pool, which refuses requests instead of letting them hang. */
import { type Dialect, NothingChanged, type Outcome, type SqlDriver } from "../sql/driver.ts";
import { POOL_LIMITS, type PoolLimits } from "./limits.ts";
import { type Answer, namedRows } from "./query.ts";
import { statements } from "./statements.ts";

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
  // Of the statement, not of the transaction: each is prepared and bound when the one before it has ended.
  now: "floor(extract(epoch FROM statement_timestamp()))::bigint",
  clock: "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms",
  spread: "SELECT 1 AS found FROM pg_extension WHERE extname = 'citus'",
};

/**
 * @param url `postgres://user:password@host/database`
 * @throws DatabaseError from its operations when the database refuses the user, DatabaseUnavailable when it is away
 */
export function postgresDriver(url: string, limits: PoolLimits = POOL_LIMITS): SqlDriver {
  const { read, write, writeTogether, learnNodes, close } = statements(url, limits);
  return {
    dialect: POSTGRES,
    read: async (sql, args) => namedRows(await read({ sql, args })),
    readValues: async (sql, args) => (await read({ sql, args })).rows,
    write: async (sql, args) => toOutcome(await write({ sql, args })),
    async writeAll(statements) {
      const [only, ...more] = statements;
      if (!only) return [];
      if (more.length > 0) return (await writeTogether(statements)).map(toOutcome);
      const outcome = toOutcome(await write(only));
      if (only.must_change && outcome.changed === 0) throw new NothingChanged();
      return [outcome];
    },
    learnNodes,
    close,
  };
}

const toOutcome = (answer: Answer): Outcome => ({
  changed: answer.changed,
  rows: answer.rows.length > 0 ? namedRows(answer) : [],
});
