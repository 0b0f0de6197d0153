/** The interface of a SQL database. SQL is written once, with `?` for arguments. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;
/** A row as a list, in the order of the columns. */
export type Values = readonly Value[];
export interface Statement {
  sql: string;
  args: readonly Value[];
  /** A transaction is undone when this statement changes no row. */
  must_change?: boolean;
  /** Without a time-out: the statement changes the schema, and no request waits for it. */
  patient?: boolean;
}
export interface Outcome {
  changed: number;
  rows: Row[];
}

export interface SqlDriver {
  readonly dialect: Dialect;
  read(sql: string, args: readonly Value[]): Promise<Row[]>;
  /** The same for rows of many columns, without their names: naming a value costs as much as reading it. */
  readValues(sql: string, args: readonly Value[]): Promise<Values[]>;
  /** One statement, durable when it resolves. */
  write(sql: string, args: readonly Value[]): Promise<Outcome>;
  /** All or nothing, in this order; durable when it resolves. */
  writeAll(statements: readonly Statement[]): Promise<Outcome[]>;
  /** On a distributed database: learns which node holds which places, so that a silent node holds up no other. */
  learnNodes?(): Promise<void>;
  close(): Promise<void>;
}

/** The differences between SQL databases that matter here. */
export interface Dialect {
  /** A whole number that holds seconds beyond 2038. */
  integer: string;
  /** Options after the columns of a table. */
  table_options: string;
  /** Locks a row that a sub-select reads against changes and deletion. */
  for_share: string;
  tableExists: string;
  /** Options after the columns of a table whose rows change often. */
  hot_table_options: string;
  /** Statements at the start of a migration, which keep other migrations waiting until its transaction ends. */
  migration_start: readonly string[];
  /** Reads the database's clock as `ms`; null: it is this machine's. */
  clock: string | null;
  /** An expression for the seconds since the epoch at which its statement begins. */
  now: string;
  /** A query that finds a row when tables are spread over nodes; null: they never are. */
  spread: string | null;
}

/** A statement with `must_change` changed no row, so its transaction was undone. */
export class NothingChanged extends Error {
  override readonly name = "NothingChanged";
}

/** A row with this key exists already, so its transaction was undone. */
export class AlreadyThere extends Error {
  override readonly name = "AlreadyThere";
}

/**
 * The number of rows that the first of these statements changed; 0 when a statement with `must_change` changed none.
 */
export async function changedCount(written: Promise<Outcome[]>): Promise<number> {
  try {
    const [first] = await written;
    return first?.changed ?? 0;
  } catch (error) {
    if (error instanceof NothingChanged) return 0;
    throw error;
  }
}

/** The database can't be used as it is, or this version can't use it: an operator has to act. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly hint: string;
  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** The database can't take or answer this now; the same request may work later. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
  /** A hint for the operator. */
  readonly hint: string | undefined;
  constructor(message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}
