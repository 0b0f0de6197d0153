/** All that a SQL database has to provide; SQL is written once, with `?` for arguments. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;
/** A row as a list, in the order of the columns. */
export type Values = readonly Value[];
export interface Statement {
  sql: string;
  args: readonly Value[];
  /** When it changes no row, all of its transaction is undone. */
  must_change?: boolean;
  /** May take as long as it takes: it changes the schema, and no request waits for it. */
  patient?: boolean;
}
export interface Outcome {
  changed: number;
  rows: Row[];
}

export interface SqlDriver {
  readonly dialect: Dialect;
  read(sql: string, args: readonly Value[]): Promise<Row[]>;
  /** The same, for rows of many columns: to name each value costs as much as to read it. */
  readValues(sql: string, args: readonly Value[]): Promise<Values[]>;
  /** One statement, durable when it resolves. */
  write(sql: string, args: readonly Value[]): Promise<Outcome>;
  /** All or nothing, in this order; durable when it resolves. */
  writeAll(statements: readonly Statement[]): Promise<Outcome[]>;
  /** On a distributed database: learns which node holds what, so that one that is silent holds up no other. */
  learnNodes?(): Promise<void>;
  close(): Promise<void>;
}

/** Where SQL databases differ in what we use of them. */
export interface Dialect {
  /** A whole number that holds seconds beyond 2038. */
  integer: string;
  /** What follows the columns of a table. */
  table_options: string;
  /** Keeps a row that a sub-select looks at from being changed or deleted meanwhile. */
  for_share: string;
  tableExists: string;
  /** What follows the columns of a table whose rows change often. */
  hot_table_options: string;
  /** What a migration begins with: it keeps other ones waiting until its transaction ends. */
  migration_start: readonly string[];
  /** Reads the database's clock as `ms`; null: it is this machine's. */
  clock: string | null;
  /** Finds a row where tables are spread over nodes; null: they never are. */
  spread: string | null;
}

/** A statement that had to change something did not, so nothing of its transaction has happened. */
export class NothingChanged extends Error {
  override readonly name = "NothingChanged";
}

/** A row with this key stands already, so nothing of its transaction has happened. */
export class AlreadyThere extends Error {
  override readonly name = "AlreadyThere";
}

/** How many rows the first of these statements changed; 0 when one that had to change something did not. */
export async function changedCount(written: Promise<Outcome[]>): Promise<number> {
  try {
    const [first] = await written;
    return first?.changed ?? 0;
  } catch (error) {
    if (error instanceof NothingChanged) return 0;
    throw error;
  }
}

/** The database is there, but not as this version needs it, or not to be used: an operator has to act. */
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
  /** What an operator could look at. */
  readonly hint: string | undefined;
  constructor(message: string, options: ErrorOptions & { hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}
