/**
 * The reads of one turn of the event loop go to the database in one batch. A few connections are enough for them, so
 * that reads that are asked for while those are busy gather into larger batches.
 */
import type { PoolClient } from "pg";
import { DatabaseUnavailable, type Statement } from "../sql/driver.ts";
import { isOfStatement } from "./errors.ts";
import { type Answer, sendAll } from "./query.ts";

/** Batches at a time. */
const FEW = 4;
/** Reads in one batch: they are answered one after the other. */
const MOST_READS = 32;
/** Milliseconds. A batch that takes longer holds up no other one, and until its end further reads go alone. */
const SLOW = 50;

export interface BatchOptions {
  /** Milliseconds for a batch. */
  timeout: number;
  /** Reads that may wait; the next one is refused at once. */
  most_waiting: number;
  /** Runs `work` on a connection. */
  lend(work: (client: PoolClient) => Promise<void>): Promise<void>;
}

export interface BatchedReads {
  /**
   * @throws SkippedRead when another read of the batch failed before this one was tried, DatabaseUnavailable when too
   * many wait, or the error of `pg`
   */
  read(statement: Statement): Promise<Answer>;
  /** The number of reads that were not sent yet. */
  waiting(): number;
}

/** Another read of the batch failed, and the database skipped this one. */
export class SkippedRead extends Error {
  override readonly name = "SkippedRead";
}

export const tooManyWait = (): DatabaseUnavailable =>
  new DatabaseUnavailable("too many requests wait for a database connection");

interface Read {
  statement: Statement;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export function batchedReads({ timeout, most_waiting, lend }: BatchOptions): BatchedReads {
  const gathered: Read[] = [];
  /** Batches that count among the few, and those that were sent and take long. */
  const running = new Set<readonly Read[]>();
  const slow = new Set<readonly Read[]>();
  let waiting = 0;
  let is_due = false;

  /** After the sockets of this turn have been read, so that the reads of all their requests go together. */
  function sendSoon(): void {
    if (is_due) return;
    is_due = true;
    setImmediate(() => {
      is_due = false;
      while (gathered.length > 0 && (running.size < FEW || slow.size > 0))
        void run(gathered.splice(0, slow.size > 0 ? 1 : MOST_READS));
    });
  }

  async function run(reads: readonly Read[]): Promise<void> {
    running.add(reads);
    let unsent = reads.length;
    const leaveQueue = (): void => {
      waiting -= unsent;
      unsent = 0;
    };
    const late = setTimeout(() => {
      running.delete(reads);
      if (unsent === 0) slow.add(reads);
      sendSoon();
    }, SLOW);
    try {
      await lend((client) => {
        leaveQueue();
        return sendReads(client, reads, timeout);
      });
    } catch (error) {
      for (const { reject } of reads) reject(error);
    } finally {
      leaveQueue();
      clearTimeout(late);
      running.delete(reads);
      slow.delete(reads);
      if (gathered.length > 0) sendSoon();
    }
  }

  return {
    read: (statement) =>
      new Promise((resolve, reject) => {
        if (waiting >= most_waiting) throw tooManyWait();
        waiting += 1;
        gathered.push({ statement, resolve, reject });
        sendSoon();
      }),
    waiting: () => waiting,
  };
}

/**
 * Settles the reads that were answered, and those that an error of one statement concerns. The database sends all
 * answers at the end of the batch, or with an error.
 * @throws the error, for those that are not settled
 */
async function sendReads(
  client: PoolClient,
  reads: readonly Read[],
  timeout: number,
): Promise<void> {
  const left = [...reads];
  const statements = reads.map(({ statement }) => statement);
  try {
    await sendAll(client, statements, {
      timeout,
      answered: (answer) => left.shift()?.resolve(answer),
    });
  } catch (error) {
    if (isOfStatement(error)) {
      left.shift()?.reject(error);
      for (const { reject } of left) reject(new SkippedRead());
    }
    throw error;
  }
}
