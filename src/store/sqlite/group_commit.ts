/** Group commit: the writes that arrive in one turn of the event loop share one fsync. */
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import {
  DatabaseUnavailable,
  NothingChanged,
  type Outcome,
  type Row,
  type Statement,
} from "../sql/driver.ts";
import { explainSqlite, isBusy } from "./errors.ts";
import { BUSY_TIMEOUT, TRY_AGAIN_EVERY } from "./file.ts";
import type { Prepare } from "./statements.ts";

/** Writes that wait while another process writes. */
const MOST_WAITING = 10_000;

interface Write {
  statements: readonly Statement[];
  /** When it no longer waits for another process (milliseconds, `performance.now`). */
  until: number;
  resolve(outcomes: Outcome[]): void;
  reject(reason: unknown): void;
}
type Settled = { outcomes: Outcome[] } | { error: unknown };

export function groupCommit(db: DatabaseSync, prepare: Prepare) {
  let waiting: Write[] = [];

  function commitAll(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      db.exec("BEGIN IMMEDIATE");
      const settled = batch.map(attempt);
      db.exec("COMMIT");
      for (const [i, { resolve, reject }] of batch.entries()) {
        const result = settled[i];
        if (result && "outcomes" in result) resolve(result.outcomes);
        else reject(explainSqlite(result?.error));
      }
    } catch (error) {
      // After `close` there is nothing to roll back, and pending writes have to be rejected.
      if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
      else if (isBusy(error)) {
        wait(batch, error);
        return;
      }
      for (const { reject } of batch) reject(explainSqlite(error));
    }
  }

  /** Another process is writing: the event loop goes on meanwhile, and so do reads. */
  function wait(batch: readonly Write[], error: unknown): void {
    const now = performance.now();
    const patient = batch.filter(({ until }) => until > now);
    for (const write of batch) if (write.until <= now) write.reject(explainSqlite(error));
    waiting = [...patient, ...waiting];
    if (waiting.length > 0) setTimeout(commitAll, TRY_AGAIN_EVERY);
  }

  /** Each write is atomic in itself: its failure does not affect the others. */
  function attempt({ statements }: Write): Settled {
    const several = statements.length > 1;
    try {
      if (several) db.exec("SAVEPOINT one");
      const outcomes = statements.map((statement) => run(statement, prepare));
      if (several) db.exec("RELEASE one");
      return { outcomes };
    } catch (error) {
      // On a full disk SQLite rolls back the whole transaction by itself, and later statements would commit alone.
      if (!db.isTransaction) throw error;
      if (several) db.exec("ROLLBACK TO one; RELEASE one");
      return { error };
    }
  }

  function enqueue(statements: readonly Statement[]): Promise<Outcome[]> {
    return new Promise((resolve, reject) => {
      if (waiting.length >= MOST_WAITING) {
        reject(new DatabaseUnavailable("too many writes wait for the database"));
        return;
      }
      if (waiting.length === 0) setImmediate(commitAll);
      waiting.push({ statements, until: performance.now() + BUSY_TIMEOUT, resolve, reject });
    });
  }

  return {
    enqueue,
    /** Resolves when each write has its answer. */
    async emptied(): Promise<void> {
      commitAll();
      while (waiting.length > 0) await delay(TRY_AGAIN_EVERY);
    },
  };
}

function run({ sql, args, must_change = false }: Statement, prepare: Prepare): Outcome {
  const statement = prepare(sql);
  if (sql.includes("RETURNING")) {
    const rows = statement.all(...args) as Row[];
    return { changed: rows.length, rows };
  }
  const changed = Number(statement.run(...args).changes);
  if (must_change && changed === 0) throw new NothingChanged();
  return { changed, rows: [] };
}
