/** SQLite with group commit: the writes that arrive in one turn of the event loop share one fsync. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import {
  DatabaseError,
  DatabaseUnavailable,
  type Dialect,
  NothingChanged,
  type Outcome,
  type Row,
  type SqlDriver,
  type Statement,
  type Value,
} from "./sql_driver.ts";

export const SQLITE: Dialect = {
  integer: "INTEGER",
  table_options: " STRICT, WITHOUT ROWID",
  hot_table_options: " STRICT, WITHOUT ROWID",
  for_key_share: "",
  // Every write keeps all others waiting.
  migration_start: [],
  clock: null,
  spread: null,
  tableExists: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
};
/** How long (milliseconds) a write waits for another process, such as a command, to finish its own. */
const BUSY_TIMEOUT = 5000;
const HEADER = "SQLite format 3\0";

interface Write {
  statements: readonly Statement[];
  resolve(outcomes: Outcome[]): void;
  reject(reason: unknown): void;
}
type Settled = { outcomes: Outcome[] } | { error: unknown };

/**
 * Opens or creates the file; `:memory:` lives as long as the driver.
 * @throws DatabaseError when the file is no SQLite database or can't be written
 */
export function sqliteDriver(path: string): SqlDriver {
  const db = open(path);
  const statements = preparer(db);
  const { enqueue, flush } = groupCommit(db, statements);
  return {
    dialect: SQLITE,
    async read(sql, args) {
      try {
        return statements(sql).all(...args) as Row[];
      } catch (error) {
        throw explainSqlite(error);
      }
    },
    async write(sql, args: readonly Value[]) {
      const [outcome] = await enqueue([{ sql, args }]);
      return outcome ?? { changed: 0, rows: [] };
    },
    writeAll: enqueue,
    async close() {
      flush();
      if (db.isOpen) db.close();
    },
  };
}

type Prepare = (sql: string) => StatementSync;

function preparer(db: DatabaseSync): Prepare {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql);
    if (known) return known;
    const statement = db.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
}

function groupCommit(db: DatabaseSync, prepare: Prepare) {
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
      // After closing, nothing can be undone, and whoever still writes has to be told.
      if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
      for (const { reject } of batch) reject(explainSqlite(error));
    }
  }

  /** Each write is atomic in itself: a failing one takes no other along. */
  function attempt({ statements }: Write): Settled {
    const several = statements.length > 1;
    try {
      if (several) db.exec("SAVEPOINT one");
      const outcomes = statements.map((statement) => run(statement, prepare));
      if (several) db.exec("RELEASE one");
      return { outcomes };
    } catch (error) {
      // A full disk makes SQLite roll back all by itself: what came after would commit alone.
      if (!db.isTransaction) throw error;
      if (several) db.exec("ROLLBACK TO one; RELEASE one");
      return { error };
    }
  }

  return {
    flush: commitAll,
    enqueue(statements: readonly Statement[]): Promise<Outcome[]> {
      return new Promise((resolve, reject) => {
        if (waiting.length === 0) setImmediate(commitAll);
        waiting.push({ statements, resolve, reject });
      });
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

function open(path: string): DatabaseSync {
  if (path !== ":memory:") checkFile(path);
  try {
    // Password hashes and people's data: for this user only, and SQLite makes its other files like this one.
    if (path !== ":memory:") closeSync(openSync(path, "a", 0o600));
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT });
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF");
    return db;
  } catch (cause) {
    const explained = explainSqlite(cause);
    if (explained instanceof DatabaseError) throw explained;
    throw new DatabaseError(
      `cannot open the database ${path}: ${cause instanceof Error ? cause.message : cause}`,
      "check that the folder exists and that this user may write the file and its folder",
      { cause },
    );
  }
}

/** SQLite would say these things at the first statement only, or at the first write, and less clearly. */
function checkFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  const refuse = (why: string, hint: string, cause?: unknown) =>
    new DatabaseError(`${path} ${why}`, hint, { cause });
  const other = "name another file with --database sqlite:FILE, or put back a backup";
  if (!stats.isFile()) throw refuse("is not a file", other);
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    const hint = "this user needs to write it and, since SQLite keeps files beside it, its folder";
    throw refuse("is not writable", hint, cause);
  }
  if (stats.size > 0 && readHead(path) !== HEADER)
    throw refuse("is not a SQLite database, or it is damaged", other);
}

function readHead(path: string): string {
  const head = Buffer.alloc(HEADER.length);
  const file = openSync(path, "r");
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  return head.toString("latin1");
}

const LATER = /locked|busy|full|disk i\/o|unable to open|not open|readonly/i;

const DAMAGED = /malformed|not a database/i;

/** What may pass by itself is told apart from what is wrong with the statement. */
export function explainSqlite(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (LATER.test(error.message)) return new DatabaseUnavailable(error.message, { cause: error });
  if (DAMAGED.test(error.message))
    return new DatabaseError(
      `the database is damaged: ${error.message}`,
      "stop the server and put back a backup (`valetkey backup` makes one)",
      { cause: error },
    );
  return error;
}
