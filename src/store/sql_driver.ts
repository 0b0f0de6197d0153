/** All that a SQL database has to provide; SQL is written once, with `?` for arguments. */

export type Value = string | number | null;
export type Row = Readonly<Record<string, Value>>;
export interface Statement {
  sql: string;
  args: readonly Value[];
}
export interface Outcome {
  changed: number;
  rows: Row[];
}

export interface SqlDriver {
  readonly dialect: Dialect;
  read(sql: string, args: readonly Value[]): Promise<Row[]>;
  /** One statement, durable when it resolves. */
  write(sql: string, args: readonly Value[]): Promise<Outcome>;
  /** All or nothing, in this order; durable when it resolves. */
  writeAll(statements: readonly Statement[]): Promise<Outcome[]>;
  /** Runs `work` while no other process migrates. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Where SQL databases differ in what we use of them. */
export interface Dialect {
  /** A whole number that holds seconds beyond 2038. */
  integer: string;
  /** What follows the columns of a table. */
  table_options: string;
  /** Keeps a row that a sub-select looks at from being deleted meanwhile. */
  for_key_share: string;
  tableExists: string;
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
}
