/**
 * One process writes for several. Each sends it the statements of one event-loop turn as one message, and gets one
 * message about all its writes in a commit. Messages are plain values, and their transport is not known here.
 */

import { DatabaseUnavailable, type Outcome, type Statement, type Value } from "../sql/driver.ts";
import { packError, type SentError, unpackError } from "./sent_error.ts";

export interface WriteMessage {
  kind: "write";
  id: number;
  /** Each SQL text once, since many writes share it. */
  texts: readonly string[];
  writes: readonly (readonly SentStatement[])[];
}
export interface WrittenMessage {
  kind: "written";
  batches: readonly Written[];
}
interface Written {
  id: number;
  results: readonly Result[];
}
/** Index of the text, arguments, and whether the statement must change a row. */
type SentStatement = readonly [text: number, args: readonly Value[], must_change: boolean];
type Result = { outcomes: Outcome[] } | { error: SentError };
type WriteAll = (statements: readonly Statement[]) => Promise<Outcome[]>;

export interface ChannelLimits {
  /** Writes that may wait for their answer; the next one is refused at once. */
  waiting: number;
  /** Milliseconds to wait for an answer: more than the writer waits for other processes. */
  timeout: number;
}

export const CHANNEL_LIMITS: ChannelLimits = { waiting: 1000, timeout: 10_000 };

export interface RemoteWriter {
  writeAll: WriteAll;
  /** To be called with each message from the writer. */
  heard(message: WrittenMessage): void;
  /** Resolves when every request has its answer. */
  close(): Promise<void>;
}

interface Write {
  statements: readonly Statement[];
  resolve(outcomes: Outcome[]): void;
  reject(reason: unknown): void;
}

/** The end of a process that sends its writes. */
export function remoteWriter(
  send: (message: WriteMessage) => void,
  { waiting: most, timeout }: ChannelLimits = CHANNEL_LIMITS,
): RemoteWriter {
  let turn: Write[] = [];
  const sent = outstanding(timeout);

  function sendTurn(): void {
    const writes = turn;
    turn = [];
    if (writes.length === 0) return;
    const id = sent.add(writes);
    try {
      send({ kind: "write", id, ...packed(writes) });
    } catch (cause) {
      sent.fail(id, new DatabaseUnavailable("the writing process has ended", { cause }));
    }
  }

  return {
    writeAll: (statements) =>
      new Promise((resolve, reject) => {
        if (sent.count() + turn.length >= most) {
          reject(new DatabaseUnavailable("too many writes wait for the database"));
          return;
        }
        if (turn.length === 0) setImmediate(sendTurn);
        turn.push({ statements, resolve, reject });
      }),
    heard({ batches }) {
      for (const { id, results } of batches)
        for (const [i, { resolve, reject }] of sent.take(id).entries()) {
          const result = results[i];
          if (result && "outcomes" in result) resolve(result.outcomes);
          else reject(unpackError(result?.error));
        }
    },
    close() {
      sendTurn();
      return sent.emptied();
    },
  };
}

/** Requests without an answer yet. */
function outstanding(timeout: number) {
  const batches = new Map<number, { writes: Write[]; late: NodeJS.Timeout }>();
  let last = 0;
  let waiting = 0;
  let whenEmpty: () => void = () => {};

  function take(id: number): Write[] {
    const batch = batches.get(id);
    if (!batch) return [];
    clearTimeout(batch.late);
    batches.delete(id);
    waiting -= batch.writes.length;
    if (waiting === 0) whenEmpty();
    return batch.writes;
  }

  function fail(id: number, error: DatabaseUnavailable): void {
    for (const { reject } of take(id)) reject(error);
  }

  /** As after a lost connection, it is not known whether they were written. */
  const giveUp = (id: number): void =>
    fail(id, new DatabaseUnavailable("the writing process does not answer"));

  return {
    take,
    fail,
    count: () => waiting,
    add(writes: Write[]): number {
      last += 1;
      waiting += writes.length;
      batches.set(last, { writes, late: setTimeout(giveUp, timeout, last) });
      return last;
    },
    async emptied(): Promise<void> {
      if (waiting > 0) await new Promise<void>((resolve) => (whenEmpty = resolve));
    },
  };
}

function packed(writes: readonly Write[]): Pick<WriteMessage, "texts" | "writes"> {
  const texts = new Map<string, number>();
  const indexOf = (sql: string): number => {
    const known = texts.get(sql) ?? texts.size;
    texts.set(sql, known);
    return known;
  };
  return {
    writes: writes.map(({ statements }) =>
      statements.map(({ sql, args, must_change = false }) => [indexOf(sql), args, must_change]),
    ),
    texts: [...texts.keys()],
  };
}

/** The end of the process that writes. @returns a function that takes the messages of one sender */
export function writerFor(
  writeAll: WriteAll,
  answer: (message: WrittenMessage) => void,
): (message: WriteMessage) => void {
  let done: Written[] = [];

  function answerAll(): void {
    const batches = done;
    done = [];
    answer({ kind: "written", batches });
  }

  const settle = (statements: readonly Statement[]): Promise<Result> =>
    writeAll(statements).then(
      (outcomes) => ({ outcomes }),
      (error: unknown) => ({ error: packError(error) }),
    );

  return async ({ id, texts, writes }) => {
    const statementsOf = (write: readonly SentStatement[]): Statement[] =>
      write.map(([text, args, must_change]) => ({ sql: texts[text] ?? "", args, must_change }));
    const results = await Promise.all(writes.map((write) => settle(statementsOf(write))));
    // All writes of the commit are settled before the next tick.
    if (done.length === 0) process.nextTick(answerAll);
    done.push({ id, results });
  };
}
