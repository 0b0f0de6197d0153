/**
 * Statements on a connection of `pg`, in one write: each is parsed once on a connection, then bound and executed, and
 * one Sync ends them all. The queries of `pg` itself ask for the columns at each execution, copy their configuration
 * and start timers. `pg` takes queries of others as objects with `submit`, such as those of pg-cursor.
 */
import type { ClientBase, Connection, FieldDef } from "pg";
import type { Row, Statement, Value, Values } from "../sql/driver.ts";
import { AnswerTimeout } from "./errors.ts";

export interface Answer {
  /** The names of the columns. */
  columns: readonly string[];
  rows: Values[];
  /** The number of rows that were changed, or read. */
  changed: number;
}

export interface Sending {
  /** Milliseconds for all statements together. */
  timeout: number;
  /** Called for each statement, in order. Its writes count only when all have been answered. */
  answered(answer: Answer): void;
}

/**
 * Without BEGIN among them, the statements run in one transaction of their own. After an error the database skips the
 * rest.
 * @throws the error of the first statement that was not answered, or AnswerTimeout
 */
export const sendAll = (
  client: ClientBase,
  statements: readonly Statement[],
  { timeout, answered }: Sending,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new AnswerTimeout(timeout));
      // `pg` would say goodbye to a server that does not listen, and keep the socket.
      connectionOf(client)?.stream.destroy();
    }, timeout);
    let memory: Memory | undefined;
    let running: Prepared[] = [];
    let rows: Values[] = [];
    let at = 0;
    const query = {
      // With `query_timeout` in the address of the database, `pg` puts its own time-out here, which ends when called.
      callback: () => {},
      submit(connection: Connection) {
        memory = memoryOf(connection);
        running = submit(statements, connection, memory);
      },
      handleRowDescription({ fields }: { fields: FieldDef[] }) {
        const prepared = running[at];
        if (prepared) prepared.columns = columnsOf(fields);
      },
      handleDataRow({ fields }: { fields: (string | null)[] }) {
        rows.push(parsed(fields, running[at]?.columns?.numbers ?? []));
      },
      handleCommandComplete({ text }: { text: string }) {
        const prepared = running[at];
        if (prepared) prepared.columns ??= NO_COLUMNS;
        answered({ columns: prepared?.columns?.names ?? [], rows, changed: countIn(text) });
        rows = [];
        at += 1;
      },
      handleReadyForQuery() {
        clearTimeout(late);
        query.callback();
        if (at === statements.length) resolve();
        else reject(new Error(`${at} of ${statements.length} statements were answered`));
      },
      // `pg` holds back the next query until the database is ready for it.
      handleError(error: Error) {
        clearTimeout(late);
        query.callback();
        if (memory) forgetUnconfirmed(memory);
        reject(error);
      },
    };
    client.query(query);
  });

/** `pg` does not declare it. */
const connectionOf = (client: ClientBase): Connection | undefined =>
  "connection" in client ? (client.connection as Connection) : undefined;

/** One statement alone. Its writes are durable when this resolves. */
export async function send(
  client: ClientBase,
  statement: Statement,
  timeout: number,
): Promise<Answer> {
  let answer: Answer = { columns: [], rows: [], changed: 0 };
  await sendAll(client, [statement], {
    timeout,
    answered(given) {
      answer = given;
    },
  });
  return answer;
}

/** The rows of an answer by the names of their columns. */
export const namedRows = ({ columns, rows }: Answer): Row[] =>
  rows.map((values) => {
    const row: Record<string, Value> = {};
    for (const [i, name] of columns.entries()) row[name] = values[i] ?? null;
    return row;
  });

/** A statement that a connection knows, or is about to. */
interface Prepared {
  sql: string;
  name: string;
  is_parsed: boolean;
  /** Null: not described yet. */
  columns: Columns | null;
}
interface Columns {
  names: readonly string[];
  /** The positions of those that hold numbers. */
  numbers: readonly number[];
}
const NO_COLUMNS: Columns = { names: [], numbers: [] };

/** The statements that one connection has prepared. `pg` has such a memory too, but its versions differ in it. */
interface Memory {
  prepared: Map<string, Prepared>;
  /** Names that were given so far. */
  named: number;
  /** Sent, and not confirmed yet. */
  parsing: Prepared[];
}
const memories = new WeakMap<Connection, Memory>();

function memoryOf(connection: Connection): Memory {
  const known = memories.get(connection);
  if (known) return known;
  const made: Memory = { prepared: new Map(), named: 0, parsing: [] };
  connection.on("parseComplete", () => {
    const confirmed = made.parsing.shift();
    if (confirmed) confirmed.is_parsed = true;
  });
  memories.set(connection, made);
  return made;
}

/**
 * Statements behind an error were skipped. Each gets another name the next time, since a pooler may have taken note of
 * the first one.
 */
function forgetUnconfirmed({ parsing, prepared }: Memory): void {
  for (const { sql } of parsing.splice(0)) prepared.delete(sql);
}

/** Several messages become one write. */
function submit(
  statements: readonly Statement[],
  connection: Connection,
  memory: Memory,
): Prepared[] {
  connection.stream.cork();
  try {
    const running = statements.map(({ sql, args }) => {
      const prepared = preparedFor(sql, memory);
      if (!prepared.is_parsed && !memory.parsing.includes(prepared)) {
        memory.parsing.push(prepared);
        connection.parse({ name: prepared.name, text: numbered(sql), types: [] }, true);
      }
      connection.bind({ statement: prepared.name, values: args.map(asText) }, true);
      if (!prepared.columns) connection.describe({ type: "P" }, true);
      connection.execute(null, true);
      return prepared;
    });
    connection.sync();
    return running;
  } finally {
    connection.stream.uncork();
  }
}

function preparedFor(sql: string, memory: Memory): Prepared {
  const known = memory.prepared.get(sql);
  if (known) return known;
  const made: Prepared = {
    ...{ sql, name: `valetkey_${memory.named}` },
    ...{ is_parsed: false, columns: null },
  };
  memory.named += 1;
  memory.prepared.set(sql, made);
  return made;
}

/** `?` becomes `$1`, `$2` and so on. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll("?", () => {
    count += 1;
    return `$${count}`;
  });
}

/** PostgreSQL text can't hold a NUL. A stranger's value with one is simply not found, which is no error. */
const asText = (value: Value): string | null =>
  typeof value === "string" && value.includes("\0")
    ? value.replaceAll("\0", "\ufffd")
    : value === null
      ? null
      : String(value);

/** BIGINT, SMALLINT, INTEGER, REAL and DOUBLE PRECISION: times and counts, which are exact as JavaScript numbers. */
const NUMBERS = new Set([20, 21, 23, 700, 701]);

const columnsOf = (fields: readonly FieldDef[]): Columns => ({
  names: fields.map(({ name }) => name),
  numbers: fields.flatMap(({ dataTypeID }, i) => (NUMBERS.has(dataTypeID) ? [i] : [])),
});

function parsed(fields: Value[], numbers: readonly number[]): Values {
  for (const i of numbers) {
    const text = fields[i];
    if (typeof text === "string") fields[i] = Number(text);
  }
  return fields;
}

/** `UPDATE 3`, `INSERT 0 1`, `SELECT 2`; `BEGIN` counts nothing. */
const countIn = (tag: string): number => Number(tag.slice(tag.lastIndexOf(" ") + 1)) || 0;
