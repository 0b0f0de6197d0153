/**
 * A transaction of several statements in one batch: BEGIN, the statements and COMMIT in one write. Where a statement
 * must change something, COMMIT waits for the answers, and goes in a second write.
 */
import type { PoolClient } from "pg";
import { NothingChanged, type Statement } from "../sql/driver.ts";
import { isOfStatement } from "./errors.ts";
import { type Answer, send, sendAll } from "./query.ts";

const BEGIN: Statement = { sql: "BEGIN", args: [] };
const COMMIT: Statement = { sql: "COMMIT", args: [] };
const ROLLBACK: Statement = { sql: "ROLLBACK", args: [] };

export interface Transaction {
  /** Milliseconds for the whole transaction. */
  timeout: number;
  /** Gives up the connection, which undoes the transaction too. */
  discard(): void;
}

/**
 * After a lost connection or AnswerTimeout it may have been committed. After any other error it was not.
 * @throws NothingChanged, or the error of `pg`
 */
export async function inTransaction(
  client: PoolClient,
  statements: readonly Statement[],
  { timeout, discard }: Transaction,
): Promise<Answer[]> {
  const ends_at = performance.now() + timeout;
  const rest = (): number => Math.max(0, ends_at - performance.now());
  const must_look = statements.some(({ must_change }) => must_change);
  const answers: Answer[] = [];
  // Statements behind one that changed nothing have run too. Their errors do not matter then.
  const nothingChanged = (): boolean =>
    statements.some(({ must_change }, i) => must_change && answers[i + 1]?.changed === 0);
  try {
    await sendAll(client, [BEGIN, ...statements, ...(must_look ? [] : [COMMIT])], {
      timeout,
      answered: (answer) => answers.push(answer),
    });
    if (nothingChanged()) throw new NothingChanged();
    if (must_look) await send(client, COMMIT, rest());
    return answers.slice(1, statements.length + 1);
  } catch (error) {
    const is_undone = error instanceof NothingChanged;
    // After other errors the connection is not used again.
    if (!is_undone && !isOfStatement(error)) throw error;
    await send(client, ROLLBACK, rest()).catch(discard);
    throw nothingChanged() ? new NothingChanged() : error;
  }
}
