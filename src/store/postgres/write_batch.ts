/** Writes of several requests in one transaction, each of which stands alone. */
import type { PoolClient } from "pg";
import type { Statement } from "../sql/driver.ts";
import type { Gathered } from "./batch.ts";
import { isOfStatement, isStale, NotAnswered } from "./errors.ts";
import { placeNamedBy } from "./named_place.ts";
import { send } from "./query.ts";
import { inTransaction } from "./transaction.ts";

/** A write that meets a locked row holds up no others: all are undone, and each waits alone. */
const NO_LONG_LOCKS: Statement = { sql: "SET LOCAL lock_timeout = 50", args: [] };

/**
 * In the order of their places, so that two such transactions rarely wait for each other. After an error of a statement
 * nothing is written, and each can be repeated alone.
 * @throws the error, for those that are not settled: they may have been written
 */
export async function sendWrites(
  client: PoolClient,
  writes: readonly Gathered[],
  { timeout, discard }: { timeout: number; discard: () => void },
): Promise<void> {
  const [first, ...more] = writes;
  if (!first) return;
  if (more.length === 0) return first.resolve(await send(client, first.statement, timeout));
  const sorted = [...writes].sort((a, b) => placeOf(a) - placeOf(b));
  try {
    const [, ...answers] = await inTransaction(
      client,
      // Whether a row had to change is for the caller of each to check: the others stand.
      [NO_LONG_LOCKS, ...sorted.map(({ statement: { sql, args } }) => ({ sql, args }))],
      { timeout, discard },
    );
    for (const [i, answer] of answers.entries()) sorted[i]?.resolve(answer);
  } catch (error) {
    if (isOfStatement(error) || isStale(error))
      for (const { reject } of writes) reject(new NotAnswered());
    throw error;
  }
}

const placeOf = ({ statement: { sql, args } }: Gathered): number => placeNamedBy(sql, args) ?? 0;
