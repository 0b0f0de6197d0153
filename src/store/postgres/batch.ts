/**
 * The statements of one turn of the event loop go to the database in one batch. A few connections are enough for them,
 * so that statements that are asked for while those are busy gather into larger batches.
 */
import type { PoolClient } from "pg";
import type { Statement } from "../sql/driver.ts";
import type { BoundedPool } from "./pool.ts";
import type { Answer } from "./query.ts";

/** Batches at a time. */
const FEW = 4;
/** Statements in one batch: they are answered one after the other. */
const MOST = 32;
/**
 * Milliseconds. A batch that takes this much longer than the shortest one lately holds up no other one, and until its
 * end further statements go alone.
 */
const SLOW = 50;
/** Milliseconds. No network takes longer for a batch. */
const FARTHEST = 500;

/** A statement of a batch, which is settled once. */
export interface Gathered {
  readonly statement: Statement;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export interface BatchOptions {
  lend: BoundedPool["lend"];
  /**
   * Sends a batch and settles its statements.
   * @throws the error for those that it has not settled
   */
  send(client: PoolClient, batch: readonly Gathered[], discard: () => void): Promise<void>;
}

export interface Batches {
  /** @throws NotAnswered when only the rest of the batch is to blame, or the error of `pg` */
  add(statement: Statement): Promise<Answer>;
  /** The number of statements that were not sent yet. */
  waiting(): number;
  /** The number of batches that wait for a connection. */
  asking(): number;
}

export function batches({ lend, send }: BatchOptions): Batches {
  const gathered: Gathered[] = [];
  /** Batches that count among the few, and those that were sent and take long. */
  const running = new Set<readonly Gathered[]>();
  const slow = new Set<readonly Gathered[]>();
  /** Milliseconds that the shortest batch lately took. */
  let shortest = FARTHEST;
  let waiting = 0;
  let asking = 0;
  let is_due = false;

  /** After the sockets of this turn have been read, so that the statements of all their requests go together. */
  function sendSoon(): void {
    if (is_due) return;
    is_due = true;
    setImmediate(() => {
      is_due = false;
      while (gathered.length > 0 && (running.size < FEW || slow.size > 0))
        void run(gathered.splice(0, slow.size > 0 ? 1 : MOST));
    });
  }

  async function run(batch: readonly Gathered[]): Promise<void> {
    running.add(batch);
    asking += 1;
    let sent_at: number | null = null;
    const leaveQueue = (): void => {
      if (sent_at !== null) return;
      waiting -= batch.length;
      asking -= 1;
      sent_at = performance.now();
    };
    const late = setTimeout(() => {
      running.delete(batch);
      // One that still waits for a connection is not slow: a full pool needs larger batches, and no single statements.
      if (sent_at !== null) slow.add(batch);
      sendSoon();
    }, SLOW + shortest);
    try {
      await lend(async (client, discard) => {
        leaveQueue();
        await send(client, batch, discard);
        // It grows slowly, so that it follows the network and no single batch.
        shortest = Math.min(performance.now() - (sent_at ?? 0), shortest + 1, FARTHEST);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      leaveQueue();
      clearTimeout(late);
      running.delete(batch);
      slow.delete(batch);
      if (gathered.length > 0) sendSoon();
    }
  }

  return {
    add: (statement) =>
      new Promise((resolve, reject) => {
        waiting += 1;
        gathered.push({ statement, resolve, reject });
        sendSoon();
      }),
    waiting: () => waiting,
    asking: () => asking,
  };
}
