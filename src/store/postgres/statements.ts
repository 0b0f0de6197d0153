/** How a statement goes to the database: in a batch, alone, or with others in a transaction. */
import type { Statement } from "../sql/driver.ts";
import { attempts, type Tried } from "./attempt.ts";
import { type Batches, batches } from "./batch.ts";
import { isSlow, postgresErrors, tooManyWait } from "./errors.ts";
import type { PoolLimits } from "./limits.ts";
import { placeNamedBy } from "./named_place.ts";
import { nodeGates, PLACES_BY_NODE } from "./node_gates.ts";
import { type BoundedPool, boundedPool } from "./pool.ts";
import { type Answer, namedRows, send } from "./query.ts";
import { sendReads } from "./read_batch.ts";
import { inTransaction } from "./transaction.ts";
import { sendWrites } from "./write_batch.ts";

/** Milliseconds for a change of the schema: an index on many rows takes its time. */
const PATIENCE = 6 * 3_600_000;
/** Statements of a transaction that share one time-out: those of a request are fewer, those of a copy many more. */
const SHARE_TIMEOUT = 16;

/** Each throws DatabaseError, DatabaseUnavailable, or the error of `pg`. */
export interface Statements {
  read(statement: Statement): Promise<Answer>;
  /** Whether a row has to change is for the caller to check. */
  write(statement: Statement): Promise<Answer>;
  /** @throws NothingChanged */
  writeTogether(statements: readonly Statement[]): Promise<Answer[]>;
  learnNodes(): Promise<void>;
  close(): Promise<void>;
}

export function statements(url: string, limits: PoolLimits): Statements {
  const pool = boundedPool(url, limits);
  const explain = postgresErrors(url);
  const gates = nodeGates(limits, isSlow);
  // PostgreSQL ends slow statements itself. This time-out is for a server that has become unreachable.
  const timeout = limits.statement_timeout + 1000;
  const { reads, writes } = batchesOf(pool.lend, { timeout, give_up: limits.batch_timeout });
  let is_distributed = false;

  const assertRoom = roomIn([reads, writes], pool, limits);
  const { attempt, mayRepeat } = attempts({ pool, limits, assertRoom, explain });

  const timeoutOf = (statements: readonly Statement[]): number =>
    statements.some(({ patient }) => patient)
      ? PATIENCE
      : (gates.timeoutOf(statements) ?? timeout) * Math.ceil(statements.length / SHARE_TIMEOUT);

  const alone = (statement: Statement, tried: Tried): Promise<Answer> =>
    gates.pass([statement], (asked) =>
      attempt((client) => {
        asked();
        return send(client, statement, timeoutOf([statement]));
      }, tried),
    );

  async function inBatch(statement: Statement, batch: Batches): Promise<Answer> {
    const tried = begin({ reads: batch === reads });
    try {
      assertRoom();
      return await batch.add(statement);
    } catch (error) {
      if (!mayRepeat(error, tried)) throw explain(error);
      return alone(statement, tried);
    }
  }

  return {
    read: (statement) =>
      // A node that is silent must not hold up reads of other nodes.
      gates.timeoutOf([statement]) === undefined
        ? inBatch(statement, reads)
        : alone(statement, begin({ reads: true })),
    // A write that names no place is housekeeping of many rows, which must not hold up requests. Over several nodes, a
    // transaction keeps to one of them.
    write: (statement) =>
      is_distributed || statement.patient || placeNamedBy(statement.sql, statement.args) === null
        ? alone(statement, begin({ reads: false }))
        : inBatch(statement, writes),
    writeTogether: (statements) =>
      gates.pass(statements, (asked) =>
        attempt(
          (client, discard) => {
            asked();
            return inTransaction(client, statements, { timeout: timeoutOf(statements), discard });
          },
          begin({ reads: false }),
        ),
      ),
    async learnNodes() {
      is_distributed = true;
      // A database that does not report its nodes has no gates: they share the pool.
      const asked = alone({ sql: PLACES_BY_NODE, args: [] }, begin({ reads: true }));
      gates.learn(await asked.then(namedRows).catch(() => []));
    },
    close: pool.close,
  };
}

/** @returns a function that throws DatabaseUnavailable when too many statements wait already */
const roomIn = (both: readonly Batches[], pool: BoundedPool, limits: PoolLimits) => (): void => {
  // A batch that waits for a connection is counted by its statements.
  let others = pool.waiting();
  let waiting = 0;
  for (const batch of both) {
    others -= batch.asking();
    waiting += batch.waiting();
  }
  if (Math.max(0, others) + waiting >= limits.waiting) throw tooManyWait();
};

const begin = ({ reads }: { reads: boolean }): Tried => ({ reads, began: performance.now() });

const batchesOf = (
  lend: BoundedPool["lend"],
  { timeout, give_up }: { timeout: number; give_up: number },
): { reads: Batches; writes: Batches } => ({
  reads: batches({
    lend,
    send: (client, batch) => sendReads(client, batch, { timeout, give_up }),
  }),
  writes: batches({
    lend,
    send: (client, batch, discard) => sendWrites(client, batch, { timeout, discard }),
  }),
});
