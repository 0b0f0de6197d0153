/** Reads of several requests in one batch. */
import type { PoolClient } from "pg";
import type { Gathered } from "./batch.ts";
import { isOfStatement, NotAnswered } from "./errors.ts";
import { sendAll } from "./query.ts";

/**
 * Settles the reads that were answered, and those that an error of one statement concerns. The database sends all
 * answers at the end of the batch, or with an error. After `give_up` milliseconds, each of several reads can be
 * repeated alone, since one of them may be slow; what the batch brings later is not used.
 * @throws the error, for those that are not settled
 */
export async function sendReads(
  client: PoolClient,
  reads: readonly Gathered[],
  { timeout, give_up }: { timeout: number; give_up: number },
): Promise<void> {
  const left = [...reads];
  const leave = (): void => {
    for (const { reject } of left) reject(new NotAnswered());
  };
  const late = reads.length > 1 ? setTimeout(leave, give_up) : undefined;
  try {
    await sendAll(
      client,
      reads.map(({ statement }) => statement),
      { timeout, answered: (answer) => left.shift()?.resolve(answer) },
    );
  } catch (error) {
    if (isOfStatement(error)) {
      left.shift()?.reject(error);
      leave();
    }
    throw error;
  } finally {
    clearTimeout(late);
  }
}
